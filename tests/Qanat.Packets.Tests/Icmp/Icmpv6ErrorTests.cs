using Qanat.Packets.Tests.Headers;
using Xunit;

namespace Qanat.Packets.Tests.Icmp;

public class Icmpv6ErrorTests
{
    private static readonly Icmpv6Error _tooBig = Icmpv6Error.PacketTooBig(1400);
    private static readonly Icmpv6Error _noRoute = Icmpv6Error.Unreachable(Icmpv6UnreachableCode.NoRoute);

    [Theory]
    [InlineData(0)]
    [InlineData(1192)]
    [InlineData(1193)]
    [InlineData(1400)]
    public void An_error_quotes_as_much_as_fits_into_1280_bytes(int length)
    {
        var packet = SamplePackets.IPv6(IpProtocol.Udp, SamplePackets.Noise(length));
        var error = Build(_tooBig, packet)!;
        Assert.Equal(Math.Min(1280, 48 + 40 + length), error.Length);
        Assert.True(IPv6Header.TryParse(error, out var header));
        Assert.Equal((0, 0u, 64, IpProtocol.Icmpv6), (header.TrafficClass, header.FlowLabel, header.HopLimit, header.NextHeader));
        Assert.Equal((SamplePackets.There6, SamplePackets.Here6), (header.Source, header.Destination));
        Assert.True(Icmpv6Header.TryParse(header.Payload, out var icmp));
        Assert.True(icmp.HasValidChecksum(header.Source, header.Destination));
        Assert.False(icmp.HasValidChecksum(header.Source, header.Source));
        Assert.Equal((Icmpv6Type.PacketTooBig, 0, 1400u), (icmp.Type, icmp.Code, icmp.Mtu));
        Assert.True(packet.AsSpan().StartsWith(icmp.OriginalDatagram));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(4, false)]
    [InlineData(127, false)]
    [InlineData(128, true)]
    [InlineData(135, true)]
    [InlineData(137, false)] // redirect
    public void No_error_is_sent_about_an_icmpv6_error_or_redirect(byte type, bool expected)
    {
        Assert.Equal(expected, MayReplyTo(_tooBig, SamplePackets.IPv6(IpProtocol.Icmpv6, [type, 0, 0, 0, 0, 0, 0, 0])));
        Assert.Equal(expected, MayReplyTo(_tooBig, SamplePackets.IPv6(IpProtocol.DestinationOptions,
            [.. SamplePackets.Extension(IpProtocol.Icmpv6), type, 0, 0, 0, 0, 0, 0, 0])));
    }

    [Fact]
    public void A_packet_for_many_is_only_ever_too_big()
    {
        Assert.True(IPv6Address.TryParse("ff02::1", out var all));
        var packet = SamplePackets.IPv6(IpProtocol.Udp, [], destination: all);
        Assert.True(MayReplyTo(_tooBig, packet));
        Assert.False(MayReplyTo(_noRoute, packet));
        Assert.Null(Build(Icmpv6Error.HopLimitExceeded, packet));
        var single = SamplePackets.IPv6(IpProtocol.Udp, []);
        Assert.False(_noRoute.TryBuild(single, SamplePackets.There6, new byte[Icmpv6Error.MaxLength], out _, linkBroadcast: true));
    }

    [Theory]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("fe80::1", true)]
    public void No_error_is_sent_to_who_is_not_one(string source, bool expected)
    {
        Assert.True(IPv6Address.TryParse(source, out var address));
        Assert.Equal(expected, MayReplyTo(_tooBig, SamplePackets.IPv6(IpProtocol.Udp, [], source: address)));
    }

    [Fact]
    public void No_error_is_sent_about_headers_that_are_cut_short() =>
        Assert.False(MayReplyTo(_tooBig, SamplePackets.IPv6(IpProtocol.Routing, [58, 9, 0, 0, 0, 0, 0, 0])));

    private static bool MayReplyTo(Icmpv6Error error, byte[] packet) =>
        IPv6Header.TryParse(packet, out var header) && error.MayReplyTo(header);

    private static byte[]? Build(Icmpv6Error error, byte[] packet)
    {
        var buffer = new byte[Icmpv6Error.MaxLength];
        return error.TryBuild(packet, SamplePackets.There6, buffer, out var length) ? buffer[..length] : null;
    }
}
