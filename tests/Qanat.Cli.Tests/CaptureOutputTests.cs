using Qanat.Cli.Capture;
using Qanat.Linux;
using Qanat.Packets;

namespace Qanat.Cli.Tests;

/// <summary>What becomes of a capture's output: readers that go, and interfaces without a name.</summary>
public class CaptureOutputTests
{
    [Theory]
    [InlineData(32, true)]
    [InlineData(Errno.ENOSPC, false)]
    public void A_reader_that_has_gone_is_told_from_a_full_disk(int error, bool gone) =>
        Assert.Equal(gone, new CaptureOutputException(new LinuxException("write to standard output", error)).IsClosedPipe);

    [Theory]
    [InlineData("", CaptureDirection.Unknown, " ")]
    [InlineData("", CaptureDirection.Inbound, " In ")]
    [InlineData("eth0", CaptureDirection.Unknown, " eth0 ")]
    [InlineData("eth0", CaptureDirection.Outbound, " eth0 Out ")]
    public void What_is_not_known_of_an_interface_leaves_no_gap(string name, CaptureDirection direction, string between)
    {
        var output = new StringWriter();
        using var sink = new PrintingSink(output, new() { Devices = [] }, named: true);
        sink.Take(new(name, CaptureLinkType.Raw), new() { Direction = direction, OriginalLength = 1 }, [0x45]);
        Assert.Contains(between + "IP", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("  ", output.ToString(), StringComparison.Ordinal);
    }
}
