using Qanat.Packets;
using Qanat.Testing;
using Xunit;
using static Qanat.Ipsec.Tests.TestStates;

namespace Qanat.Ipsec.Tests;

/// <summary>
/// What two real kernels sent each other (tests/golden): every ESP packet is opened, and sealed again byte for byte. a's
/// packets have the SPI 0x100, b's 0x200; both have one key.
/// </summary>
public class GoldenTests
{
    public static TheoryData<string, int, Func<EspAlgorithms>> Captures => new()
    {
        { "vti-aes-gcm", 9, () => Gcm() },
        { "vti-aes-cbc-sha256", 16, () => Cbc() },
        { "vti-chacha20poly1305", 4, () => ChaCha },
        { "vti-aes-gcm-esn", 4, () => Gcm() },
        { "vti-esp-null", 4, () => Null() },
        { "vti-ipv6-inner", 4, () => Gcm() },
        { "vti6-aes-gcm", 6, () => Gcm() },
        { "esp-transport", 4, () => Gcm() },
        { "xfrm-interface", 14, () => Gcm() },
        { "esp-udp", 2, () => Gcm() },
    };

    [Theory]
    [MemberData(nameof(Captures), DisableDiscoveryEnumeration = true)]
    public void Every_esp_packet_of_a_kernel_is_opened_and_sealed_again(string capture, int packets, Func<EspAlgorithms> algorithms)
    {
        Dictionary<uint, SecurityAssociation> states = [];
        var replayed = 0;
        foreach (var packet in EspPackets(capture))
        {
            Assert.True(EspHeader.TryParse(packet, out var header));
            if (!states.TryGetValue(header.Spi, out var state))
                states.Add(header.Spi, state = StateOf(capture, header.Spi, algorithms()));

            var (inner, nextHeader, reason) = Open(state, packet, inUdp: capture == "esp-udp");
            Assert.Equal(XfrmReason.None, reason);
            Assert.Equal(header.SequenceNumber, state.InputSequence);
            Assert.True(IsWhole(inner, nextHeader), $"{nextHeader}");

            // An AEAD's vectors are the sequence number and a secret of the kernel's state: that of the first packet is that of all.
            var unique = Vectors.UniqueBehind(state, packet) ^ (state.OutputSequence + 1);
            if (state.OutputSequence == 0 || state.HeaderLength > EspHeader.Size + 8)
                state.Unique = unique;
            Assert.Equal(Convert.ToHexString(packet), Convert.ToHexString(Seal(state, inner, nextHeader)));
            replayed++;
        }
        Assert.Equal(packets, replayed);
        Assert.All(states.Values, state => Assert.Equal(state.InputSequence, state.OutputSequence));
    }

    [Fact]
    public void The_lifetime_counts_as_the_kernel_does()
    {
        // `ip -s xfrm state list spi 0x100` at the end of the capture: 3096 bytes, 5 packets.
        var state = StateOf("vti-aes-gcm", 0x100, Gcm());
        foreach (var packet in EspPackets("vti-aes-gcm").Where(packet => packet[2] == 1))
            Open(state, packet);
        Assert.Equal((3096UL, 5UL), (state.Lifetime.Bytes, state.Lifetime.Packets));
    }

    [Fact]
    public void The_longest_inner_packet_is_the_kernels()
    {
        // "Frag needed and DF set (mtu = 1446)" on a link of 1500 bytes.
        var state = Create(Tunnel(Gcm()));
        Assert.Equal(1446, state.MaxInnerLength(1500 - 20));
        Assert.Equal(1480, state.SealedLength(1446));
        Assert.Equal(1484, state.SealedLength(1447));
    }

    private static SecurityAssociation StateOf(string capture, uint spi, EspAlgorithms algorithms) => Create(
        Tunnel(algorithms, esn: capture == "vti-aes-gcm-esn", window: 32) with
        {
            Spi = spi,
            Mode = capture == "esp-transport" ? XfrmMode.Transport : XfrmMode.Tunnel,
            Encapsulation = capture == "esp-udp" ? new(4500, 4500) : null,
        });

    private static bool IsWhole(ReadOnlySpan<byte> inner, IpProtocol nextHeader) => nextHeader switch
    {
        IpProtocol.IpIp => IPv4Header.TryParse(inner, out var v4) && v4.TotalLength == inner.Length && v4.HasValidChecksum,
        IpProtocol.IPv6 => IPv6Header.TryParse(inner, out var v6) && v6.Packet.Length == inner.Length,
        _ => nextHeader == IpProtocol.Icmp && InternetChecksum.Compute(inner) == 0,
    };

    // The payloads of protocol 50 and of UDP port 4500; datagrams that came in fragments are put together.
    private static IEnumerable<byte[]> EspPackets(string capture)
    {
        List<byte> open = [];
        foreach (var packet in Golden.Load(capture).Packets)
        {
            if (IPv6Header.TryParse(packet.Span, out var v6))
            {
                Assert.Equal(IpProtocol.Esp, v6.NextHeader);
                yield return v6.Packet[IPv6Header.Size..].ToArray();
                continue;
            }
            Assert.True(IPv4Header.TryParse(packet.Span, out var v4));
            if (v4.Protocol is not (IpProtocol.Esp or IpProtocol.Udp))
                continue;
            open.AddRange(v4.Payload);
            if (v4.MoreFragments)
                continue;
            var payload = open.ToArray();
            open.Clear();
            if (v4.Protocol == IpProtocol.Udp)
            {
                Assert.True(UdpHeader.TryParse(payload, out var udp) && udp is { SourcePort: 4500, DestinationPort: 4500, Checksum: 0 });
                payload = udp.Payload.ToArray();
                Assert.Equal(UdpPayload.Esp, UdpEncapsulation.Classify(payload));
            }
            yield return payload;
        }
    }
}
