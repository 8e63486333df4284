using System.Text.RegularExpressions;
using Qanat.Cli.Client;
using Qanat.Cli.Tests.Support;
using Qanat.Daemon.Tests.Fakes;

namespace Qanat.Cli.Tests;

/// <summary>Every recorded command of <c>ip xfrm</c>, run here: see Transcripts/README.md.</summary>
public partial class XfrmTranscriptTests
{
    // How many of the commands are answered as recorded, and as xfrm-deviations.txt has them. The numbers stand here so that a case
    // cannot pass from one kind to the other unseen.
    [Theory]
    [InlineData("xfrm-help", 34, 2)]
    [InlineData("xfrm-state", 67, 6)]
    [InlineData("xfrm-state-options", 107, 13)]
    [InlineData("xfrm-state-grammar", 117, 1)]
    [InlineData("xfrm-policy", 134, 13)]
    [InlineData("xfrm-more", 62, 14)]
    [InlineData("xfrm-unprivileged", 10, 0)]
    public void Commands_are_answered_as_iproute2_answers_them(string chapter, int expectedAsRecorded, int expectedListed)
    {
        using var bench = new XfrmBench();
        var deviations = Deviations(chapter);
        var counts = (AsRecorded: 0, Listed: 0);
        var differences = new List<string>();
        foreach (var recorded in Transcript.Read(chapter))
        {
            var expected = NameOfProgram().Replace(recorded.Answer, "qanat");
            var actual = Run(bench, Transcript.Split(recorded.Command));
            if (actual == expected)
                counts.AsRecorded++;
            else if (deviations.TryGetValue(recorded.Command, out var answers) && answers.TryDequeue(out var listed) && listed == actual)
                counts.Listed++;
            else
                differences.Add($"$ {chapter}: {recorded.Command}\n{expected}but:\n{actual}");
        }
        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.True(deviations.All(deviation => deviation.Value.Count == 0),
            string.Join("\n", deviations.Where(deviation => deviation.Value.Count > 0).Select(deviation => deviation.Key)));
        Assert.Equal((expectedAsRecorded, expectedListed), counts);
    }

    private static string Run(XfrmBench bench, string[] words)
    {
        (IXfrmClient client, string[] args) = words is ["chroot", _, "/", "ip", .. var rest]
            ? (new UnprivilegedXfrmClient(), rest)
            : ((IXfrmClient)new XfrmManagerClient(bench.Xfrm), words[1..]);
        var answer = CommandRunner.Run(client, name => bench.Devices.Find(name) is not null, args).ToString();
        return Date().Replace(answer, "DATE");
    }

    // A command that deviates more than once in a chapter has its answers in their order.
    private static Dictionary<string, Queue<string>> Deviations(string chapter) => Transcript.Read("xfrm-deviations")
        .Where(listed => listed.Command.StartsWith(chapter + ": ", StringComparison.Ordinal))
        .GroupBy(listed => listed.Command[(chapter.Length + 2)..])
        .ToDictionary(same => same.Key, same => new Queue<string>(same.Select(listed => listed.Answer)));

    [GeneratedRegex(@"(?<=^2> Usage: |try "")ip\b", RegexOptions.Multiline)]
    private static partial Regex NameOfProgram();

    [GeneratedRegex(@"(?<=add )\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?= use)")]
    private static partial Regex Date();
}
