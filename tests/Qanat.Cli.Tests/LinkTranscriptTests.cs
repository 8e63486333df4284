using System.Net.NetworkInformation;
using System.Text.RegularExpressions;
using Qanat.Cli.Iproute2.Links;
using Qanat.Cli.Tests.Support;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Linux;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Tests;

/// <summary>
/// Every recorded command of <c>ip link</c>, <c>ip fou</c>, <c>ip l2tp</c> and <c>bridge fdb</c>: see Transcripts/README.md.
/// </summary>
public partial class LinkTranscriptTests
{
    // How many of the commands are answered as recorded, without the lines of fallback devices, and as listed.
    [Theory]
    [InlineData("link", 283, 0, 12)]
    [InlineData("link-more", 18, 0, 0)]
    [InlineData("fou", 61, 0, 0)]
    [InlineData("l2tp", 82, 0, 1)]
    [InlineData("l2tp-sessions", 17, 0, 0)]
    [InlineData("fdb", 85, 0, 2)]
    [InlineData("link-types", 145, 0, 0)]
    [InlineData("fallback", 111, 0, 0)]
    [InlineData("fdb-get", 119, 0, 16)]
    public void Commands_are_answered_as_iproute2_answers_them(string chapter, int asRecorded, int withoutFallbacks, int listed)
    {
        var withFallbacks = chapter == "fallback";
        using var bench = new SettingsBench(new Bench(withFallbacks));
        var expectations = new TranscriptExpectations(chapter, withFallbacks);
        var counts = new int[Enum.GetValues<Expectation>().Length];
        var differences = new List<string>();
        foreach (var recorded in Transcript.Read(chapter))
        {
            var (kind, expected) = expectations.Next(recorded);
            expected = Comparable(expected.Replace("Usage: bridge ", "Usage: qanat ").Replace("try \"bridge ", "try \"qanat "));
            var actual = Comparable(Run(bench, recorded.Command));
            counts[(int)kind]++;
            if (actual != expected)
                differences.Add($"$ {recorded.Command}\n{kind}:\n{expected}but:\n{actual}");
        }
        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.Empty(expectations.Unused);
        Assert.Equal([asRecorded, withoutFallbacks, listed], counts);
    }

    private static string Run(SettingsBench bench, string line)
    {
        var words = Transcript.Split(line);
        if (line == "ip link set lo up")
            return "[0]\n";
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var session = new Session
        {
            Out = output,
            Error = error,
            Connect = () => new ControlPlaneClient(bench.Tunnels.Tunnels, bench),
            ConnectXfrm = () => throw new InvalidOperationException("These commands have nothing to do with IPsec."),
            DeviceExists = name => bench.Tunnels.Devices.Find(name) is not null,
            Links = new FakeLinks(bench.Tunnels.Devices),
        };
        var exitCode = App.Run(words[1..], session);
        return new CommandOutcome(output.ToString(), error.ToString(), exitCode).ToString().Replace("\n\n", "\n", StringComparison.Ordinal);
    }

    // What a device is beside its tunnel is left out: indices, flags, queues, random addresses. So are the many times that usage
    // names the program. A forwarding table has no order.
    private static string Comparable(string answer)
    {
        answer = AnswerInJson().Replace(answer, "$1");
        answer = FirstLine().Replace(answer, "$1:");
        answer = AfterDetails().Replace(answer, "");
        answer = EthernetAddress().Replace(answer, "$1");
        answer = UsageLine().Replace(answer, "$1qanat ");
        if (FdbLine().IsMatch(answer))
            answer = string.Join('\n', answer.Split('\n').Order(StringComparer.Ordinal));
        if (answer.StartsWith("[{\"mac\"", StringComparison.Ordinal))
            answer = string.Join("},{", answer.Split('\n')[0].Trim('[', ']', '{', '}').Split("},{").Order(StringComparer.Ordinal));
        return answer;
    }

    [GeneratedRegex(
        @"^\[\{""ifindex"".*?(?:""linkinfo"":(\{""info_kind"":""\w+"",""info_data"":\{(?:[^{}]|\{[^{}]*\})*\}\}).*)?$",
        RegexOptions.Multiline)]
    private static partial Regex AnswerInJson();

    [GeneratedRegex(@"^\d+: (\S+): <[^>]*> mtu \d+ qdisc [^\n\\]*", RegexOptions.Multiline)]
    private static partial Regex FirstLine();

    [GeneratedRegex(@"(?: permaddr \S+)? promiscuity [^\n\\]*|(?<= )(?:addrgenmode|numtxqueues) [^\n\\]*")]
    private static partial Regex AfterDetails();

    [GeneratedRegex(@"(link/ether) [0-9a-f:]{17}")]
    private static partial Regex EthernetAddress();

    [GeneratedRegex(@"^(2> (?:Usage:|      ) |2> ""|2> (?:Command|Garbage) .* [tT]ry "")ip (?=fou|l2tp|link)", RegexOptions.Multiline)]
    private static partial Regex UsageLine();

    [GeneratedRegex(@"^[0-9a-f:]{17} ", RegexOptions.Multiline)]
    private static partial Regex FdbLine();

    private sealed class FakeLinks(FakeDevices devices) : ILinkDevices
    {
        public IReadOnlyList<Link> List() => [.. devices.List().Select(Describe)];

        public Link? Find(string name) => devices.Find(name) is { } device ? Describe(device) : null;

        public void Set(int index, int? mtu, PhysicalAddress? address, bool? up)
        {
            if (mtu is < 68)
                throw new LinuxException("set mtu", Errno.EINVAL);
            if (mtu is { } bytes)
                devices.SetMtu(index, bytes);
        }

        private static Link Describe(Daemon.Devices.DeviceInfo device) =>
            new() { Index = device.Index, Name = device.Name, Mtu = device.Mtu };
    }
}
