using Qanat.Packets;
using Qanat.WireGuard.Tests.Simulation;
using Xunit;

namespace Qanat.WireGuard.Tests.Devices;

/// <summary>Congestion through the tunnel, as the kernel's WireGuard has it (RFC 6040; drivers/net/wireguard/send.c, receive.c).</summary>
public sealed class EcnTests : IDisposable
{
    private static readonly IPv6Address s_left = new(new UInt128(0xFD00_0000_0000_0000, 1));
    private static readonly IPv6Address s_right = new(new UInt128(0xFD00_0000_0000_0000, 2));

    private readonly JoinedEnds _ends = new();
    private readonly PacketBatch _inner = new(4, 1 << 17);

    public EcnTests()
    {
        _ends.RouteIPv6(s_left, s_right);
        Send(0, 0);
    }

    public static TheoryData<byte, byte, bool> Outer => new(
        from pair in new (byte, byte)[] { (0x00, 0), (0x01, 1), (0x02, 2), (0x03, 2), (0xB8, 0), (0xBB, 2) }
        from isIPv6 in new[] { false, true }
        select (pair.Item1, pair.Item2, isIPv6));

    [Theory]
    [MemberData(nameof(Outer))]
    public void The_outer_header_tells_of_congestion_and_nothing_else(byte inner, byte outer, bool isIPv6)
    {
        Send(inner, null, isIPv6);
        Assert.Equal([outer], _ends.TrafficClasses);
        Assert.Equal(inner, Arrived(isIPv6));
    }

    // The inner field, the outer one when it arrives, and the inner one that comes out (RFC 6040, figure 4).
    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(0, 2, 0)]
    [InlineData(0, 3, 0)] // which RFC 6040 drops, and WireGuard does not
    [InlineData(1, 0, 1)]
    [InlineData(1, 2, 1)]
    [InlineData(1, 3, 3)]
    [InlineData(2, 0, 2)]
    [InlineData(2, 1, 1)]
    [InlineData(2, 3, 3)]
    [InlineData(3, 0, 3)]
    [InlineData(3, 2, 3)]
    public void Marks_on_the_way_come_out_inside(byte inner, byte outer, byte expected)
    {
        foreach (var isIPv6 in new[] { false, true })
        {
            Send((byte)(0xA8 | inner), (byte)(0x10 | outer), isIPv6);
            Assert.Equal(0xA8 | expected, Arrived(isIPv6));
        }
    }

    [Fact]
    public void A_mark_that_changes_ends_a_super_datagram()
    {
        _ends.Forget();
        _inner.Clear();
        foreach (var tos in new byte[] { 0, 0, 2, 0xB8 })
            Add(tos, isIPv6: false);
        _ends.Pass(_inner);
        Assert.Equal([0, 2, 0], _ends.TrafficClasses);
        Assert.Equal(4, _ends.Delivered);
    }

    [Fact]
    public void Handshakes_are_af41_and_empty_messages_plain()
    {
        using var ends = new JoinedEnds();
        _inner.Clear();
        Add(2, isIPv6: false);
        ends.Pass(_inner);
        Assert.Equal([0x88, 2], ends.TrafficClasses); // an initiation, and the packet that waited for the session
        ends.Forget();
        ends.SendKeepalive();
        Assert.Equal([0], ends.TrafficClasses);
    }

    public void Dispose()
    {
        _ends.Dispose();
        _inner.Dispose();
    }

    private void Send(byte tos, byte? onTheWay, bool isIPv6 = false)
    {
        _ends.Forget();
        _ends.TrafficClassOnTheWay = onTheWay;
        _inner.Clear();
        Add(tos, isIPv6);
        _ends.Pass(_inner);
    }

    private void Add(byte tos, bool isIPv6)
    {
        _inner.TryAdd(100, PacketBatch.DefaultHeadroom, out var index);
        var packet = _inner.Bytes(index);
        if (isIPv6)
        {
            packet.Clear();
            IPv6Header.Write(packet, tos, 0x12345, packet.Length - IPv6Header.Size, IpProtocol.Icmpv6, 64, s_left, s_right);
            return;
        }
        SimulatedHost.WritePacket(packet, JoinedEnds.LeftInner, JoinedEnds.RightInner, 1);
        IPv4Header.SetTypeOfService(packet, tos);
    }

    // The packet as it came out, whose header must be right.
    private int Arrived(bool isIPv6)
    {
        Assert.Equal(1, _ends.Delivered);
        if (isIPv6)
        {
            Assert.True(IPv6Header.TryParse(_ends.LastDelivered, out var ipv6));
            return ipv6.TrafficClass;
        }
        Assert.True(IPv4Header.TryParse(_ends.LastDelivered, out var ipv4));
        Assert.True(InternetChecksum.IsValid(InternetChecksum.Sum(_ends.LastDelivered[..IPv4Header.MinSize])));
        return ipv4.TypeOfService;
    }
}
