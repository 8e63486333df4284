using System.Buffers.Binary;
using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>What becomes of a packet that stands for many TCP segments.</summary>
public class SuperPacketTests
{
    private const int Mss = 1000;
    private static readonly TunnelParameters s_plain = new() { Local = Ip("192.0.2.2"), Remote = Ip("192.0.2.1"), Ttl = 64 };
    private static readonly TunnelParameters s_gre = s_plain with
    {
        Mode = TunnelMode.Gre,
        Gre = new() { OutputKey = 7, OutputChecksum = true, OutputSequence = true },
    };

    public static TheoryData<string, TunnelParameters> OverUdp => new()
    {
        { "ipip in FOU", s_plain with { Encap = new(EncapType.Fou, 0, 5550) } },
        { "gre in FOU", s_gre with { Encap = new(EncapType.Fou, 5551, 5550) } },
        { "gre in GUE", s_gre with { Encap = new(EncapType.Gue, 0, 5550, Checksum: true) } },
        { "gre in GUE, checksums left", s_gre with { Encap = new(EncapType.Gue, 5551, 5550, RemoteChecksum: true) } },
        {
            "ipip6 in FOU", new()
            {
                Mode = TunnelMode.Ipip6, Encap = new(EncapType.Fou, 5551, 5550), Local = Ip6("2001:db8::2"), Remote = Ip6("2001:db8::1"),
            }
        },
        { "VXLAN", s_plain with { Mode = TunnelMode.Vxlan, Vxlan = new() { Id = 42, Port = 4789 } } },
        {
            "VXLAN over IPv6", new()
            {
                Mode = TunnelMode.Vxlan, Vxlan = new() { Id = 42, Port = 4789 }, Local = Ip6("2001:db8::2"), Remote = Ip6("2001:db8::1"),
            }
        },
        {
            "L2TP", s_plain with
            {
                Mode = TunnelMode.L2tp,
                L2tp = new() { SessionId = 1, PeerSessionId = 2, OverUdp = true, SourcePort = 1701, DestinationPort = 1702 },
            }
        },
    };

    [Fact]
    public void It_leaves_as_segments_each_in_an_outer_header_of_its_own()
    {
        using var host = new TunnelHost(s_plain);
        var super = Super(3500);
        FromDevice(host, super);

        var sent = host.Sent;
        Assert.Equal([1060, 1060, 1060, 560], sent.Select(packet => packet.Length));
        Assert.Equal(super[40..], sent.SelectMany(packet => packet[60..]));
        foreach (var packet in sent)
        {
            Assert.True(IPv4Header.TryParse(packet, out var outer) && outer.HasValidChecksum);
            Assert.True(IPv4Header.TryParse(outer.Payload, out var inner) && inner.HasValidChecksum);
            Assert.True(InternetChecksum.IsValid(InternetChecksum.Sum(inner.Payload) +
                InternetChecksum.PseudoHeader(inner.Source, inner.Destination, IpProtocol.Tcp, inner.Payload.Length)));
        }
        Assert.Equal(4, host.Tunnel.Counters.TxPackets);
    }

    [Theory]
    [MemberData(nameof(OverUdp), DisableDiscoveryEnumeration = true)]
    public void In_UDP_it_leaves_as_one_that_stands_for_the_datagrams_an_observer_sees(string mode, TunnelParameters parameters)
    {
        using TunnelHost host = new(parameters), watched = new(parameters);
        watched.Tunnel.AddObserver(new Watcher());
        foreach (var length in (int[])[Mss + 1, 3500, 4000, 64_000])
        {
            byte[] super = [.. host.Tunnel.Mode.CarriesFrames ? Frame() : [], .. Super(length)];
            FromDevice(host, super);
            FromDevice(watched, super);

            var (sent, whole) = host.SentWhole();
            var expected = watched.Sent;
            Assert.Equal((length + Mss - 1) / Mss, expected.Count);
            Assert.Equal(expected.Select(Masked), sent.Select(Masked));
            Assert.True(whole < expected.Count, $"{mode}: {whole} packets");
        }
        Assert.Equal(watched.Tunnel.Counters.TxPackets, host.Tunnel.Counters.TxPackets);
        Assert.Equal(watched.Tunnel.Counters.TxBytes, host.Tunnel.Counters.TxBytes);
    }

    // Each of the two counts its ids by itself.
    private static byte[] Masked(byte[] packet) => packet[0] >> 4 == 4 ? WithoutId(packet) : packet;

    private static byte[] Frame() => [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];

    private static byte[] Super(int payload)
    {
        var super = new byte[40 + payload];
        for (var i = 0; i < payload; i++)
            super[40 + i] = (byte)(i * 7);
        IPv4Header.Write(super, 0, super.Length, 100, true, 64, IpProtocol.Tcp, Ip("10.0.0.2"), Ip("10.0.0.1"));
        super[32] = 5 << 4;
        super[33] = (byte)(TcpFlags.Ack | TcpFlags.Psh);
        var pseudo = InternetChecksum.PseudoHeader(Ip("10.0.0.2"), Ip("10.0.0.1"), IpProtocol.Tcp, 20 + payload);
        BinaryPrimitives.WriteUInt16BigEndian(super.AsSpan(36), InternetChecksum.Fold(pseudo));
        return super;
    }

    private static void FromDevice(TunnelHost host, byte[] super)
    {
        var network = host.Tunnel.Mode.CarriesFrames ? EthernetHeader.MinSize : 0;
        using var batch = new PacketBatch();
        Assert.True(batch.TryAdd(super));
        batch[0].Gso = GsoType.TcpV4;
        batch[0].GsoSize = Mss;
        batch[0].Checksum = ChecksumState.Partial;
        batch[0].ChecksumStart = (ushort)(network + 20);
        batch[0].ChecksumOffset = 16;
        host.Engine.FromDevice(host.Tunnel, batch);
    }

    private sealed class Watcher : IJourneyObserver
    {
        public void OnBegin(JourneySide side, ReadOnlySpan<byte> packet, DropReason? dropped)
        {
        }

        public void OnContinue(JourneySide side, ReadOnlySpan<byte> packet)
        {
        }

        public void OnEnd()
        {
        }
    }
}
