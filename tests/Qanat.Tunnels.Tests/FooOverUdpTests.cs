using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>Tunnels in UDP, where the captures have no packet of the kind: remote checksums, encapsulation limits, source ports.</summary>
public class FooOverUdpTests
{
    private const ushort Port = 5555;

    private static readonly EncapParameters s_gue = new(EncapType.Gue, Port, Port);
    private static readonly TunnelParameters s_gre = new() { Mode = TunnelMode.Gre, Local = Ip("192.0.2.2"), Remote = Ip("192.0.2.1") };
    private static readonly GreParameters s_summed = new() { InputChecksum = true, OutputChecksum = true };

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_checksum_that_is_left_to_the_far_end_is_completed_there(bool isSuper, bool greChecksum)
    {
        var parameters = s_gre with { Gre = greChecksum ? s_summed : GreParameters.None, Encap = s_gue };
        using var plain = new TunnelHost(parameters);
        using var leaving = new TunnelHost(parameters with { Encap = s_gue with { RemoteChecksum = true } });
        var (packet, info) = Datagrams(isSuper);
        var complete = Send(plain, packet, info);
        var left = Send(leaving, packet, info);

        Assert.Equal(isSuper ? 3 : 1, left.Count);
        foreach (var (outer, without) in left.Zip(complete))
        {
            var gre = greChecksum ? 8 : 4;
            Assert.Equal(without.Length + 8, outer.Length);
            Assert.Equal([2, 47, 0, 1, 0x80, 0, 0, 0, 0, (byte)(gre + 20), 0, (byte)(gre + 26)], outer[28..40]);
            Assert.Equal(without[32..(32 + gre)], outer[40..(40 + gre)]); // The GRE header's own is that of the packet to be.
            Assert.NotEqual(without[(32 + gre)..], outer[(40 + gre)..]);
            using var receiver = new TunnelHost(parameters with { Local = parameters.Remote, Remote = parameters.Local });
            receiver.Engine.TryOpenPort(IpAddress.Any(false), Port, new(UdpServiceKind.Gue));
            Assert.Equal(without[(32 + gre)..], Assert.Single(receiver.FromWire(outer).Delivered));
        }
    }

    [Fact]
    public void The_checksum_of_the_gre_header_is_left_where_the_inner_packets_is_complete()
    {
        using var host = new TunnelHost(s_gre with { Gre = s_summed, Encap = s_gue with { RemoteChecksum = true } });
        var outer = Assert.Single(host.FromDevice(Inner()).Sent);
        Assert.Equal([2, 47, 0, 1, 0x80, 0, 0, 0, 0, 0, 0, 4, 0x80, 0, 8, 0, 0, 0, 0, 0], outer[28..48]);
    }

    [Theory]
    [InlineData(EncapType.Fou, false)]
    [InlineData(EncapType.Gue, false)]
    [InlineData(EncapType.Fou, true)]
    public void Without_a_partial_checksum_or_gue_nothing_is_left(EncapType type, bool partial)
    {
        using var host = new TunnelHost(s_gre with { Encap = new(type, Port, Port, RemoteChecksum: true) });
        var (packet, info) = Datagrams(isSuper: false);
        var outer = Assert.Single(Send(host, packet, partial ? info : default));
        Assert.Equal(28 + (type == EncapType.Gue ? 4 : 0) + 4 + packet.Length, outer.Length);
    }

    [Fact]
    public void An_encapsulation_limit_stands_in_front_of_the_UDP_header()
    {
        using var host = new TunnelHost(new()
        {
            Mode = TunnelMode.Ip6ip6, Local = Ip6("2001:db8:1::2"), Remote = Ip6("2001:db8:1::1"), Encap = new(EncapType.Fou, Port, Port),
        });
        var inner = Inner6();
        var outer = Assert.Single(host.FromDevice(inner).Sent);
        Assert.Equal((byte)IpProtocol.DestinationOptions, outer[6]);
        Assert.Equal([17, 0, 4, 1, 4, 1, 1, 0], outer[40..48]);
        Assert.Equal(inner, outer[56..]);
        var sum = InternetChecksum.PseudoHeader(
            IPv6Address.Read(outer.AsSpan(8)), IPv6Address.Read(outer.AsSpan(24)), IpProtocol.Udp, outer.Length - 48);
        Assert.True(InternetChecksum.IsValid(sum + InternetChecksum.Sum(outer.AsSpan(48))));
    }

    [Theory]
    [InlineData(40000, 40004, new ushort[0], 40000, 40003)]
    [InlineData(40000, 40004, new ushort[] { 40001, 40003 }, 40001, 40003)]
    [InlineData(40000, 40000, new ushort[0], 32768, 60999)]
    [InlineData(0, 0, new ushort[0], 32768, 60999)]
    public void Flows_of_vxlan_spread_over_the_source_ports_that_there_are(int min, int max, ushort[] available, int lowest, int highest)
    {
        using var host = new TunnelHost(new()
        {
            Mode = TunnelMode.Vxlan, Local = Ip("192.0.2.2"), Remote = Ip("192.0.2.1"), PathMtuDiscovery = false,
            Vxlan = new() { Id = 42, Port = 4789, SourcePortMin = (ushort)min, SourcePortMax = (ushort)max },
        });
        host.Tunnel.SourcePorts = available;
        var ports = new HashSet<int>();
        for (var i = 0; i < 200; i++)
        {
            byte[] frame = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, .. Inner(source: $"10.0.1.{i}")];
            var outer = Assert.Single(host.FromDevice(frame).Sent);
            ports.Add(outer[20] << 8 | outer[21]);
        }
        Assert.All(ports, port => Assert.InRange(port, lowest, highest));
        if (available.Length > 0)
            Assert.Equal(available.Select(port => (int)port), ports.Order());
        else
            Assert.InRange(ports.Count, Math.Min(4, highest - lowest + 1), 200);
    }

    private static List<byte[]> Send(TunnelHost host, byte[] packet, PacketInfo info)
    {
        using var batch = new PacketBatch();
        Assert.True(batch.TryAdd(packet));
        ref var facts = ref batch[0];
        (facts.Checksum, facts.ChecksumStart, facts.ChecksumOffset) = (info.Checksum, info.ChecksumStart, info.ChecksumOffset);
        (facts.Gso, facts.GsoSize) = (info.Gso, info.GsoSize);
        host.Engine.FromDevice(host.Tunnel, batch);
        return host.Sent;
    }

    // A datagram, or three in one super-packet, with the sum of the pseudo-header in the checksum's place.
    private static (byte[] Packet, PacketInfo Info) Datagrams(bool isSuper)
    {
        var packet = Inner(length: isSuper ? 28 + 250 : 28 + 101);
        var sum = InternetChecksum.PseudoHeader(
            IPv4Address.Read(packet.AsSpan(12)), IPv4Address.Read(packet.AsSpan(16)), IpProtocol.Udp, packet.Length - 20);
        (packet[26], packet[27]) = ((byte)(sum >> 8), (byte)sum);
        return (packet, new()
        {
            Checksum = ChecksumState.Partial, ChecksumStart = 20, ChecksumOffset = UdpHeader.ChecksumOffset,
            Gso = isSuper ? GsoType.UdpL4 : GsoType.None, GsoSize = isSuper ? (ushort)100 : (ushort)0,
        });
    }
}
