using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// Finds out which tunnels can be offloaded, and with what headers. The modes are not asked what they do, but to do it: they write
/// the headers of sample packets, which are then compared.
/// </summary>
internal sealed class OffloadPlanner(OuterRoutes routes)
{
    // One that has nothing to inherit, and one that has all of it.
    private const byte PlainTtl = 1, RichTtl = 2, RichTos = 0xFC;

    private const int TosOffset = 1, LengthOffset = 2, IdOffset = 4, FlagsOffset = 6, TtlOffset = 8, ChecksumOffset = 10;

    // All entries are looked at each time.
    private const int MaxEntries = 4096;

    private const int UdpOffset = IPv4Header.MinSize;

    private readonly byte[] _sample = new byte[EthernetHeader.MinSize + IPv6Header.Size], _packet = new byte[256];

    /// <summary>The plan for a tunnel as it is now; null when it has to stay here.</summary>
    /// <param name="tunnel">The tunnel.</param>
    /// <param name="obstacle">Why it has to stay here, for people.</param>
    public OffloadPlan? Plan(Tunnel tunnel, out string? obstacle)
    {
        var (parameters, mode) = (tunnel.Parameters, tunnel.Mode);
        obstacle = ObstacleIn(tunnel);
        if (obstacle is not null)
            return null;
        var route = routes.Find(
            tunnel, new(parameters.Remote, parameters.Local, mode.OuterTos(parameters, 0), parameters.Link, parameters.Mark));
        var source = parameters.Local.IsAny ? route.Source : parameters.Local;
        var frame = mode.CarriesFrames ? EthernetHeader.MinSize : 0;
        var overhead = IPv4Header.MinSize + mode.HeaderLength(parameters) + frame;
        obstacle = !route.Found || route.IsForMany || route.Interface == tunnel.Index ? "there is no route to its far end"
            : route.MtuLocked ? "the MTU of its route is locked"
            : tunnel.Coalescing.Mtu + overhead > route.Mtu
                ? $"its packets may be larger than the path allows (an MTU of {route.Mtu - overhead} would do)"
            : null;
        if (obstacle is not null)
            return null;

        var protocol = mode.Carries(EtherType.IPv4) ? EtherType.IPv4 : EtherType.IPv6;
        var plain = Write(tunnel, route, protocol, rich: false);
        var rich = Write(tunnel, route, protocol, rich: true);
        var plan = new OffloadPlan
        {
            Underlay = route.Interface,
            CarriesFrames = mode.CarriesFrames,
            MaxLength = tunnel.Coalescing.Mtu + frame,
            InheritsTos = ((plain[TosOffset] ^ rich[TosOffset]) & ~EcnPropagation.Mask) != 0,
            InheritsTtl = plain[TtlOffset] != rich[TtlOffset],
            InheritsDf = plain[FlagsOffset] != rich[FlagsOffset],
            IsOverUdp = mode.IsOverUdp,
            SourcePorts = PortsOf(parameters),
            Arrives = new(
                parameters.Remote.IPv4, source.IPv4, KindOf(parameters), IdentifierOf(parameters), parameters.Vxlan?.Port ?? 0),
            Learns = parameters.Vxlan is { Learning: true },
        };
        return plan with
        {
            HeadersOfIPv4 = mode.Carries(EtherType.IPv4) ? ImageOf(tunnel, route, EtherType.IPv4, plan) : default,
            HeadersOfIPv6 = mode.Carries(EtherType.IPv6) ? ImageOf(tunnel, route, EtherType.IPv6, plan) : default,
        };
    }

    private static string? ObstacleIn(Tunnel tunnel)
    {
        var (parameters, mode, gre) = (tunnel.Parameters, tunnel.Mode, tunnel.Parameters.Gre);
        return parameters switch
        {
            { Mode: not (TunnelMode.Ipip or TunnelMode.Gre or TunnelMode.Gretap or TunnelMode.Sit or TunnelMode.Vxlan) } =>
                $"{mode.Name} has no program",
            { Mode: TunnelMode.Sit, Inner: InnerProtocol.Any } => "it carries both IPv4 and IPv6",
            _ when mode.IsOverIPv6 => "its outer packets are of IPv6",
            _ when parameters.Remote.IsAny || parameters.Remote.IsMulticast => "it has no remote, or a group",
            { Mark: not 0 } => "its routes are looked up by a mark",
            _ when gre.InputChecksum || gre.OutputChecksum || gre.InputSequence || gre.OutputSequence => "it has a checksum or numbers",
            { Encap.Checksum: true } or { Encap.RemoteChecksum: true } => "its UDP has a checksum",
            _ when mode.IsOverUdp && tunnel.SourcePorts.Count is > 0 and var count && PortsOf(parameters) is var (min, max) &&
                count != max - min + 1 => "others have some of its source ports",
            { Vxlan: not null } when !IsPointToPoint(tunnel) => "its forwarding table has more than one far end, or is large",
            _ when !tunnel.Up => "its device is down",
            _ when tunnel.Journeys.Any => "somebody watches its packets",
            _ => null,
        };
    }

    // Then it does not matter which address a frame is for.
    private static bool IsPointToPoint(Tunnel tunnel)
    {
        FdbDestination remote = new(tunnel.Parameters.Remote);
        var entries = tunnel.Forwarding!.Table.List(TimeSpan.FromSeconds(tunnel.Parameters.Vxlan!.Ageing));
        return entries.Count is > 0 and <= MaxEntries && entries.All(entry => entry.Destination == remote);
    }

    private static (ushort Min, ushort Max) PortsOf(TunnelParameters parameters) => parameters switch
    {
        { Encap.SourcePort: not 0 and var port } => (port, port),
        { Vxlan: { HasSourcePorts: true } vxlan } => (vxlan.SourcePortMin, (ushort)(vxlan.SourcePortMax - 1)),
        _ => (SourcePort.Min, SourcePort.Max),
    };

    private static OffloadKind KindOf(TunnelParameters parameters) => (parameters.Mode, parameters.Gre.InputKey) switch
    {
        (TunnelMode.Sit, _) when parameters.Inner == InnerProtocol.IPv4 => OffloadKind.Ipip,
        (TunnelMode.Gre, null) => OffloadKind.Gre,
        (TunnelMode.Gre, _) => OffloadKind.GreKey,
        (TunnelMode.Gretap, null) => OffloadKind.Gretap,
        (TunnelMode.Gretap, _) => OffloadKind.GretapKey,
        (TunnelMode.Vxlan, _) => OffloadKind.Vxlan,
        (TunnelMode.Sit, _) => OffloadKind.Sit,
        _ => OffloadKind.Ipip,
    };

    private static uint IdentifierOf(TunnelParameters parameters) => parameters switch
    {
        { Vxlan: { } vxlan } => vxlan.Id,
        { Mode: TunnelMode.Gre or TunnelMode.Gretap } => parameters.Gre.InputKey ?? 0,
        _ => 0,
    };

    private HeaderImage ImageOf(Tunnel tunnel, in OuterRoute route, EtherType protocol, OffloadPlan plan)
    {
        var image = Write(tunnel, route, protocol, rich: false);
        image.AsSpan(LengthOffset, 2).Clear();
        image.AsSpan(IdOffset, 2).Clear();
        image.AsSpan(ChecksumOffset, 2).Clear();
        if (plan.InheritsTtl)
            image[TtlOffset] = 0;
        if (plan.IsOverUdp)
            image.AsSpan(UdpOffset + 4, 2).Clear();
        if (plan.IsOverUdp && plan.SourcePorts.Min != plan.SourcePorts.Max)
            image.AsSpan(UdpOffset, 2).Clear();
        return new(image);
    }

    // The headers that the mode writes for a sample of a packet.
    private byte[] Write(Tunnel tunnel, in OuterRoute route, EtherType protocol, bool rich)
    {
        var (parameters, mode) = (tunnel.Parameters, tunnel.Mode);
        var facts = new PacketInfo { Protocol = mode.CarriesFrames ? 0 : protocol };
        if (!InnerPacket.TryParse(Sample(mode.CarriesFrames, protocol, rich), mode.CarriesFrames, facts, out var inner))
            throw new InvalidOperationException("The sample is no packet.");
        tunnel.Forwarding?.Select([new(parameters.Remote)]);
        tunnel.Forwarding?.TurnTo(0);
        var remote = mode.FarEnd(tunnel, inner, routes.Underlay);
        var tos = mode.OuterTos(parameters, inner.TypeOfService);
        var header = mode.Outer(tunnel, inner, route, remote, tos, mode.DontFragment(parameters, inner));
        var length = mode.HeaderLength(parameters, inner, route.Source);
        mode.WriteHeaders(tunnel, inner.Protocol, header, length, _packet.AsSpan(0, header.Size + length + inner.Bytes.Length));
        return _packet[..(header.Size + length)];
    }

    private Span<byte> Sample(bool isFrame, EtherType protocol, bool rich)
    {
        var start = isFrame ? EthernetHeader.MinSize : 0;
        var packet = _sample.AsSpan(start);
        var (tos, ttl) = rich ? (RichTos, RichTtl) : ((byte)0, PlainTtl);
        if (isFrame)
            EthernetHeader.Write(_sample, default, default, protocol);
        if (protocol == EtherType.IPv6)
        {
            IPv6Header.Write(packet, tos, 0, 0, IpProtocol.Udp, ttl, default, default);
            return _sample.AsSpan(0, start + IPv6Header.Size);
        }
        IPv4Header.Write(packet, tos, IPv4Header.MinSize, 0, rich, ttl, IpProtocol.Udp, default, default);
        return _sample.AsSpan(0, start + IPv4Header.MinSize);
    }
}
