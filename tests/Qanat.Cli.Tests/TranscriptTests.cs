using Qanat.Cli.Tests.Support;
using Qanat.Daemon.Tests.Fakes;

namespace Qanat.Cli.Tests;

/// <summary>Every recorded command of <c>ip tunnel</c>, run here: see Transcripts/README.md.</summary>
public class TranscriptTests
{
    // How many of the commands are answered as recorded, without the lines of fallback devices, and as listed. The numbers stand
    // here so that a case cannot pass from one kind to another unseen.
    [Theory]
    [InlineData("help", 7, 0, 0)]
    [InlineData("show", 45, 5, 5)]
    [InlineData("add", 110, 2, 2)]
    [InlineData("change-and-delete", 59, 3, 2)]
    [InlineData("prl-and-6rd", 67, 0, 3)]
    [InlineData("ipv6", 42, 3, 0)]
    [InlineData("gre", 78, 4, 2)]
    [InlineData("sit", 82, 2, 1)]
    [InlineData("vti", 62, 2, 0)]
    [InlineData("ip6tnl", 105, 8, 3)]
    public void Commands_are_answered_as_iproute2_answers_them(string chapter, int asRecorded, int withoutFallbacks, int listed)
    {
        using var bench = new Bench();
        var machine = new TranscriptMachine(bench);
        var expectations = new TranscriptExpectations(chapter);
        var counts = new int[Enum.GetValues<Expectation>().Length];
        var differences = new List<string>();
        foreach (var recorded in Transcript.Read(chapter))
        {
            var (kind, expected) = expectations.Next(recorded);
            var actual = machine.Run(recorded.Command);
            counts[(int)kind]++;
            if (actual != expected)
                differences.Add($"$ {recorded.Command}\n{kind}:\n{expected}but:\n{actual}");
        }
        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.Empty(expectations.Unused);
        Assert.Equal([asRecorded, withoutFallbacks, listed], counts);
    }
}

/// <summary>Runs the recorded command lines: ours, and the few of other programs that prepare something.</summary>
internal sealed class TranscriptMachine(Bench bench)
{
    private readonly ControlPlaneClient _client = new(bench.Tunnels);

    /// <summary>Runs a line and returns the answer as a transcript has it.</summary>
    public string Run(string line)
    {
        var answer = "";
        foreach (var command in line.Split("; "))
            answer = RunOne(Transcript.Split(command)) is { } outcome ? outcome.ToString() : "[0]\n";
        return answer;
    }

    private CommandOutcome? RunOne(string[] words)
    {
        switch (words)
        {
            case ["ip", "link", "add", var name, "type", "dummy"]:
                bench.Devices.AddForeign(name);
                return null;
            case ["ip", "link", "del", var name]:
                Remove(name);
                return null;
            case ["ip", "link", "set", ..]:
                return null;
            case ["ip", .. var args]:
                return CommandRunner.Run(_client, DeviceExists, args);
            case ["unshare", "-U", "ip", .. var args]:
                return CommandRunner.Run(new UnprivilegedClient(), DeviceExists, args);
            case ["chroot", "--userspec=65534:65534", "/", "ip", .. var args]:
                return CommandRunner.Run(new UnprivilegedClient(), DeviceExists, args);
            default:
                throw new InvalidOperationException($"not a command of a transcript: {string.Join(' ', words)}");
        }
    }

    private bool DeviceExists(string name) => bench.Devices.Find(name) is not null;

    // As when ip deletes the device underneath a tunnel: the data plane hears of it.
    private void Remove(string name)
    {
        var index = bench.Devices.Find(name)!.Index;
        bench.Devices.Remove(index);
        bench.Plane.SayGone(index);
    }
}
