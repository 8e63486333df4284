using Qanat.Packets;
using Qanat.Testing;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>
/// The captures of two real kernels with tunnels in UDP (tests/golden), played again: the same inner packets must give the
/// same outer packets, IP id, flow label and chosen source port aside, and the other way about.
/// </summary>
public class GoldenOverUdpTests
{
    private const ushort Port = 5555;

    private static readonly IpAddress s_a = Ip("192.0.2.2"), s_b = Ip("192.0.2.1");
    private static readonly IpAddress s_a6 = Ip6("2001:db8:1::2"), s_b6 = Ip6("2001:db8:1::1");

    public static TheoryData<string, TunnelParameters, UdpService> Captures => new()
    {
        { "fou-ipip", new() { Ttl = 64, Encap = new(EncapType.Fou, Port, Port) }, new(UdpServiceKind.Fou, IpProtocol.IpIp) },
        {
            "fou-ipip-auto-csum", new() { Ttl = 64, Encap = new(EncapType.Fou, 0, Port, Checksum: true) },
            new(UdpServiceKind.Fou, IpProtocol.IpIp)
        },
        {
            "fou-gre", new() { Mode = TunnelMode.Gre, Ttl = 64, Gre = s_keyed, Encap = new(EncapType.Fou, Port, Port) },
            new(UdpServiceKind.Fou, IpProtocol.Gre)
        },
        { "gue-ipip", new() { Ttl = 64, Encap = new(EncapType.Gue, Port, Port) }, new(UdpServiceKind.Gue) },
        {
            "gue-ipip-remcsum",
            new() { Ttl = 64, Encap = new(EncapType.Gue, Port, Port, Checksum: true, RemoteChecksum: true) }, new(UdpServiceKind.Gue)
        },
        {
            "fou6-ip6tnl",
            new() { Mode = TunnelMode.Ip6ip6, Ttl = 64, IPv6 = new() { EncapLimit = null }, Encap = new(EncapType.Fou, Port, Port) },
            new(UdpServiceKind.Fou, IpProtocol.IPv6)
        },
        {
            "vxlan", new() { Mode = TunnelMode.Vxlan, PathMtuDiscovery = false, Vxlan = new() { Id = 42, Port = 4789 } },
            new(UdpServiceKind.Vxlan)
        },
        {
            "vxlan-v6-udpcsum",
            new()
            {
                Mode = TunnelMode.Vxlan, Ttl = 7, Tos = 1,
                Vxlan = new() { Id = 42, Port = 4789, SourcePortMin = 40000, SourcePortMax = 40001 },
            },
            new(UdpServiceKind.Vxlan)
        },
    };

    private static readonly GreParameters s_keyed = new()
    {
        InputKey = 42, OutputKey = 42, InputChecksum = true, OutputChecksum = true, InputSequence = true, OutputSequence = true,
    };

    [Theory]
    [MemberData(nameof(Captures), DisableDiscoveryEnumeration = true)]
    public void The_same_inner_packets_give_the_same_outer_packets(string capture, TunnelParameters parameters, UdpService service)
    {
        using var host = HostOf(capture, parameters, service);
        var sent = Sent(capture, host.Tunnel.Parameters.Local).ToArray();
        var hideSource = parameters.Encap?.SourcePort == 0 || parameters.Vxlan?.SourcePortMax == 0;
        foreach (var packet in sent)
        {
            SendInner(host, packet, service);
            Assert.Equal(Comparable(packet, hideSource), Comparable(Assert.Single(host.Sent), hideSource));
        }
        Assert.NotEmpty(sent);
    }

    [Theory]
    [MemberData(nameof(Captures), DisableDiscoveryEnumeration = true)]
    public void The_outer_packets_give_up_their_inner_packets(string capture, TunnelParameters parameters, UdpService service)
    {
        using var host = HostOf(capture, parameters, service);
        foreach (var packet in Sent(capture, host.Tunnel.Parameters.Remote))
            Assert.Equal(Inner(packet, service), Assert.Single(host.FromWire(packet).Delivered));
        Assert.True(host.Tunnel.Counters.RxPackets > 0);
        Assert.Equal(0, host.Tunnel.Counters.RxErrors);
    }

    private static TunnelHost HostOf(string capture, TunnelParameters parameters, UdpService service)
    {
        var isIPv6 = capture.Contains('6', StringComparison.Ordinal);
        var host = new TunnelHost(parameters with { Local = isIPv6 ? s_a6 : s_a, Remote = isIPv6 ? s_b6 : s_b });
        host.Engine.TryOpenPort(IpAddress.Any(isIPv6), parameters.Vxlan?.Port ?? Port, service);
        return host;
    }

    private static IEnumerable<byte[]> Sent(string capture, IpAddress source) =>
        from packet in Golden.Load(capture).Packets.Select(packet => packet.ToArray())
        where OuterPacket.TryParse(packet, 0, out var outer) && outer.Source == source && outer.Protocol == IpProtocol.Udp && outer.IsWhole
        select packet;

    // As the sender's device had it: a checksum that is left to the far end is partial there.
    private static void SendInner(TunnelHost host, byte[] packet, UdpService service)
    {
        const int gue = IPv4Header.MinSize + UdpHeader.Size, options = gue + 4, inner = options + 8;
        if (service.Kind != UdpServiceKind.Gue || packet[gue + 3] == 0)
        {
            host.FromDevice(Inner(packet, service));
            return;
        }
        using var batch = new PacketBatch();
        Assert.True(batch.TryAdd(packet.AsSpan(inner)));
        ref var facts = ref batch[0];
        (facts.Checksum, facts.ChecksumStart) = (ChecksumState.Partial, packet[options + 5]);
        facts.ChecksumOffset = (ushort)(packet[options + 7] - packet[options + 5]);
        host.Engine.FromDevice(host.Tunnel, batch);
    }

    private static byte[] Inner(byte[] packet, UdpService service)
    {
        Assert.True(OuterPacket.TryParse(packet, 0, out var outer));
        var (payload, protocol, skip) = (outer.Payload[UdpHeader.Size..].ToArray(), service.Protocol, 0);
        if (service.Kind == UdpServiceKind.Vxlan)
            return payload[VxlanHeader.Size..];
        if (service.Kind == UdpServiceKind.Gue)
            Assert.True(Gue.TryRead(payload, out protocol, out skip));
        Assert.True(PayloadReader.TryRead(outer.Inside(payload.AsSpan(skip), protocol), out var header, out _, out _, out _));
        return payload[(skip + header.Length)..];
    }

    private static byte[] Comparable(byte[] packet, bool hideSource)
    {
        var copy = packet.ToArray();
        var isIPv6 = copy[0] >> 4 == 6;
        if (isIPv6)
            copy[1] = copy[2] = copy[3] = 0;
        else
            copy = WithoutId(copy);
        var udp = isIPv6 ? IPv6Header.Size : IPv4Header.MinSize;
        Assert.True(IsRight(packet, udp, isIPv6));
        if (hideSource)
            copy[udp] = copy[udp + 1] = copy[udp + 6] = copy[udp + 7] = 0;
        return copy;
    }

    private static bool IsRight(byte[] packet, int udp, bool isIPv6)
    {
        var length = packet.Length - udp;
        if (packet[udp + 6] == 0 && packet[udp + 7] == 0)
            return true;
        var pseudo = isIPv6
            ? InternetChecksum.PseudoHeader(IPv6Address.Read(packet.AsSpan(8)), IPv6Address.Read(packet.AsSpan(24)), IpProtocol.Udp, length)
            : InternetChecksum.PseudoHeader(
                IPv4Address.Read(packet.AsSpan(12)), IPv4Address.Read(packet.AsSpan(16)), IpProtocol.Udp, length);
        return InternetChecksum.IsValid(pseudo + InternetChecksum.Sum(packet.AsSpan(udp)));
    }

    private static IPv6Address Ip6(string text) => IPv6Address.TryParse(text, out var address) ? address : throw new FormatException(text);
}
