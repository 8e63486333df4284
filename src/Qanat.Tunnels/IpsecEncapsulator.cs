using Qanat.Ipsec;
using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// The way out through IPsec (net/ipv4/ip_vti.c: vti_xmit; net/ipv6/ip6_vti.c): the policy for the tunnel's mark names a state,
/// and the state says what the outer packet is. Of the tunnel's own parameters only the ends and the marks count.
/// </summary>
internal sealed class IpsecEncapsulator(
    IpsecEngine ipsec, OuterRoutes routes, PacketQueue wire, IcmpReporter reporter) : IDisposable
{
    private const byte Ttl = 64; // a host's own: IPsec inherits none
    private const int IPv6MinimumMtu = 1280; // RFC 8200, 5

    private readonly PacketBatch _oversize = new(capacity: 1);

    /// <summary>Seals one inner packet, and sends it. Returns why it went no further, or null.</summary>
    public DropReason? Encapsulate(Tunnel tunnel, in InnerPacket inner, ref InnerSegments segments)
    {
        var parameters = tunnel.Parameters;
        var mark = parameters.Gre.OutputKey ?? 0;
        if (ipsec.Resolve(inner.Bytes, mark, parameters.Local, out var state, tunnel.Index) != OutputVerdict.Protect ||
            !IsOf(state!.Parameters, parameters))
        {
            reporter.LinkFailure(inner.Packet);
            return DropReason.NoState;
        }
        var its = state.Parameters;
        var route = routes.Find(tunnel, new(its.Destination, its.Source, 0, parameters.Link, parameters.Mark));
        if (!route.Found)
            return DropReason.NoRoute;
        if (route.Interface == tunnel.Index)
            return DropReason.DeadLoop;

        var header = Header(its, inner, route);
        var udp = its.Encapsulation is null ? 0 : UdpHeader.Size;
        var room = state.MaxInnerLength(route.Mtu - header.Size - udp);
        if (segments.NextLength > room && MustFit(inner))
        {
            reporter.TooBig(inner.Packet, inner.IsIPv6 ? Math.Max(room, IPv6MinimumMtu) : room);
            return DropReason.PacketTooBig;
        }
        return Send(tunnel, inner, state, header, ref segments, segments.NextLength > room ? route.Mtu : 0);
    }

    public void Dispose() => _oversize.Dispose();

    // As vti_state_check: a state in tunnel mode, between the ends of the tunnel.
    private static bool IsOf(SecurityAssociationParameters state, TunnelParameters tunnel) =>
        state.Mode == XfrmMode.Tunnel &&
        (tunnel.Remote.IsAny || state.Destination == tunnel.Remote) && (tunnel.Local.IsAny || state.Source == tunnel.Local);

    private static bool MustFit(in InnerPacket inner) => inner.IsIPv6 || inner.DontFragment;

    private static OuterHeader Header(SecurityAssociationParameters state, in InnerPacket inner, in OuterRoute route)
    {
        var protocol = state.Encapsulation is null ? IpProtocol.Esp : IpProtocol.Udp;
        var tos = OuterFields.TypeOfService(state, inner.TypeOfService);
        var source = state.Source.IsAny ? route.Source : state.Source;
        return state.Destination.IsIPv6
            ? OuterHeader.IPv6(tos, flowLabel: 0, Ttl, protocol, encapLimit: null, source.IPv6, state.Destination.IPv6)
            : OuterHeader.IPv4(tos, DontFragment(state, inner) && !route.MtuLocked, Ttl, protocol, source.IPv4, state.Destination.IPv4);
    }

    private static bool DontFragment(SecurityAssociationParameters state, in InnerPacket inner) =>
        OuterFields.DontFragment(state, MustFit(inner));

    // A segment at a time; cut to the path's MTU where that is not 0.
    private DropReason? Send(
        Tunnel tunnel, in InnerPacket inner, SecurityAssociation state, in OuterHeader header, ref InnerSegments segments, int mtu)
    {
        var next = inner.IsIPv6 ? IpProtocol.IPv6 : IpProtocol.IpIp;
        // As the kernel has it: an id where fragments are possible, else 0.
        var hasId = !DontFragment(state.Parameters, inner);
        tunnel.Journeys.Begin(JourneySide.Inner, inner.Bytes);
        for (int length; (length = segments.NextLength) > 0;)
        {
            var total = header.Size + (state.Parameters.Encapsulation is null ? 0 : UdpHeader.Size) + state.SealedLength(length);
            Span<byte> packet;
            if (mtu > 0)
            {
                _oversize.Clear();
                if (!_oversize.TryAdd(total, PacketBatch.DefaultHeadroom, out _))
                    return DropReason.PacketTooBig;
                packet = _oversize.Bytes(0);
            }
            else
            {
                var index = wire.Add(total);
                if (index < 0)
                    return DropReason.PacketTooBig;
                packet = wire.Batch.Bytes(index);
                wire.Batch[index].Link = tunnel.Parameters.Link;
                wire.Batch[index].Mark = tunnel.Parameters.Mark;
            }
            if (!TryWrite(packet, header, hasId ? tunnel.NextId++ : (ushort)0, state, ref segments, length, next))
            {
                if (mtu == 0)
                    wire.Batch.RemoveLast();
                return DropReason.NoState;
            }
            tunnel.Counters.CountTx(length);
            tunnel.Journeys.Continue(JourneySide.Outer, packet);
            if (mtu > 0 && state.Parameters.Destination.IsIPv6)
                IPv6Fragmenter.Fragment(packet, mtu, tunnel.NextId++, wire, tunnel.Parameters.Link, tunnel.Parameters.Mark);
            else if (mtu > 0)
                IPv4Fragmenter.Fragment(packet, mtu, wire, tunnel.Parameters.Link, tunnel.Parameters.Mark);
        }
        return null;
    }

    private bool TryWrite(Span<byte> packet, in OuterHeader header, ushort id, SecurityAssociation state, ref InnerSegments segments,
        int length, IpProtocol next)
    {
        var esp = packet[header.Size..];
        if (state.Parameters.Encapsulation is { } encapsulation)
        {
            UdpHeader.Write(esp, encapsulation.SourcePort, encapsulation.DestinationPort, esp.Length);
            esp = esp[UdpHeader.Size..];
        }
        segments.WriteNext(esp[state.HeaderLength..]);
        header.Write(packet, id);
        return ipsec.TrySeal(state, esp, length, next);
    }
}
