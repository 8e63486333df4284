using Qanat.Ipsec;
using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// The way out through IPsec (net/ipv4/ip_vti.c: vti_xmit; net/ipv6/ip6_vti.c): the policy for the tunnel's mark names a state,
/// and the state says what the outer packet is. Of the tunnel's own parameters only the ends and the marks count.
/// </summary>
internal sealed class IpsecEncapsulator(
    IpsecEngine ipsec, OuterRoutes routes, PacketQueue wire, OuterFragments fragments, IcmpReporter reporter)
{
    private const byte Ttl = 64; // a host's own: IPsec inherits none

    /// <summary>Seals one inner packet, and sends it. Returns why it went no further, or null.</summary>
    public DropReason? Encapsulate(Tunnel tunnel, in InnerPacket inner, ref InnerSegments segments)
    {
        var parameters = tunnel.Parameters;
        var mark = parameters.Gre.OutputKey ?? 0;
        if (ipsec.Resolve(inner.Bytes, mark, parameters.Local, out var state, tunnel.Index) != OutputVerdict.Protect ||
            !IsOf(state!.Parameters, parameters))
        {
            reporter.LinkFailure(inner.Packet, tunnel.Index);
            return DropReason.NoState;
        }
        var its = state.Parameters;
        var route = routes.Find(tunnel, new(its.Destination, its.Source, 0, parameters.Link, parameters.Mark));
        if (!route.Found)
        {
            reporter.LinkFailure(inner.Packet, tunnel.Index);
            return DropReason.NoRoute;
        }
        if (route.Interface == tunnel.Index)
            return DropReason.DeadLoop;

        var sealing = Seal.Of(state, inner, route.Source);
        var room = state.MaxInnerLength(route.Mtu - sealing.Outside);
        var tooLong = segments.NextLength > room;
        if (tooLong && MustFit(inner))
        {
            reporter.TooBig(inner.Packet, tunnel.Index, inner.IsIPv6 ? Math.Max(room, IPv6Header.MinimumMtu) : room);
            return DropReason.PacketTooBig;
        }
        if (sealing.Length(segments.NextLength) > PacketBatch.MaxPacketLength)
            return DropReason.PacketTooBig;
        tunnel.Journeys.Begin(JourneySide.Inner, inner.Bytes);
        return tooLong ? SendFragments(tunnel, sealing, ref segments, route.Mtu) : Send(tunnel, sealing, ref segments);
    }

    // As vti_state_check: a state in tunnel mode, between the ends of the tunnel.
    private static bool IsOf(SecurityAssociationParameters state, TunnelParameters tunnel) =>
        state.Mode == XfrmMode.Tunnel &&
        (tunnel.Remote.IsAny || state.Destination == tunnel.Remote) && (tunnel.Local.IsAny || state.Source == tunnel.Local);

    private static bool MustFit(in InnerPacket inner) => inner.IsIPv6 || inner.DontFragment;

    private DropReason? Send(Tunnel tunnel, in Seal sealing, ref InnerSegments segments)
    {
        for (int length; (length = segments.NextLength) > 0;)
        {
            var index = wire.Add(sealing.Length(length));
            if (index < 0)
                return DropReason.PacketTooBig;
            var packet = wire.Batch.Bytes(index);
            if (!TryWrite(tunnel, sealing, ref segments, length, packet))
            {
                wire.Batch.RemoveLast();
                return DropReason.NoState;
            }
            ref var facts = ref wire.Batch[index];
            facts.Link = tunnel.Parameters.Link;
            facts.Mark = tunnel.Parameters.Mark;
            if (sealing.WantsUdpChecksum)
                OuterChecksum.Begin(packet, sealing.Header.Size, ref facts);
        }
        return null;
    }

    // The sealed packet itself is cut to the path's MTU.
    private DropReason? SendFragments(Tunnel tunnel, in Seal sealing, ref InnerSegments segments, int mtu)
    {
        for (int length; (length = segments.NextLength) > 0;)
        {
            var packet = fragments.Make(sealing.Length(length));
            if (!TryWrite(tunnel, sealing, ref segments, length, packet))
                return DropReason.NoState;
            if (sealing.WantsUdpChecksum)
                OuterChecksum.Complete(packet, sealing.Header.Size);
            fragments.Send(tunnel, packet, mtu);
        }
        return null;
    }

    private bool TryWrite(Tunnel tunnel, in Seal sealing, ref InnerSegments segments, int length, Span<byte> packet)
    {
        var state = sealing.State;
        var esp = packet[sealing.Outside..];
        segments.WriteNext(esp[state.HeaderLength..]);
        sealing.Header.Write(packet, sealing.HasId ? tunnel.NextId++ : (ushort)0);
        if (state.Parameters.Encapsulation is { } udp)
            UdpHeader.Write(packet[sealing.Header.Size..], udp.SourcePort, udp.DestinationPort, UdpHeader.Size + esp.Length);
        if (!ipsec.TrySeal(state, esp, length, sealing.NextHeader))
            return false;
        tunnel.Counters.CountTx(length);
        tunnel.Journeys.Continue(JourneySide.Outer, packet);
        return true;
    }

    /// <summary>
    /// What one inner packet is sealed with, all of its segments alike (net/xfrm/xfrm_output.c: xfrm4_tunnel_encap_add,
    /// xfrm6_tunnel_encap_add).
    /// </summary>
    private readonly struct Seal
    {
        public required SecurityAssociation State { get; init; }

        public required OuterHeader Header { get; init; }

        /// <summary>What ESP says is in it.</summary>
        public required IpProtocol NextHeader { get; init; }

        /// <summary>Whether it needs an identification: as the kernel has it, where fragments are possible.</summary>
        public bool HasId { get; private init; }

        public bool IsOverIPv6 => State.Parameters.Destination.IsIPv6;

        /// <summary>Over IPv4 ESP in UDP has none (RFC 3948, 2.1), over IPv6 UDP must have one (RFC 8200, 8.1).</summary>
        public bool WantsUdpChecksum => IsOverIPv6 && State.Parameters.Encapsulation is not null;

        /// <summary>Bytes in front of the ESP header.</summary>
        public int Outside => Header.Size + (State.Parameters.Encapsulation is null ? 0 : UdpHeader.Size);

        public static Seal Of(SecurityAssociation state, in InnerPacket inner, IpAddress localAddress)
        {
            var its = state.Parameters;
            var protocol = its.Encapsulation is null ? IpProtocol.Esp : IpProtocol.Udp;
            var source = its.Source.IsAny ? localAddress : its.Source;
            var tos = OuterFields.TypeOfService(its, inner.TypeOfService);
            var dontFragment = OuterFields.DontFragment(its, MustFit(inner));
            return new()
            {
                State = state,
                NextHeader = inner.IsIPv6 ? IpProtocol.IPv6 : IpProtocol.IpIp,
                HasId = !dontFragment,
                Header = its.Destination.IsIPv6
                    ? OuterHeader.IPv6(tos, inner.FlowLabel, Ttl, protocol, encapLimit: null, source.IPv6, its.Destination.IPv6)
                    : OuterHeader.IPv4(tos, dontFragment, Ttl, protocol, source.IPv4, its.Destination.IPv4),
            };
        }

        /// <summary>Bytes of the whole packet around <paramref name="inner"/> bytes.</summary>
        public int Length(int inner) => Outside + State.SealedLength(inner);
    }
}
