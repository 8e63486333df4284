using System.Buffers.Binary;
using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>Datagrams that the kernel has joined: those that are like the one before are let in without much ado, and only those.</summary>
public class DatagramRowTests
{
    private const ushort Port = 5555;
    private const int Segments = 6, SegmentSize = 100, Headers = 40;

    private static readonly TunnelParameters s_ipip = new()
    {
        Mode = TunnelMode.Ipip, Local = Ip("192.0.2.2"), Remote = Ip("192.0.2.1"), Encap = new(EncapType.Fou, Port, Port),
    };

    private static readonly TunnelParameters s_gre = s_ipip with
    {
        Mode = TunnelMode.Gre, Encap = new(EncapType.Gue, Port, Port), Gre = new() { InputKey = 7, OutputKey = 7 },
    };

    private static readonly TunnelParameters s_vxlan = s_ipip with
    {
        Mode = TunnelMode.Vxlan, Encap = null, PathMtuDiscovery = false, Vxlan = new() { Id = 42, Port = Port },
    };

    private static readonly Dictionary<string, (TunnelParameters Parameters, UdpService Service)> s_tunnels = new()
    {
        ["ipip in fou"] = (s_ipip, new(UdpServiceKind.Fou, IpProtocol.IpIp)),
        ["gre in gue"] = (s_gre, new(UdpServiceKind.Gue)),
        ["gre with checksums"] = (s_gre with { Gre = new() { InputChecksum = true, OutputChecksum = true } }, new(UdpServiceKind.Gue)),
        ["gre in sequence"] = (s_gre with { Gre = new() { InputSequence = true, OutputSequence = true } }, new(UdpServiceKind.Gue)),
        ["vxlan"] = (s_vxlan, new(UdpServiceKind.Vxlan)),
    };

    public static TheoryData<string> Tunnels => [.. s_tunnels.Keys];

    [Theory]
    [MemberData(nameof(Tunnels))]
    public void A_row_with_any_bit_of_its_headers_changed_fares_as_its_datagrams_one_by_one_would(string name)
    {
        var (parameters, service) = s_tunnels[name];
        var whole = Datagrams(parameters);
        Assert.Equal(Segments, whole.Count);
        Assert.Equal(Segments, Receive(parameters, service, [.. whole], inRow: true).Delivered.Length);
        var headers = whole[0].Length - SegmentSize - 28;
        // In the last of three that are alike, and in the first, which the others are compared with.
        foreach (var changed in (int[])[0, 2])
            for (var bit = 0; bit < headers * 8; bit++)
            {
                byte[][] datagrams = [.. whole.Select(datagram => (byte[])datagram.Clone())];
                datagrams[changed][28 + (bit / 8)] ^= (byte)(1 << (bit % 8));
                var alone = Receive(parameters, service, datagrams, inRow: false);
                var inRow = Receive(parameters, service, datagrams, inRow: true);
                Assert.Equal(alone.Delivered, inRow.Delivered);
                Assert.Equal(alone.Counters, inRow.Counters);
            }
    }

    [Theory]
    [MemberData(nameof(Tunnels))]
    public void A_datagram_that_comes_twice_fares_as_it_would_alone(string name)
    {
        var (parameters, service) = s_tunnels[name];
        var whole = Datagrams(parameters);
        byte[][] datagrams = [whole[0], whole[1], whole[1], whole[2]];
        Assert.Equal(
            Receive(parameters, service, datagrams, inRow: false).Counters, Receive(parameters, service, datagrams, inRow: true).Counters);
    }

    // What a sender makes of a super-packet of TCP.
    private static List<byte[]> Datagrams(TunnelParameters parameters)
    {
        var packet = new byte[Headers + (Segments * SegmentSize)];
        for (var i = Headers; i < packet.Length; i++)
            packet[i] = (byte)i;
        IPv4Header.Write(packet, 0, packet.Length, 0x1234, true, 64, IpProtocol.Tcp, Ip("10.0.0.1"), Ip("10.0.0.2"));
        byte[] tcp = [0x12, 0x34, 0, 80, 0, 0, 0xFF, 0, 0, 0, 0, 9, 0x50, 0x10, 2, 0];
        tcp.CopyTo(packet, 20);
        var sum = InternetChecksum.PseudoHeader(Ip("10.0.0.1"), Ip("10.0.0.2"), IpProtocol.Tcp, packet.Length - 20);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(36), (ushort)sum);
        var link = parameters.Mode == TunnelMode.Vxlan ? new byte[] { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0 } : [];

        using var host = new TunnelHost(parameters with { Local = parameters.Remote, Remote = parameters.Local });
        using var batch = new PacketBatch();
        Assert.True(batch.TryAdd([.. link, .. packet]));
        ref var facts = ref batch[0];
        (facts.Gso, facts.GsoSize, facts.Checksum) = (GsoType.TcpV4, SegmentSize, ChecksumState.Partial);
        (facts.ChecksumStart, facts.ChecksumOffset) = ((ushort)(link.Length + 20), TcpHeader.ChecksumOffset);
        host.Engine.FromDevice(host.Tunnel, batch);
        return host.Sent;
    }

    private static (string[] Delivered, string Counters) Receive(
        TunnelParameters parameters, UdpService service, byte[][] datagrams, bool inRow)
    {
        using var host = new TunnelHost(parameters);
        host.Tunnel.Coalescing = new(Mtu: 1500);
        Assert.True(host.Engine.TryOpenPort(IpAddress.Any(false), Port, service));
        if (inRow)
            FromWire(host, [.. datagrams[0].AsSpan(0, 28), .. datagrams.SelectMany(datagram => datagram[28..])], datagrams[0].Length - 28);
        else
            foreach (var datagram in datagrams)
                host.FromWire(datagram);
        var counters = host.Tunnel.Counters;
        var drops = Enum.GetValues<DropReason>().Select(counters.Dropped);
        return ([.. host.Delivered.Select(Convert.ToHexString)],
            $"{counters.RxPackets} {counters.RxBytes} {counters.RxErrors} {string.Join(' ', drops)} " +
            $"{host.Engine.Unclaimed} {host.Engine.Malformed}");
    }

    private static void FromWire(TunnelHost host, byte[] row, int size)
    {
        IPv4Header.SetTotalLength(row, row.Length);
        UdpHeader.SetLength(row.AsSpan(20), row.Length - 20);
        using var batch = new PacketBatch();
        Assert.True(batch.TryAdd(row));
        (batch[0].Gso, batch[0].GsoSize) = (GsoType.UdpL4, (ushort)size);
        host.Engine.FromWire(batch);
    }
}
