using Qanat.Daemon.Capture;
using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.Tests;

/// <summary>What a client sees of a tunnel's packets.</summary>
public sealed class TunnelTapTests
{
    [Fact]
    public async Task A_client_that_leaves_while_a_packet_passes_does_no_harm()
    {
        var tap = new TunnelTap("t", CaptureLinkType.Raw, 0, TimeProvider.System);
        using var leaving = new CancellationTokenSource();
        var stream = new MemoryStream();
        var copying = tap.CopyToAsync(stream, leaving.Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => copying);
        tap.Dispose();
        tap.OnBegin(JourneySide.Inner, [0x45]);
        tap.OnContinue(JourneySide.Outer, [0x45]);
        tap.OnEnd();
    }

    [Fact]
    public async Task A_journey_has_one_number_and_its_end_is_told()
    {
        using var tap = new TunnelTap("t", CaptureLinkType.Raw, 2, TimeProvider.System);
        tap.OnBegin(JourneySide.Inner, [0x45, 1, 2]);
        tap.OnContinue(JourneySide.Outer, [0x46]);
        tap.OnBegin(JourneySide.Outer, [0x47], DropReason.OuterHeader);
        tap.OnEnd();
        var stream = new MemoryStream();
        await tap.CopyToAsync(stream, TestContext.Current.CancellationToken);
        stream.Position = 0;
        var reader = new PcapngReader(stream);
        List<(int, ulong, CaptureDirection, int, string?, string)> seen = [];
        while (reader.TryRead(out var packet, out var bytes))
            seen.Add((packet.Interface, packet.Id, packet.Direction, packet.OriginalLength, packet.Comment, Convert.ToHexString(bytes)));
        Assert.Equal(
            [
                (0, 1, CaptureDirection.Outbound, 3, null, "4501"),
                (1, 1, CaptureDirection.Outbound, 1, null, "46"),
                (1, 2, CaptureDirection.Inbound, 1, "dropped: outer header", "47"),
            ], seen);
        Assert.Equal([new(1, 0), new(2, 0)], reader.Statistics);
    }

    [Fact]
    public async Task Frames_inside_are_told_from_packets()
    {
        using var tap = new TunnelTap("t", CaptureLinkType.Ethernet, 0, TimeProvider.System);
        tap.OnBegin(JourneySide.Inner, new byte[14]);
        tap.OnContinue(JourneySide.Outer, [0x45]);
        tap.OnEnd();
        var stream = new MemoryStream();
        await tap.CopyToAsync(stream, TestContext.Current.CancellationToken);
        stream.Position = 0;
        var reader = new PcapngReader(stream);
        while (reader.TryRead(out _, out _))
        {
        }
        Assert.Equal([CaptureLinkType.Ethernet, CaptureLinkType.Raw], reader.Interfaces.Select(one => one.LinkType));
    }
}
