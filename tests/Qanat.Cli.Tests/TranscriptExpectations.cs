using System.Text.RegularExpressions;
using Qanat.Cli.Tests.Support;

namespace Qanat.Cli.Tests;

/// <summary>How the answer that is expected follows from the recorded one.</summary>
internal enum Expectation
{
    /// <summary>It is the recorded one.</summary>
    AsRecorded,

    /// <summary>The lines of the kernel's fallback devices are left out.</summary>
    WithoutFallbacks,

    /// <summary>It is written down in deviations.txt.</summary>
    Listed,
}

/// <summary>Derives the expected answers of a transcript.</summary>
/// <param name="chapter">The transcript's name.</param>
/// <param name="withFallbacks">Whether fallback devices are there, as with the kernel.</param>
internal sealed partial class TranscriptExpectations(string chapter, bool withFallbacks = false)
{
    private static readonly string[] Fallbacks = ["tunl0", "gre0", "sit0", "ip_vti0", "ip6tnl0", "ip6gre0", "ip6_vti0"];

    private readonly Dictionary<string, string> _listed = Transcript.Read("deviations")
        .Where(listed => listed.Command.StartsWith(chapter + ": ", StringComparison.Ordinal))
        .ToDictionary(listed => listed.Command[(chapter.Length + 2)..], listed => listed.Answer);

    /// <summary>Deviations that no command of the transcript has.</summary>
    public IReadOnlyCollection<string> Unused => _listed.Keys;

    /// <summary>The answer expected to the next command.</summary>
    public (Expectation Kind, string Answer) Next(TranscriptCase recorded)
    {
        if (_listed.Remove(recorded.Command, out var listed))
            return (Expectation.Listed, listed);
        var answer = NameOfProgram().Replace(recorded.Answer, "qanat");
        var filtered = withFallbacks ? answer : WithoutFallbacks(answer);
        return (filtered == answer ? Expectation.AsRecorded : Expectation.WithoutFallbacks, filtered);
    }

    // Each tunnel's lines: "NAME: ..." and those below that are indented, or its JSON object, which has a line of its own.
    private static string WithoutFallbacks(string answer)
    {
        var kept = new List<string>();
        var keep = true;
        foreach (var line in answer.TrimEnd('\n').Split('\n'))
        {
            var name = NameInText().Match(line) is { Success: true } text ? text.Groups[1].Value
                : NameInJson().Match(line) is { Success: true } json ? json.Groups[1].Value
                : null;
            keep = name is not null ? !Fallbacks.Contains(name) : keep || !line.StartsWith("  ", StringComparison.Ordinal);
            if (keep)
                kept.Add(line);
        }
        if (NameInJson().IsMatch(answer))
            kept = [.. kept.Select((line, i) => line is [_, '{', ..] ? (i == 0 ? '[' : ',') + line[1..] : line)];
        return string.Join('\n', kept) + "\n";
    }

    [GeneratedRegex(@"(?<=^2> Usage: |try "")ip\b", RegexOptions.Multiline)]
    private static partial Regex NameOfProgram();

    [GeneratedRegex(@"^([^\s:""]+): ")]
    private static partial Regex NameInText();

    [GeneratedRegex(@"^[\[,]\{""ifname"":""([^""]+)""", RegexOptions.Multiline)]
    private static partial Regex NameInJson();
}
