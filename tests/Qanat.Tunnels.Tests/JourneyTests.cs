using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>Whoever watches a tunnel sees each packet on both sides, and why one went no further.</summary>
public sealed class JourneyTests : IDisposable
{
    private readonly TunnelHost _host = new(new() { Local = Ip("192.0.2.2"), Remote = Ip("192.0.2.1") });
    private readonly Log _log = new();

    public JourneyTests() => _host.Tunnel.AddObserver(_log);

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_packet_on_its_way_out_is_seen_inside_and_outside()
    {
        var inner = Inner();
        var outer = Assert.Single(_host.FromDevice(inner).Sent);
        Assert.Equal([("begin", JourneySide.Inner, Hex(inner), null), ("continue", JourneySide.Outer, Hex(outer), null)], _log.Steps);
    }

    [Fact]
    public void A_packet_on_its_way_in_is_seen_outside_and_inside()
    {
        var inner = Inner();
        var outer = Outer(inner);
        _host.FromWire(outer);
        Assert.Equal([("begin", JourneySide.Outer, Hex(outer), null), ("continue", JourneySide.Inner, Hex(inner), null)], _log.Steps);
    }

    [Fact]
    public void A_packet_that_is_dropped_says_why()
    {
        byte[] notIp = [0x60, 0, 0, 0];
        _host.FromDevice(notIp);
        var outer = Outer([0x60, 0, 0, 0]);
        _host.FromWire(outer);
        Assert.Equal(
            [
                ("begin", JourneySide.Inner, Hex(notIp), DropReason.InnerProtocol),
                ("begin", JourneySide.Outer, Hex(outer), DropReason.InnerProtocol),
            ],
            _log.Steps);
    }

    [Fact]
    public void Whoever_has_left_sees_nothing_and_the_end_is_told_once()
    {
        _host.Tunnel.RemoveObserver(_log);
        _host.FromDevice(Inner());
        Assert.Empty(_log.Steps);
        _host.Tunnel.AddObserver(_log);
        _host.Engine.Remove(_host.Tunnel);
        Assert.Equal(1, _log.Ends);
        _host.Tunnel.AddObserver(_log);
        Assert.Equal(2, _log.Ends);
    }

    private static string Hex(byte[] packet) => Convert.ToHexString(packet);

    private sealed class Log : IJourneyObserver
    {
        public List<(string Step, JourneySide Side, string Packet, DropReason? Dropped)> Steps { get; } = [];

        public int Ends { get; private set; }

        public void OnBegin(JourneySide side, ReadOnlySpan<byte> packet, DropReason? dropped = null) =>
            Steps.Add(("begin", side, Convert.ToHexString(packet), dropped));

        public void OnContinue(JourneySide side, ReadOnlySpan<byte> packet) =>
            Steps.Add(("continue", side, Convert.ToHexString(packet), null));

        public void OnEnd() => Ends++;
    }
}
