using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// The way out: inner packets become outer ones, as net/ipv4/ip_tunnel.c's ip_tunnel_xmit makes them. The stages of a
/// packet: far end, route, size, ICMP owed to the sender, header, and a segment at a time into the queue.
/// </summary>
internal sealed class Encapsulator(
    IUnderlay underlay, PathMtuTable pathMtus, PacketQueue wire, IcmpReporter reporter, TimeProvider time) : IDisposable
{
    /// <summary>Tunnels inside tunnels that a packet may be wrapped in (the kernel's limit against loops).</summary>
    private const int NestingLimit = 5;

    private readonly PacketBatch _oversize = new(capacity: 1);

    /// <summary>Encapsulates what <paramref name="tunnel"/>'s device handed over, and sends it.</summary>
    public void Encapsulate(Tunnel tunnel, PacketBatch inner)
    {
        var refused = wire.Refused;
        for (var i = 0; i < inner.Count; i++)
            Encapsulate(tunnel, inner.Bytes(i), in inner[i]);
        wire.Flush();
        reporter.Flush();
        tunnel.Counters.Refuse(DropReason.NoBuffer, wire.Refused - refused);
    }

    public void Dispose() => _oversize.Dispose();

    private void Encapsulate(Tunnel tunnel, Span<byte> packet, in PacketInfo info)
    {
        var parameters = tunnel.Parameters;
        if (packet.IsEmpty || !tunnel.Mode.Carries(packet[0]))
        {
            Drop(tunnel, packet, DropReason.InnerProtocol);
            return;
        }
        if (!IPv4Header.TryParse(packet, out var inner) || !InnerSegments.TryStart(packet, in info, out var segments))
        {
            Drop(tunnel, packet, DropReason.InnerHeader);
            return;
        }
        if (IsNestedTooDeep(inner))
        {
            Drop(tunnel, packet, DropReason.DeadLoop);
            return;
        }

        var remote = parameters.Remote.IsAny ? underlay.NextHop(tunnel.Index, inner.Source, inner.Destination) : parameters.Remote.IPv4;
        var tos = (parameters.Tos & 1) != 0 ? inner.TypeOfService : parameters.Tos;
        var route = remote.IsAny ? OuterRoute.None : RouteTo(tunnel, remote, tos);
        if (!route.Found || route.Interface == tunnel.Index)
        {
            Drop(tunnel, packet, route.Found ? DropReason.DeadLoop : DropReason.NoRoute);
            return;
        }

        var wantsDf = parameters.PathMtuDiscovery || inner.DontFragment;
        var tooLong = segments.NextLength + OuterHeader.Size > route.Mtu;
        if (segments.NextLength + OuterHeader.Size > PacketBatch.MaxPacketLength ||
            tooLong && wantsDf && !TryPassOversize(inner, route, route.Mtu - OuterHeader.Size))
        {
            Drop(tunnel, packet, DropReason.PacketTooBig);
            return;
        }
        if (tunnel.Failures.TryUse(time))
            reporter.HostUnreachable(packet);

        tunnel.Journeys.Begin(JourneySide.Inner, packet);
        var header = new OuterHeader(
            EcnPropagation.Encapsulate(tos, inner.TypeOfService), wantsDf && !route.MtuLocked,
            parameters.Ttl != 0 ? parameters.Ttl : inner.TimeToLive, tunnel.Mode.Protocol,
            parameters.Local.IsAny ? route.Source : parameters.Local.IPv4, remote);
        if (tooLong)
            SendFragments(tunnel, header, ref segments, route.Mtu);
        else
            Send(tunnel, header, ref segments);
    }

    private static void Drop(Tunnel tunnel, ReadOnlySpan<byte> packet, DropReason reason)
    {
        tunnel.Counters.DropTx(reason);
        tunnel.Journeys.Begin(JourneySide.Inner, packet, reason);
    }

    private void Send(Tunnel tunnel, in OuterHeader header, ref InnerSegments segments)
    {
        for (int length; (length = segments.NextLength) > 0;)
        {
            var index = wire.Add(OuterHeader.Size + length);
            if (index < 0)
                return;
            var packet = wire.Batch.Bytes(index);
            header.Write(packet, OuterHeader.Size + length, tunnel.NextId++);
            segments.WriteNext(packet[OuterHeader.Size..]);
            tunnel.Counters.CountTx(length);
            wire.Batch[index].Link = tunnel.Parameters.Link;
            tunnel.Journeys.Continue(JourneySide.Outer, packet);
        }
    }

    // Without DF the outer packet itself is cut: a raw socket takes nothing larger than the link.
    private void SendFragments(Tunnel tunnel, in OuterHeader header, ref InnerSegments segments, int mtu)
    {
        for (int length; (length = segments.NextLength) > 0;)
        {
            _oversize.Clear();
            _oversize.TryAdd(OuterHeader.Size + length, PacketBatch.DefaultHeadroom, out _);
            var packet = _oversize.Bytes(0);
            header.Write(packet, OuterHeader.Size + length, tunnel.NextId++);
            segments.WriteNext(packet[OuterHeader.Size..]);
            tunnel.Counters.CountTx(length);
            tunnel.Journeys.Continue(JourneySide.Outer, packet);
            IPv4Fragmenter.Fragment(packet, mtu, wire, tunnel.Parameters.Link);
        }
    }

    // True when the packet may go on although it is larger than the path: DF is given up on a locked route.
    private bool TryPassOversize(in IPv4Header inner, in OuterRoute route, int mtu)
    {
        if (inner.DontFragment)
        {
            reporter.FragmentationNeeded(inner.Packet, mtu);
            return false;
        }
        if (route.MtuLocked)
            return true;
        // Like the kernel, which drops this one too and lets the inner route know: our host's own packets are cut from now on.
        if (underlay.IsLocal(inner.Source))
            reporter.UpdatePathMtu(inner, mtu);
        return false;
    }

    private OuterRoute RouteTo(Tunnel tunnel, IPv4Address remote, byte tos)
    {
        var generation = (long)underlay.Generation << 32 | (uint)pathMtus.Generation;
        var cached = tunnel.Route;
        if (cached.Destination == remote && cached.Tos == tos && cached.Generation == generation)
            return cached.Route;
        var parameters = tunnel.Parameters;
        var route = pathMtus.Apply(remote, underlay.Route(remote, parameters.Local.IPv4, tos, parameters.Link));
        generation = (long)underlay.Generation << 32 | (uint)pathMtus.Generation;
        tunnel.Route = new(remote, tos, generation, route);
        return route;
    }

    private static bool IsNestedTooDeep(IPv4Header inner)
    {
        var depth = 1;
        while (inner.Protocol == IpProtocol.IpIp && !inner.IsFragment && IPv4Header.TryParse(inner.Payload, out inner))
            if (++depth > NestingLimit)
                return true;
        return false;
    }
}
