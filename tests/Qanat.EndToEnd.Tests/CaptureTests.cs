using System.Text.Json;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary><c>qanat capture</c> on a wire, and inside and outside of our own tunnel.</summary>
public sealed class CaptureTests : IDisposable
{
    private const string Wire = "eth0";
    private readonly Experiment _experiment = new();

    public void Dispose() => _experiment.Dispose();

    private TestNamespace A => _experiment.A;

    [Fact]
    public void A_wires_packets_are_printed_as_tcpdump_prints_them()
    {
        using var theirs = A.Start($"tcpdump -nS -t -c 4 -i {Wire} icmp");
        using var ours = A.Start($"exec qanat capture {Wire} -c 4 icmp");
        WaitForStart(theirs, "listening on");
        WaitForStart(ours, "capturing on");
        A.Do($"ping -c 2 -i 0.05 -W 5 {TwoHosts.AddressOfB}");
        var expected = theirs.WaitForExit().Output;
        var printed = ours.WaitForExit();
        Assert.Equal(0, printed.ExitCode);
        Assert.Equal(expected, string.Concat(printed.Output.Split('\n').SkipLast(1).Select(line => line[16..] + "\n")));
    }

    [Fact]
    public void A_ping_through_the_tunnel_is_four_journeys_of_two_packets()
    {
        using var capture = A.Start("exec qanat capture tun1 -s 262144 -c 8 icmp");
        WaitForStart(capture, "capturing on");
        A.Do($"ping -c 1 -W 5 {Experiment.InnerB}", $"ping -c 1 -W 5 {Experiment.InnerB}"); // the second after the answer
        var result = capture.WaitForExit();
        var lines = result.Output.TrimEnd('\n').Split('\n');
        Assert.Equal(8, lines.Length);
        const string outer = $"{TwoHosts.AddressOfA} > {TwoHosts.AddressOfB}: IP ";
        const string inner = $"{Experiment.InnerA} > {Experiment.InnerB}: ICMP echo request, ";
        Assert.Matches(@"^\S+ #1 tun1 Out IP " + inner, lines[0]);
        Assert.Matches(@"^\S+ #1 tun1 outer Out IP " + outer + inner, lines[1]);
        Assert.Matches(@"^\S+ #2 tun1 outer In IP ", lines[2]);
        Assert.Matches(@"^\S+ #2 tun1 In IP .*echo reply", lines[3]);
        Assert.Contains("8 packets captured, 0 lost", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_tunnel_drops_says_why()
    {
        using var capture = A.Start("exec qanat capture tun1 --json");
        WaitForStart(capture, "capturing on");
        A.Do("ip -6 addr add fd00::1/64 dev tun1 nodad");
        A.Run("ping -c 1 -W 0.2 fd00::2");
        Wait.Until(() => capture.Output.Contains("dropped: inner protocol", StringComparison.Ordinal), what: "the reason");
        capture.Interrupt();
        Assert.Equal(0, capture.WaitForExit().ExitCode);
        Assert.All(capture.Output.TrimEnd('\n').Split('\n'), line => JsonDocument.Parse(line).Dispose());
    }

    [Fact]
    public void A_file_opens_in_tshark_without_a_warning_and_links_inner_and_outer()
    {
        var file = Path.Combine(A.RunDirectory, "tun1.pcapng");
        using var capture = A.Start($"exec qanat capture tun1 --dev {Wire} -w {file}");
        WaitForStart(capture, "capturing on");
        A.Do($"ping -c 3 -i 0.05 -W 5 {Experiment.InnerB}");
        Wait.Until(() => new FileInfo(file).Length > 2000, what: "the packets");
        capture.Terminate();
        Assert.Equal(0, capture.WaitForExit().ExitCode);
        var read = A.Run($"tshark -n -r {file} -T fields -e frame.interface_name -e frame.packet_id -e ip.proto icmp");
        Assert.DoesNotContain(read.Error.Split('\n'),
            line => line.Length > 0 && !line.StartsWith("Running as user", StringComparison.Ordinal));
        var packets = read.Output.TrimEnd('\n').Split('\n').Select(line => line.Split('\t')).ToArray();
        Assert.Contains(packets, packet => packet[0] == Wire);
        var inner = packets.Where(packet => packet[0] == "tun1").Select(packet => packet[1]).ToArray();
        var outer = packets.Where(packet => packet[0] == "tun1 outer").Select(packet => packet[1]).ToArray();
        Assert.True(inner.Length >= 6);
        Assert.Equal(inner.Order(), outer.Order());
        Assert.Contains("tun1 outer", A.Do($"capinfos {file}"), StringComparison.Ordinal);

        // What was written is read back, with a filter.
        var back = A.Do($"qanat capture -r {file} icmp and host {Experiment.InnerA}");
        Assert.Contains("#1 tun1 Out IP", back, StringComparison.Ordinal);
    }

    [Fact]
    public void Standard_output_is_a_stream_for_another_program()
    {
        using var capture = A.Start("qanat capture tun1 -c 4 -w - | tshark -n -r - 2>/dev/null");
        Wait.Until(() => capture.Error.Contains("capturing on", StringComparison.Ordinal), what: "the start");
        A.Do($"ping -c 1 -W 5 {Experiment.InnerB}");
        Assert.Equal(4, capture.WaitForExit().Output.TrimEnd('\n').Split('\n').Length);
    }

    [Theory]
    [InlineData("qanat capture nosuch", 1, "Cannot find device \"nosuch\"\n")]
    [InlineData("qanat capture lo foo bar", 1, "The filter \"foo bar\" makes no sense: can't parse filter expression: syntax error\n")]
    [InlineData("qanat capture", 255, "A device is expected, any for all of them: qanat capture DEV\n")]
    [InlineData("qanat capture -r /nosuch", 1, "Cannot read /nosuch: No such file or directory\n")]
    [InlineData("qanat capture -r /etc/passwd", 1, "/etc/passwd: This is no pcapng file.\n")]
    [InlineData("qanat capture lo -w /nosuch/file", 1, "Cannot write /nosuch/file: No such file or directory\n")]
    [InlineData("qanat capture lo -w /tmp", 1, "Cannot write /tmp: Is a directory\n")]
    [InlineData("qanat capture -r /tmp", 1, "Cannot read /tmp: Is a directory\n")]
    public void What_makes_no_sense_says_so_in_a_line(string command, int exitCode, string error)
    {
        var result = A.Run(command);
        Assert.Equal((exitCode, error), (result.ExitCode, result.Error));
    }

    [Fact]
    public void The_end_of_the_device_is_the_end_of_the_capture()
    {
        A.Do("ip link add q0 type veth peer name q1", "ip link set q0 up");
        using var wire = A.Start("exec qanat capture q0");
        using var tunnel = A.Start("exec qanat capture tun1");
        WaitForStart(wire, "capturing on");
        WaitForStart(tunnel, "capturing on");
        A.Do("ip link del q0", "qanat tunnel del tun1");
        var ended = wire.WaitForExit();
        Assert.Equal(1, ended.ExitCode);
        Assert.EndsWith("\ncapture on q0: No such device (ENODEV): the device has gone\n", ended.Error, StringComparison.Ordinal);
        Assert.Equal(0, tunnel.WaitForExit().ExitCode);
    }

    [Fact]
    public void A_signal_ends_the_reading_of_a_pipe_that_is_silent()
    {
        var folder = Directory.CreateTempSubdirectory("qanat-").FullName;
        try
        {
            using var recording = A.Start($"exec qanat capture tun1 -c 2 -w {folder}/file");
            WaitForStart(recording, "capturing on");
            A.Do($"ping -c 1 -W 5 {Experiment.InnerB}");
            recording.WaitForExit();
            using var reading = A.Start(
                $"mkfifo {folder}/pipe; exec 9<>{folder}/pipe; cat {folder}/file >&9; exec qanat capture -r - <&9");
            Wait.Until(() => reading.Output.Contains("echo request", StringComparison.Ordinal), what: "the packets");
            reading.Terminate();
            Assert.Equal(0, reading.WaitForExit().ExitCode);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void WaitForStart(RunningCommand command, string word) =>
        Wait.Until(() => command.Error.Contains(word, StringComparison.Ordinal), what: word);
}
