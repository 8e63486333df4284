using System.Buffers.Binary;
using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// The way out: inner packets become outer ones, as net/ipv4/ip_tunnel.c's ip_tunnel_xmit makes them. The stages of a
/// packet: far end, route, size, ICMP owed to the sender, header, and a segment at a time into the queue.
/// </summary>
internal sealed class Encapsulator(
    IUnderlay underlay, OuterRoutes routes, IpsecEncapsulator ipsec, PacketQueue wire, OuterFragments fragments, IcmpReporter reporter,
    TimeProvider time)
{
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

    // Returns why the packet went no further, or null.
    private DropReason? Encapsulate(Tunnel tunnel, Span<byte> packet, PacketInfo info)
    {
        var mode = tunnel.Mode;
        if (!packet.IsEmpty && !mode.CarriesFrames && info.Protocol == 0 && !mode.Carries(InnerPacket.ProtocolOf(packet[0])))
            return DropReason.InnerProtocol;
        if (!InnerPacket.TryParse(packet, mode.CarriesFrames, in info, out var inner))
            return DropReason.InnerHeader;
        if (!mode.Carries(inner.Protocol))
            return DropReason.InnerProtocol;
        if (Nesting.IsTooDeep(inner.Packet))
            return DropReason.DeadLoop;
        if (mode.IsOverIPv6 && !mode.IsSealed && EncapLimit.IsExhausted(inner, out var offset))
        {
            reporter.ErroneousField(inner.Packet, tunnel.Index, offset);
            return DropReason.EncapLimit;
        }

        var farEnds = mode.SelectFarEnds(tunnel, inner);
        DropReason? failed = farEnds == 0 ? DropReason.NoRoute : null;
        for (var i = 0; i < farEnds; i++)
        {
            tunnel.Forwarding?.TurnTo(i);
            failed = Encapsulate(tunnel, packet, ref info, inner) ?? failed;
        }
        return failed;
    }

    private DropReason? Encapsulate(Tunnel tunnel, Span<byte> packet, ref PacketInfo info, in InnerPacket inner)
    {
        var (parameters, mode) = (tunnel.Parameters, tunnel.Mode);
        if (!InnerSegments.TryStart(packet, inner.Network, ref info, out var segments))
            return DropReason.InnerHeader;
        if (mode.IsSealed)
            return ipsec.Encapsulate(tunnel, inner, ref segments);
        var remote = mode.FarEnd(tunnel, inner, underlay);
        var tos = mode.OuterTos(parameters, inner.TypeOfService);
        var route = remote.IsAny ? OuterRoute.None
            : routes.Find(tunnel, new(remote, parameters.Local, tos, parameters.Link, parameters.Mark));
        if (!route.Found || route.IsForMany && mode.InsistsOnHost)
        {
            if (mode.TellsOfNoRoute && !remote.IsAny)
                reporter.LinkFailure(inner.Packet, tunnel.Index);
            return DropReason.NoRoute;
        }
        if (route.Interface == tunnel.Index)
            return DropReason.DeadLoop;

        var source = parameters.Local.IsAny ? route.Source : parameters.Local;
        var headerLength = mode.HeaderLength(parameters, inner, source);
        var dontFragment = mode.DontFragment(parameters, inner);
        var header = mode.Outer(tunnel, inner, route, remote, tos, dontFragment);
        var overhead = header.Size + headerLength;
        if (dontFragment && route.Mtu - overhead < mode.LeastMtu)
        {
            if (!IsWithin(tunnel, mode.LeastMtu, inner, segments.NextLength, route.Mtu - overhead))
                return DropReason.PacketTooBig;
            dontFragment = false;
            header = mode.Outer(tunnel, inner, route, remote, tos, dontFragment);
        }
        var tooLong = segments.NextLength + overhead > route.Mtu;
        if (segments.NextLength + overhead > PacketBatch.MaxPacketLength)
            return DropReason.PacketTooBig;
        var mtu = route.Mtu - overhead - inner.Network;
        var mayPass = !tooLong || (mode.IsOverIPv6
            ? MayFragment(tunnel, inner, segments.NextLength - inner.Network, mtu)
            : !dontFragment || TryPassOversize(tunnel, inner, route, mtu));
        if (!mayPass)
            return DropReason.PacketTooBig;
        if (tunnel.Failures.TryUse(time))
            reporter.LinkFailure(inner.Packet, tunnel.Index);

        tunnel.Journeys.Begin(JourneySide.Inner, packet);
        if (tooLong)
            SendFragments(tunnel, inner.Protocol, header, headerLength, ref segments, route.Mtu);
        else if (segments.IsSuper && mode.IsOverUdp && !tunnel.Journeys.Any)
            SendJoined(tunnel, inner.Protocol, header, headerLength, ref segments);
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
            ref var facts = ref Describe(tunnel, index);
            if (tunnel.Mode.WantsUdpChecksum(tunnel.Parameters) || segments.IsSuper && tunnel.Mode.IsOverUdp)
                OuterChecksum.Begin(packet, header.Size, ref facts);
            tunnel.Counters.CountTx(length);
            tunnel.Journeys.Continue(JourneySide.Outer, packet);
        }
    }

    // In UDP a super-packet leaves as one again: datagrams of one size behind one pair of headers, which the kernel cuts
    // (UDP_SEGMENT). It does so only if they have checksums, which then cost next to nothing.
    private void SendJoined(Tunnel tunnel, EtherType protocol, in OuterHeader header, int headerLength, ref InnerSegments segments)
    {
        var start = header.Size + UdpHeader.Size;
        var size = headerLength - UdpHeader.Size + segments.NextLength;
        var most = (PacketBatch.MaxPacketLength - start) / size;
        while (segments.NextLength > 0)
        {
            var index = wire.Add(start + most * size);
            if (index < 0)
                return;
            var packet = wire.Batch.Bytes(index);
            var end = start;
            for (int i = 0, length; i < most && (length = segments.NextLength) > 0; i++)
            {
                var datagram = packet.Slice(end - UdpHeader.Size, headerLength + length);
                WriteDatagram(tunnel, protocol, headerLength, ref segments, datagram, follows: i > 0);
                end += headerLength - UdpHeader.Size + length;
                tunnel.Counters.CountTx(length);
            }
            wire.Batch.ResizeLast(end);
            packet = packet[..end];
            UdpHeader.SetLength(packet[header.Size..], end - header.Size);
            header.Write(packet, tunnel.NextId++);
            ref var facts = ref Describe(tunnel, index);
            (facts.Gso, facts.GsoSize) = (GsoType.UdpL4, (ushort)size);
            OuterChecksum.Begin(packet, header.Size, ref facts);
        }
    }

    // Behind another datagram its UDP header would stand in that one's last bytes, which are put back.
    private static void WriteDatagram(
        Tunnel tunnel, EtherType protocol, int headerLength, ref InnerSegments segments, Span<byte> datagram, bool follows)
    {
        segments.WriteNext(datagram[headerLength..]);
        var before = BinaryPrimitives.ReadUInt64BigEndian(datagram);
        tunnel.Mode.WriteHeader(tunnel, protocol, datagram);
        if (follows)
            BinaryPrimitives.WriteUInt64BigEndian(datagram, before);
    }

    private ref PacketInfo Describe(Tunnel tunnel, int index)
    {
        ref var facts = ref wire.Batch[index];
        (facts.Link, facts.Mark) = (tunnel.Parameters.Link, tunnel.Parameters.Mark);
        return ref facts;
    }

    // Without DF the outer packet itself is cut.
    private void SendFragments(
        Tunnel tunnel, EtherType protocol, in OuterHeader header, int headerLength, ref InnerSegments segments, int mtu)
    {
        for (int length; (length = segments.NextLength) > 0;)
        {
            var packet = fragments.Make(header.Size + headerLength + length);
            Write(tunnel, protocol, header, headerLength, ref segments, packet);
            if (tunnel.Mode.WantsUdpChecksum(tunnel.Parameters))
                OuterChecksum.Complete(packet, header.Size);
            tunnel.Counters.CountTx(length);
            tunnel.Journeys.Continue(JourneySide.Outer, packet);
            fragments.Send(tunnel, packet, mtu);
        }
    }

    private static void Write(
        Tunnel tunnel, EtherType protocol, in OuterHeader header, int headerLength, ref InnerSegments segments, Span<byte> packet)
    {
        segments.WriteNext(packet[(header.Size + headerLength)..]);
        tunnel.Mode.WriteHeaders(tunnel, protocol, header, headerLength, packet);
    }

    // On a path narrower than the mode allows, the outer packet is cut instead, as long as IPv4 can do so.
    private bool IsWithin(Tunnel tunnel, int leastMtu, in InnerPacket inner, int length, int mtu)
    {
        if (mtu < IPv4Header.MinimumMtu)
            return false;
        if (length > leastMtu)
            reporter.TooBig(inner.Packet, tunnel.Index, leastMtu);
        return length <= leastMtu;
    }

    // Over IPv6 the sender is told whether or not it asked for DF, unless its packets are as small as they can be: then the
    // outer packet is cut.
    private bool MayFragment(Tunnel tunnel, in InnerPacket inner, int length, int mtu)
    {
        var least = inner.IsIPv6 ? IPv6Header.MinimumMtu : IPv4Header.MinimumMtu;
        if (length <= Math.Max(mtu, least))
            return true;
        ReportTooBig(tunnel, inner, Math.Max(mtu, least));
        return false;
    }

    // The sender of a frame may be anywhere behind a bridge, where our routes do not lead.
    private void ReportTooBig(Tunnel tunnel, in InnerPacket inner, int mtu)
    {
        if (inner.IsIp && (inner.Network == 0 || underlay.IsLocal(inner.Source)))
            reporter.TooBig(inner.Packet, tunnel.Index, mtu);
    }

    // True when the packet may go on although it is larger than the path: DF is given up on a locked route.
    private bool TryPassOversize(Tunnel tunnel, in InnerPacket inner, in OuterRoute route, int mtu)
    {
        if (inner.DontFragment || inner.IsIPv6 && mtu >= IPv6Header.MinimumMtu)
        {
            ReportTooBig(tunnel, inner, mtu);
            return false;
        }
        if (route.MtuLocked)
            return true;
        // Like the kernel, which drops this one too and lets the inner route know: our host's own packets are cut from now on.
        if (inner.IsIPv4 && underlay.IsLocal(inner.Source))
            reporter.UpdatePathMtu(inner.Source.IPv4, inner.Destination.IPv4, mtu);
        return false;
    }
}
