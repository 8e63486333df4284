using Qanat.Packets.Tests.Headers;
using Qanat.Testing;
using Xunit;

namespace Qanat.Packets.Tests.Icmp;

public class IcmpErrorTests
{
    private static readonly byte[] _ping = SamplePackets.IPv4(IpProtocol.Icmp, SamplePackets.IcmpEcho());

    [Theory]
    [InlineData("ipip-unreachable", 3)]
    [InlineData("ipip-noproto", 2)]
    [InlineData("ipip-forward-inside", 2)]
    [InlineData("ipip-mtu1500-forward-inside", 1)]
    [InlineData("pmtu-ipip", 1)]
    [InlineData("pmtu-ipip-nopmtudisc", 1)]
    public void The_kernels_errors_are_made_again_byte_for_byte(string capture, int errors)
    {
        List<byte[]> seen = [];
        foreach (var packet in Golden.Load(capture).Packets.Select(packet => packet.ToArray()))
        {
            if (IPv4Header.TryParse(packet, out var header) && header.Protocol == IpProtocol.Icmp &&
                IcmpHeader.TryParse(header.Payload, out var icmp) && icmp.IsError)
            {
                Assert.True(icmp.HasValidChecksum);
                var original = FindOriginal(seen, icmp);
                Assert.Equal(packet, Build(new(icmp.Type, icmp.Code, icmp.RestOfHeader), original, header.Source, header.Identification));
                errors--;
            }
            seen.Add(packet);
        }
        Assert.Equal(0, errors);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(520)]
    [InlineData(528)]
    [InlineData(529)]
    [InlineData(1400)]
    public void An_error_quotes_as_much_as_fits_into_576_bytes(int length)
    {
        var packet = SamplePackets.IPv4(IpProtocol.Udp, SamplePackets.Noise(length));
        var error = Build(IcmpError.FragmentationNeeded(1400), packet)!;
        Assert.Equal(Math.Min(576, 28 + 20 + length), error.Length);
        Assert.True(IPv4Header.TryParse(error, out var header));
        Assert.True(header.HasValidChecksum);
        Assert.Equal((0xC0, 64, false, IpProtocol.Icmp), (header.TypeOfService, header.TimeToLive, header.DontFragment, header.Protocol));
        Assert.Equal((SamplePackets.There, SamplePackets.Here), (header.Source, header.Destination));
        Assert.True(IcmpHeader.TryParse(header.Payload, out var icmp));
        Assert.True(icmp.HasValidChecksum);
        Assert.Equal((IcmpType.DestinationUnreachable, 4, 1400), (icmp.Type, icmp.Code, icmp.NextHopMtu));
        Assert.True(packet.AsSpan().StartsWith(icmp.OriginalDatagram));
    }

    [Theory]
    [InlineData(0x10, 0xD0)]
    [InlineData(0xB8, 0xD8)]
    [InlineData(0x03, 0xC2)]
    public void The_tos_is_internetwork_control_with_what_the_kernel_keeps_of_the_packets(byte tos, byte expected) =>
        Assert.Equal(expected, Build(IcmpError.TimeToLiveExceeded, SamplePackets.IPv4(IpProtocol.Udp, [], tos: tos))![1]);

    [Fact]
    public void Link_padding_is_not_quoted() =>
        Assert.Equal(28 + _ping.Length, Build(IcmpError.Unreachable(IcmpUnreachableCode.Port), [.. _ping, .. new byte[100]])!.Length);

    [Theory]
    [InlineData(0, true)] // echo reply
    [InlineData(3, false)]
    [InlineData(4, false)]
    [InlineData(5, false)]
    [InlineData(8, true)]
    [InlineData(9, false)]
    [InlineData(11, false)]
    [InlineData(12, false)]
    [InlineData(13, true)]
    [InlineData(18, true)]
    [InlineData(19, false)] // unknown to the kernel
    [InlineData(42, false)]
    public void No_error_is_sent_about_an_icmp_error(byte type, bool expected) =>
        Assert.Equal(expected, MayReplyTo(SamplePackets.IPv4(IpProtocol.Icmp, [type, 0, 0, 0])));

    [Fact]
    public void No_error_is_sent_about_icmp_without_a_type() => Assert.False(MayReplyTo(SamplePackets.IPv4(IpProtocol.Icmp, [])));

    [Fact]
    public void An_error_is_sent_about_the_first_fragment_alone()
    {
        Assert.True(MayReplyTo(SamplePackets.IPv4(IpProtocol.Udp, new byte[16], more: true)));
        Assert.False(MayReplyTo(SamplePackets.IPv4(IpProtocol.Udp, new byte[16], more: true, offset: 8)));
        Assert.False(MayReplyTo(SamplePackets.IPv4(IpProtocol.Udp, new byte[16], offset: 8)));
    }

    [Theory]
    [InlineData("192.0.2.1", "224.0.0.5", false)]
    [InlineData("192.0.2.1", "255.255.255.255", false)]
    [InlineData("192.0.2.1", "10.0.0.1", true)]
    [InlineData("0.0.0.0", "10.0.0.1", false)]
    [InlineData("0.1.2.3", "10.0.0.1", false)]
    [InlineData("127.0.0.1", "10.0.0.1", false)]
    [InlineData("224.0.0.1", "10.0.0.1", false)]
    [InlineData("240.0.0.1", "10.0.0.1", false)]
    [InlineData("255.255.255.255", "10.0.0.1", false)]
    public void No_error_is_sent_about_what_was_for_many_or_to_who_is_not_one(string source, string destination, bool expected) =>
        Assert.Equal(expected, MayReplyTo(SamplePackets.IPv4(IpProtocol.Udp, [], source: Parse(source), destination: Parse(destination))));

    [Fact]
    public void No_error_is_built_where_none_may_be_sent()
    {
        var buffer = new byte[IcmpError.MaxLength];
        Assert.False(IcmpError.TimeToLiveExceeded.TryBuild(_ping, default, 0, buffer, out _, linkBroadcast: true));
        Assert.False(IcmpError.TimeToLiveExceeded.TryBuild(_ping.AsSpan(0, 19), default, 0, buffer, out _));
        Assert.Null(Build(IcmpError.TimeToLiveExceeded, Build(IcmpError.TimeToLiveExceeded, _ping)!));
        Assert.False(buffer.AsSpan().ContainsAnyExcept((byte)0));
        Assert.True(IcmpError.TimeToLiveExceeded.TryBuild(_ping, default, 0, buffer, out var length));
        Assert.Equal(28 + _ping.Length, length);
    }

    // The packet that an error is about, with the TTL that it had by then: a tunnel's device complains behind the forwarding.
    private static byte[] FindOriginal(List<byte[]> seen, IcmpHeader error)
    {
        Assert.True(error.TryGetOriginal(out var quoted));
        for (var i = seen.Count - 1; i >= 0; i--)
        {
            byte[] candidate = [.. seen[i]];
            IPv4Header.SetTimeToLive(candidate, quoted.TimeToLive);
            if (candidate.AsSpan().StartsWith(quoted.Packet))
                return candidate;
        }
        throw new InvalidOperationException("An error about a packet that was not seen.");
    }

    private static bool MayReplyTo(byte[] packet) =>
        IPv4Header.TryParse(packet, out var header) && IcmpError.MayReplyTo(header);

    private static IPv4Address Parse(string text) =>
        IPv4Address.TryParse(text, out var address) ? address : throw new FormatException(text);

    private static byte[]? Build(IcmpError error, byte[] packet, IPv4Address? source = null, ushort id = 1)
    {
        var buffer = new byte[IcmpError.MaxLength];
        return error.TryBuild(packet, source ?? SamplePackets.There, id, buffer, out var length) ? buffer[..length] : null;
    }
}
