using Qanat.Ipsec;
using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.GoldenReplay;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>
/// What two kernels sent each other with vti and vti6 (tests/golden), both ways: each packet is opened by an engine in the place
/// of the one that received it, and its inner packet sent by one in the place of the one that sent it, which must give the same
/// outer packets up to where the cipher's secrets begin.
/// </summary>
public class GoldenVtiTests
{
    public static TheoryData<string, int, Func<EspAlgorithms>> Captures => new()
    {
        { "vti-aes-gcm", 9, VtiPair.Gcm },
        { "vti-aes-cbc-sha256", 16, VtiPair.Cbc },
        { "vti-chacha20poly1305", 4, VtiPair.ChaCha },
        { "vti-aes-gcm-esn", 4, VtiPair.Gcm },
        { "vti-esp-null", 4, VtiPair.Null },
        { "vti-ipv6-inner", 4, VtiPair.Gcm },
        { "esp-udp", 2, VtiPair.Gcm },
    };

    [Theory]
    [MemberData(nameof(Captures), DisableDiscoveryEnumeration = true)]
    public void Packets_over_IPv4_are_opened_and_sent_again(string capture, int expected, Func<EspAlgorithms> algorithms)
    {
        var inUdp = capture == "esp-udp";
        using var pair = new VtiPair(algorithms, state => state with
        {
            Flags = state.Flags | (capture == "vti-aes-gcm-esn" ? XfrmStateFlags.Esn : 0),
            Encapsulation = inUdp ? new(4500, 4500) : null,
        });
        pair.B.Engine.TryOpenPort(IpAddress.Any(false), 4500, new(UdpServiceKind.Esp));
        var replayed = 0;
        foreach (var (from, to, source) in ((TunnelHost, TunnelHost, IPv4Address)[])[(pair.A, pair.B, A), (pair.B, pair.A, B)])
            foreach (var fragments in Datagrams(capture, source, inUdp ? IpProtocol.Udp : IpProtocol.Esp))
            {
                var inner = Assert.Single(to.FromWire(Reassembled(fragments)).Delivered);
                var sent = from.FromDevice(inner).Sent;
                Assert.Equal(fragments.Select(ClearPart), sent.Select(ClearPart));
                Assert.Equal(fragments.Select(fragment => fragment.Length), sent.Select(packet => packet.Length));
                replayed++;
            }
        Assert.Equal(expected, replayed);
        AssertNothingWasDropped(pair);
    }

    [Fact]
    public void Packets_over_IPv6_are_opened_and_sent_again()
    {
        using var pair = new VtiPair(overIPv6: true);
        var packets = Captured("vti6-aes-gcm").ToArray();
        foreach (var packet in packets)
        {
            var isOfA = IPv6Address.Read(packet.AsSpan(8)) == pair.AddressOfA.IPv6;
            var inner = Assert.Single((isOfA ? pair.B : pair.A).FromWire(packet).Delivered);
            var sent = Assert.Single((isOfA ? pair.A : pair.B).FromDevice(inner).Sent);
            Assert.Equal(packet[..(IPv6Header.Size + EspHeader.Size)], sent[..(IPv6Header.Size + EspHeader.Size)]);
            Assert.Equal(packet.Length, sent.Length);
        }
        Assert.Equal(6, packets.Length);
        AssertNothingWasDropped(pair);
    }

    [Fact]
    public void A_packet_that_is_too_big_is_told_what_fits_in_the_kernels_words()
    {
        // "From 10.0.0.2 icmp_seq=1 Frag needed and DF set (mtu = 1446)"
        using var pair = new VtiPair();
        Assert.True(IPv4Header.TryParse(Assert.Single(pair.A.FromDevice(Inner(1480, df: true)).Errors), out var ip));
        Assert.True(IcmpHeader.TryParse(ip.Payload, out var icmp));
        Assert.Equal((IcmpType.DestinationUnreachable, 4, 1446), (icmp.Type, icmp.Code, icmp.NextHopMtu));
    }

    // IP header, UDP header, SPI and sequence number. The id is chance where it is not 0.
    private static string ClearPart(byte[] packet)
    {
        Assert.True(IPv4Header.TryParse(packet, out var header) && header.HasValidChecksum);
        Assert.Equal(header.DontFragment, header.Identification == 0);
        var clear = header.Protocol == IpProtocol.Udp ? UdpHeader.Size + EspHeader.Size : header.FragmentOffset == 0 ? EspHeader.Size : 0;
        return Convert.ToHexString(WithoutId(packet)[..(IPv4Header.MinSize + clear)]);
    }

    private static void AssertNothingWasDropped(VtiPair pair)
    {
        foreach (var host in (TunnelHost[])[pair.A, pair.B])
        {
            Assert.Empty(host.Errors);
            Assert.Equal((0, 0), (host.Tunnel.Counters.RxErrors, host.Tunnel.Counters.TxErrors));
        }
    }
}
