using System.Text.RegularExpressions;
using Qanat.Cli.Tests.Support;

namespace Qanat.Cli.Tests;

/// <summary>How the answer that is expected follows from the recorded one.</summary>
internal enum Expectation
{
    /// <summary>It is the recorded one.</summary>
    AsRecorded,

    /// <summary>
    /// The lines of tunnels that are not there are left out: those of modes not carried, and the kernel's fallback devices.
    /// </summary>
    WithoutOtherModes,

    /// <summary>The command makes a tunnel of a mode that is not carried, or changes what only such tunnels have.</summary>
    NotCarried,

    /// <summary>It is written down in deviations.txt.</summary>
    Listed,
}

/// <summary>
/// Derives the expected answers of a transcript, in the order of its commands, and keeps account of the tunnels that would be there
/// if every mode were carried.
/// </summary>
internal sealed partial class TranscriptExpectations(string chapter)
{
    private static readonly string[] OtherModes = ["gre", "gre/ip", "sit", "ipv6/ip", "isatap", "vti"];

    private static readonly Dictionary<string, string> OtherModes6 = new()
    {
        ["ip6ip6"] = "ip6ip6", ["ipv6/ipv6"] = "ip6ip6", ["ipip6"] = "ipip6", ["ip4ip6"] = "ipip6", ["ipv4/ipv6"] = "ipip6",
        ["ip6gre"] = "ip6gre", ["vti6"] = "vti6", ["any"] = "any", ["any/ipv6"] = "any",
    };

    private readonly HashSet<string> _missing = ["tunl0", "gre0", "sit0", "ip_vti0", "ip6tnl0", "ip6gre0", "ip6_vti0"];

    private readonly Dictionary<string, string> _listed = Transcript.Read("deviations")
        .Where(listed => listed.Command.StartsWith(chapter + ": ", StringComparison.Ordinal))
        .ToDictionary(listed => listed.Command[(chapter.Length + 2)..], listed => listed.Answer);

    /// <summary>Deviations that no command of the transcript has.</summary>
    public IReadOnlyCollection<string> Unused => _listed.Keys;

    /// <summary>The answer expected to the next command.</summary>
    public (Expectation Kind, string Answer) Next(TranscriptCase recorded)
    {
        var answer = NameOfProgram().Replace(recorded.Answer, "qanat");
        if (_listed.Remove(recorded.Command, out var listed))
            return (Expectation.Listed, listed);
        var words = Transcript.Split(recorded.Command);
        var at = Array.IndexOf(words, "tunnel") + 1;
        var verb = at > 0 && at < words.Length ? words[at] : "";
        if (verb is "add" or "prl" or "6rd" && IsKernels(answer) && Missing(words, verb) is { } refusal)
        {
            if (verb == "add" && answer == "[0]\n")
                _missing.Add(words[at + 1]);
            return (Expectation.NotCarried, $"2> {refusal} not in this version of qanat (it has: ipip)\n[1]\n");
        }
        var filtered = WithoutMissing(answer);
        return (filtered == answer ? Expectation.AsRecorded : Expectation.WithoutOtherModes, filtered);
    }

    // What the grammar refuses is refused whatever the mode. What comes after it, from the kernel, is success or one of its errors.
    private static bool IsKernels(string answer) => !answer.StartsWith("2> ", StringComparison.Ordinal) || KernelsError().IsMatch(answer);

    private static string? Missing(string[] words, string verb)
    {
        var mode = Array.IndexOf(words, "mode") is var at and > 0 ? words[at + 1] : words.Contains("-6") ? "ip6ip6" : "";
        return verb switch
        {
            "prl" => "prl needs mode \"isatap\", which is",
            "6rd" => "6rd needs mode \"sit\", which is",
            _ when OtherModes.Contains(mode) => $"Mode \"{mode.Replace("gre/ip", "gre").Replace("ipv6/ip", "sit")}\" is",
            _ when OtherModes6.TryGetValue(mode, out var mode6) => $"Mode \"{mode6}\" is",
            _ => null,
        };
    }

    // Each tunnel's lines: "NAME: ..." and those below that are indented, or its JSON object, which has a line of its own.
    private string WithoutMissing(string answer)
    {
        var kept = new List<string>();
        var keep = true;
        foreach (var line in answer.TrimEnd('\n').Split('\n'))
        {
            var name = NameInText().Match(line) is { Success: true } text ? text.Groups[1].Value
                : NameInJson().Match(line) is { Success: true } json ? json.Groups[1].Value
                : null;
            keep = name is not null ? !_missing.Contains(name) : keep || !line.StartsWith("  ", StringComparison.Ordinal);
            if (keep)
                kept.Add(line);
        }
        if (NameInJson().IsMatch(answer))
            kept = [.. kept.Select((line, i) => line is [_, '{', ..] ? (i == 0 ? '[' : ',') + line[1..] : line)];
        return string.Join('\n', kept) + "\n";
    }

    [GeneratedRegex(@"(?<=^2> Usage: |try "")ip\b", RegexOptions.Multiline)]
    private static partial Regex NameOfProgram();

    [GeneratedRegex(@"^2> (add|get|delete) tunnel "".*"" failed: |^2> \S+: ioctl [0-9a-f]+ failed: ")]
    private static partial Regex KernelsError();

    [GeneratedRegex(@"^([^\s:""]+): ")]
    private static partial Regex NameInText();

    [GeneratedRegex(@"^[\[,]\{""ifname"":""([^""]+)""", RegexOptions.Multiline)]
    private static partial Regex NameInJson();
}
