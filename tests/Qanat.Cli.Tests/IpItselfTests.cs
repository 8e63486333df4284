using System.Text.RegularExpressions;
using Qanat.Cli.Tests.Support;
using Qanat.Testing;

namespace Qanat.Cli.Tests;

/// <summary>
/// Random command lines, given to the machine's own <c>ip</c> and to ours: whatever <c>ip</c> says by itself, we say too.
/// </summary>
public sealed partial class IpItselfTests : IDisposable
{
    private const int Lines = 600;

    private static readonly string[] Options =
    [
        "-4", "-6", "-s", "-o", "-N", "-stat", "-f inet", "-f inet6", "-f bad", "-x", "-0", "-c=never", "-l 3", "-rc 0x10", "-rc z",
        "-j", "-j -p", "-d", "-j -s",
    ];

    private static readonly string[] Verbs =
    [
        "add", "a", "change", "del", "d", "show", "s", "list", "lst", "prl", "6rd", "help", "h", "nosuch", "", "chg",
    ];

    private static readonly string[] Words =
    [
        "mode", "mode ipip", "mode gre", "mode ip/ip", "mode vti", "mode isatap", "mode nosuch", "mode any", "mode ip6gre", "remote",
        "remote 192.0.2.1", "remote 192.0.2",
        "remote 239.1.1.1", "remote any", "remote 1.2.3.4.5", "remote ''", "local 0x7f.1", "local ::1", "ttl 64", "ttl 256", "ttl -1",
        "ttl 010", "ttl 08",
        "ttl ' 7'", "hlim inherit", "tos AF11", "tos inherit/10", "tos inherit/", "tos 10/2", "tos zz", "tclass 100", "d 10", "d",
        "pmtudisc", "nopmtudisc",
        "dev", "dev lo", "dev nodev", "key 5", "key x", "ikey 1.2.3", "okey 4294967296", "key -1", "csum", "iseq", "name", "tun1",
        "ipip3", "gre9", "'a b'",
        "a/b", "0123456789abcdef", "ééééééé", "éééééééé", "help", "he", "''",
    ];

    private static readonly string[] Words6 =
    [
        "mode ip6ip6", "mode ip6gre", "mode ipip", "mode", "remote 2001:db8::1", "remote 192.0.2.1", "remote fe80::1%lo", "remote any",
        "local ::", "local 1:2",
        "hoplimit 64", "hlim 256", "tclass 10", "tc 100", "tos inherit", "d x", "flowlabel fffff", "fl 100000", "fl inherit",
        "dscp inherit", "dscp x",
        "encaplimit none", "encaplimit 300", "encaplimit", "allow-localremote", "dev nodev", "key 5", "key x", "csum", "a1", "name a2",
        "help",
    ];

    private static readonly string[] RouterWords =
    [
        "prl-default 192.0.2.1", "prl-delete any", "prl-nodefault x", "prl-default", "dev", "dev lo", "dev a/b",
        "6rd-prefix 2001:db8::/32", "6rd-prefix any",
        "6rd-prefix ::/129", "6rd-prefix x", "6rd-relay_prefix 10.0.0.0/255.0.0.0", "6rd-relay_prefix any/8",
        "6rd-relay_prefix 192.0.0.0/33", "6rd-reset", "help",
    ];

    private readonly TestNamespace _host = new("ip");

    [Fact]
    public void Random_commands_are_answered_as_ip_answers_them()
    {
        var random = new Random(20260);
        var lines = Enumerable.Range(0, Lines).Select(_ => Line(random)).Distinct().ToArray();
        var answers = AnswersOfIp(lines);
        var (compared, differences) = (0, new List<string>());
        foreach (var (line, expected) in lines.Zip(answers))
        {
            var actual = CommandRunner.Run(new UnprivilegedClient(), SplitLikeShell(line));
            if (IsKernels(line, expected))
            {
                if (actual.ExitCode == 255)
                    differences.Add($"$ {line}\nip asked the kernel:\n{expected}but:\n{actual}");
                continue;
            }
            compared++;
            if (actual.ToString() != expected)
                differences.Add($"$ {line}\n{expected}but:\n{actual}");
        }
        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.True(compared > Lines / 2, $"only {compared} of the commands were ip's own to answer");
    }

    public void Dispose() => _host.Dispose();

    private static string Line(Random random)
    {
        var verb = Pick(random, Verbs);
        var six = random.Next(5) == 0;
        var words = verb is "prl" or "6rd" ? RouterWords : six ? Words6 : Words;
        var options = Enumerable.Range(0, random.Next(3) / 2).Select(_ => Pick(random, Options)).Prepend(six ? "-6" : "");
        return string.Join(' ', [.. options.Where(option => option.Length > 0), "tunnel", verb.Length == 0 ? "''" : verb,
            .. Enumerable.Range(0, random.Next(6)).Select(_ => Pick(random, words))]);
    }

    private static string Pick(Random random, string[] words) => words[random.Next(words.Length)];

    // Each answer in a transcript's form, the names of the two programs aside.
    private List<string> AnswersOfIp(string[] lines)
    {
        var script = Path.Combine(_host.RunDirectory, "commands");
        const string answer = ">out 2>err; echo \"[$?]\" >code; cat out; sed 's/^/2> /' err; cat code";
        File.WriteAllLines(script, lines.Select(line => $"ip {line} {answer}"));
        var output = _host.Run($"cd {_host.RunDirectory} && sh commands", TimeSpan.FromMinutes(2)).Required;
        return [.. Answer().Matches(NameOfProgram().Replace(output, "qanat")).Select(answer => answer.Value)];
    }

    // Success, and refusals of what passed the grammar: here without modules, on another machine perhaps with them.
    private static bool IsKernels(string line, string answer) =>
        answer.Contains(" failed: ", StringComparison.Ordinal) || (answer.EndsWith("[0]\n", StringComparison.Ordinal) && !IsShow(line));

    private static bool IsShow(string line) => ShowCommand().IsMatch(line);

    private static string[] SplitLikeShell(string line) => Transcript.Split(line.Replace('\'', '"'));

    [GeneratedRegex(@".*?^\[\d+\]\n", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Answer();

    [GeneratedRegex(@"(?<=^2> Usage: |try "")ip\b", RegexOptions.Multiline)]
    private static partial Regex NameOfProgram();

    [GeneratedRegex(@"tunnel (s|show|lst|list)\b")]
    private static partial Regex ShowCommand();
}
