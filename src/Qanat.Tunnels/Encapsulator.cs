using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// The way out: inner packets become outer ones, as net/ipv4/ip_tunnel.c's ip_tunnel_xmit makes them. The stages of a
/// packet: far end, route, size, ICMP owed to the sender, header, and a segment at a time into the queue.
/// </summary>
internal sealed class Encapsulator(
    IUnderlay underlay, PathMtuTable pathMtus, PacketQueue wire, IcmpReporter reporter, TimeProvider time) : IDisposable
{
    private const int IPv6MinimumMtu = 1280; // RFC 8200, 5

    private readonly PacketBatch _oversize = new(capacity: 1);

    /// <summary>Encapsulates what <paramref name="tunnel"/>'s device handed over, and sends it.</summary>
    public void Encapsulate(Tunnel tunnel, PacketBatch inner)
    {
        var refused = wire.Refused;
        for (var i = 0; i < inner.Count; i++)
            if (Encapsulate(tunnel, inner.Bytes(i), inner[i]) is { } reason)
            {
                tunnel.Counters.DropTx(reason);
                tunnel.Journeys.Begin(JourneySide.Inner, inner.Bytes(i), reason);
            }
        wire.Flush();
        reporter.Flush();
        tunnel.Counters.Refuse(DropReason.NoBuffer, wire.Refused - refused);
    }

    public void Dispose() => _oversize.Dispose();

    // Returns why the packet went no further, or null.
    private DropReason? Encapsulate(Tunnel tunnel, Span<byte> packet, PacketInfo info)
    {
        var (parameters, mode) = (tunnel.Parameters, tunnel.Mode);
        if (!packet.IsEmpty && !mode.CarriesFrames && info.Protocol == 0 && !mode.Carries(InnerPacket.ProtocolOf(packet[0])))
            return DropReason.InnerProtocol;
        if (!InnerPacket.TryParse(packet, mode.CarriesFrames, info.Protocol, out var inner))
            return DropReason.InnerHeader;
        if (!mode.Carries(inner.Protocol))
            return DropReason.InnerProtocol;
        if (!InnerSegments.TryStart(packet, inner.Network, ref info, out var segments))
            return DropReason.InnerHeader;
        if (Nesting.IsTooDeep(inner.Packet))
            return DropReason.DeadLoop;

        var remote = mode.FarEnd(tunnel, inner, underlay);
        var tos = mode.OuterTos(parameters, inner.TypeOfService);
        var route = remote.IsAny ? OuterRoute.None : RouteTo(tunnel, new(remote, parameters.Local, tos, parameters.Link, parameters.Mark));
        if (!route.Found)
            return DropReason.NoRoute;
        if (route.Interface == tunnel.Index)
            return DropReason.DeadLoop;

        var headerLength = mode.HeaderLength(parameters);
        var dontFragment = parameters.PathMtuDiscovery || mode.FollowsInnerDf && inner.DontFragment && !parameters.IgnoreDf;
        var header = OuterHeader.IPv4(
            EcnPropagation.Encapsulate(tos, inner.TypeOfService), dontFragment && !route.MtuLocked,
            parameters.Ttl != 0 ? parameters.Ttl : inner.TimeToLive, mode.OuterProtocol(inner.Protocol),
            (parameters.Local.IsAny ? route.Source : parameters.Local).IPv4, remote.IPv4);
        var overhead = header.Size + headerLength;
        var tooLong = segments.NextLength + overhead > route.Mtu;
        if (segments.NextLength + overhead > PacketBatch.MaxPacketLength ||
            tooLong && dontFragment && !TryPassOversize(inner, route, route.Mtu - overhead - inner.Network))
            return DropReason.PacketTooBig;
        if (tunnel.Failures.TryUse(time))
            reporter.LinkFailure(inner.Packet);

        tunnel.Journeys.Begin(JourneySide.Inner, packet);
        if (tooLong)
            SendFragments(tunnel, inner.Protocol, header, headerLength, ref segments, route.Mtu);
        else
            Send(tunnel, inner.Protocol, header, headerLength, ref segments);
        return null;
    }

    private void Send(Tunnel tunnel, EtherType protocol, in OuterHeader header, int headerLength, ref InnerSegments segments)
    {
        var overhead = header.Size + headerLength;
        for (int length; (length = segments.NextLength) > 0;)
        {
            var index = wire.Add(overhead + length);
            if (index < 0)
                return;
            var packet = wire.Batch.Bytes(index);
            Write(tunnel, protocol, header, headerLength, ref segments, packet);
            wire.Batch[index].Link = tunnel.Parameters.Link;
            tunnel.Counters.CountTx(length);
            tunnel.Journeys.Continue(JourneySide.Outer, packet);
        }
    }

    // Without DF the outer packet itself is cut: a raw socket takes nothing larger than the link.
    private void SendFragments(
        Tunnel tunnel, EtherType protocol, in OuterHeader header, int headerLength, ref InnerSegments segments, int mtu)
    {
        for (int length; (length = segments.NextLength) > 0;)
        {
            _oversize.Clear();
            _oversize.TryAdd(header.Size + headerLength + length, PacketBatch.DefaultHeadroom, out _);
            var packet = _oversize.Bytes(0);
            Write(tunnel, protocol, header, headerLength, ref segments, packet);
            tunnel.Counters.CountTx(length);
            tunnel.Journeys.Continue(JourneySide.Outer, packet);
            IPv4Fragmenter.Fragment(packet, mtu, wire, tunnel.Parameters.Link);
        }
    }

    private static void Write(
        Tunnel tunnel, EtherType protocol, in OuterHeader header, int headerLength, ref InnerSegments segments, Span<byte> packet)
    {
        segments.WriteNext(packet[(header.Size + headerLength)..]);
        tunnel.Mode.WriteHeader(tunnel, protocol, packet[header.Size..]);
        header.Write(packet, tunnel.NextId++);
    }

    // True when the packet may go on although it is larger than the path: DF is given up on a locked route.
    private bool TryPassOversize(in InnerPacket inner, in OuterRoute route, int mtu)
    {
        if (inner.DontFragment || inner.IsIPv6 && mtu >= IPv6MinimumMtu)
        {
            // The sender of a frame may be anywhere behind a bridge, where our routes do not lead.
            if (inner.Network == 0 || underlay.IsLocal(inner.Source))
                reporter.TooBig(inner.Packet, mtu);
            return false;
        }
        if (route.MtuLocked)
            return true;
        // Like the kernel, which drops this one too and lets the inner route know: our host's own packets are cut from now on.
        if (inner.IsIPv4 && underlay.IsLocal(inner.Source))
            reporter.UpdatePathMtu(inner.Source.IPv4, inner.Destination.IPv4, mtu);
        return false;
    }

    private OuterRoute RouteTo(Tunnel tunnel, in OuterRouteQuery query)
    {
        var generation = (long)underlay.Generation << 32 | (uint)pathMtus.Generation;
        var cached = tunnel.Route;
        if (cached.Query == query && cached.Generation == generation)
            return cached.Route;
        var route = pathMtus.Apply(query.Destination, underlay.Route(query));
        generation = (long)underlay.Generation << 32 | (uint)pathMtus.Generation;
        tunnel.Route = new(query, generation, route);
        return route;
    }
}
