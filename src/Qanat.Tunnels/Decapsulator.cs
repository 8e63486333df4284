using Qanat.Ipsec;
using Qanat.Packets;
using Qanat.Tunnels.Modes;

namespace Qanat.Tunnels;

/// <summary>
/// The way in: outer packets find their tunnel and give up the inner ones, as net/ipv4/ip_tunnel.c's ip_tunnel_rcv does,
/// joined into super-packets for the device.
/// </summary>
internal sealed partial class Decapsulator(
    TunnelRegistry tunnels, IUnderlay underlay, UdpServices services, IpsecEngine ipsec, PacketQueue wire, IcmpReporter reporter)
{
    private byte[]? _restored;
    private Coalescer? _coalescer;
    private Tunnel? _current;
    private Question _asked;
    private Tunnel? _answer;
    private Tunnel? _leader; // what let the last packet in, if it lets in all that are like it
    private int _leaderLength;

    /// <summary>Outer packets that no tunnel wanted.</summary>
    public long Unclaimed { get; private set; }

    /// <summary>Outer packets that were no IP packets at all, or whose tunnel header said nothing of whose they were.</summary>
    public long Malformed { get; private set; }

    /// <summary>Decapsulates what came off the wire, and hands it to the tunnels' devices.</summary>
    public void Decapsulate(PacketBatch outer)
    {
        for (var i = 0; i < outer.Count; i++)
            Decapsulate(outer.Bytes(i), in outer[i]);
        _answer = null; // Between two batches tunnels change.
        FlushDevice();
        wire.Flush();
        reporter.Flush();
    }

    private void Decapsulate(Span<byte> packet, in PacketInfo info)
    {
        if (!OuterPacket.TryParse(packet, info.Link, out var outer))
            Malformed++;
        else if (outer.Protocol == IpProtocol.Udp)
            DecapsulateDatagrams(outer, in info);
        else if (outer.Protocol == IpProtocol.Esp)
            DecapsulateEsp(outer, inUdp: false);
        else
            Decapsulate(outer);
    }

    // A UDP packet may stand for many datagrams of one size: the kernel has joined them (UDP_GRO).
    private void DecapsulateDatagrams(in OuterPacket outer, in PacketInfo info)
    {
        if (!UdpHeader.TryParse(outer.Payload, out var udp) ||
            services.Find(outer.Destination, udp.DestinationPort, outer.Link) is not { } service)
        {
            Malformed++;
            return;
        }
        if (!service.Hears(outer.Source, udp.SourcePort))
        {
            Ignore(outer, malformed: false);
            return;
        }
        var payload = outer.Payload[UdpHeader.Size..udp.Length];
        var size = info.Gso == GsoType.UdpL4 && info.GsoSize > 0 ? info.GsoSize : Math.Max(1, payload.Length);
        Span<byte> leading = default;
        _leader = null;
        for (; !payload.IsEmpty; payload = payload[Math.Min(size, payload.Length)..])
        {
            var datagram = payload[..Math.Min(size, payload.Length)];
            if (TryFollow(outer, datagram, leading))
                continue;
            _leader = null;
            var (protocol, header) = (service.Protocol, 0);
            if (service.Kind == UdpServiceKind.Vxlan)
                DecapsulateVxlan(outer.Inside(datagram, IpProtocol.Udp), udp.DestinationPort);
            else if (service.Kind == UdpServiceKind.Esp)
                DecapsulateEspInUdp(outer.Inside(datagram, IpProtocol.Esp));
            else if (service.Kind == UdpServiceKind.L2tp)
                DecapsulateL2tp(outer.Inside(datagram, IpProtocol.Udp), udp.DestinationPort);
            else if (service.Kind == UdpServiceKind.Gue && !Gue.TryRead(datagram, out protocol, out header))
                Malformed++;
            else
                Decapsulate(outer.Inside(datagram[header..], protocol));
            leading = _leader is null ? default : datagram[..^_leaderLength];
        }
    }

    // Where the tunnel's headers are the same, and the packet's too but for what counts on, the answer is that of the one before.
    private bool TryFollow(in OuterPacket outer, ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> leading)
    {
        if (_leader is null || !datagram.StartsWith(leading) || !_coalescer!.TryContinue(datagram[leading.Length..]))
            return false;
        Count(_leader, outer, datagram.Length - leading.Length);
        return true;
    }

    private void DecapsulateL2tp(in OuterPacket outer, ushort port)
    {
        if (!L2tpHeader.TryParse(outer.Payload, overUdp: true, out var l2tp))
        {
            Malformed++;
            return;
        }
        var header = new TunnelHeader(l2tp.Length, EtherType.TransparentEthernet) { Key = L2tp.KeyOf(port, l2tp.SessionId) };
        Decapsulate(outer, header, TunnelGroup.L2tp, fault: null);
    }

    private void DecapsulateVxlan(in OuterPacket outer, ushort port)
    {
        if (!VxlanHeader.TryParse(outer.Payload, out var vxlan))
        {
            Malformed++;
            return;
        }
        var key = Vxlan.KeyOf(port, vxlan.Identifier);
        var header = new TunnelHeader(VxlanHeader.Size, EtherType.TransparentEthernet) { Key = key };
        Decapsulate(outer, header, TunnelGroup.Vxlan, vxlan.IsPlain ? null : DropReason.TunnelHeader);
    }

    private void Decapsulate(in OuterPacket outer)
    {
        var read = PayloadReader.TryRead(outer, out var header, out var group, out var fault, out var known);
        if (!known)
            Ignore(outer, malformed: false);
        else
            Decapsulate(outer, header, group, read ? null : fault);
    }

    // A fault is told to the tunnel that the packet is for, if it can still be known.
    private void Decapsulate(in OuterPacket outer, in TunnelHeader header, TunnelGroup group, DropReason? fault)
    {
        var tunnel = Find(new(group, outer.Destination, outer.Source, header.Key, outer.Link));
        if (tunnel?.Device is null)
            Ignore(outer, malformed: fault is not null);
        else if (!outer.IsWhole)
            Drop(tunnel, outer.Bytes, DropReason.OuterHeader);
        else if ((fault ?? Accept(tunnel, header, outer)) is { } reason)
            Drop(tunnel, outer.Bytes, reason);
    }

    // Packets of one tunnel come in rows: what was asked last is asked again.
    private Tunnel? Find(in Question asked)
    {
        if (_answer is null || asked != _asked)
            (_asked, _answer) = (asked, tunnels.Find(asked.Group, asked.Local, asked.Remote, asked.Key, asked.Link));
        // What ipip does not want is what minimal did not shorten, or sit's, which may carry IPv4 (tunnel4_rcv asks them in turn).
        return _answer is null && asked.Group == TunnelGroup.Ipip
            ? Find(asked with { Group = TunnelGroup.Minimal }) ?? Find(asked with { Group = TunnelGroup.Sit })
            : _answer;
    }

    // Returns why the packet was not let in, or null.
    private DropReason? Accept(Tunnel tunnel, TunnelHeader header, in OuterPacket outer)
    {
        var mode = tunnel.Mode;
        if (mode.Complete(tunnel, outer.Payload, ref header) is { } incomplete)
            return incomplete;
        var payload = outer.Protocol == IpProtocol.MinimalEncapsulation ? Restore(outer) : outer.Payload[header.Length..];
        var isIp = header.Protocol is EtherType.IPv4 or EtherType.IPv6;
        if (!mode.Carries(header.Protocol) || isIp && payload.Length > 0 && InnerPacket.ProtocolOf(payload[0]) != header.Protocol)
            return DropReason.InnerProtocol;
        var tos = (byte)0;
        if (isIp ? !TryTrim(ref payload, out tos) : mode.CarriesFrames && payload.Length < EthernetHeader.MinSize)
            return DropReason.InnerHeader;
        if (mode.Refuses(tunnel, header, outer, payload, underlay) is { } refused)
            return refused;
        if (isIp && !TryPropagateTos(outer.TypeOfService, tos, mode.IsOverIPv6 && tunnel.Parameters.IPv6.CopyDscp, payload))
            return DropReason.EcnError;

        Enter(tunnel, outer, outer.Bytes, payload, header.Protocol);
        _leaderLength = payload.Length;
        if (mode.IsSealed || tunnel.Journeys.Any || header.HasChecksum || header.Sequence is not null ||
            payload.Length != outer.Payload.Length - header.Length)
            _leader = null;
        return null;
    }

    private void Enter(Tunnel tunnel, in OuterPacket outer, ReadOnlySpan<byte> seen, ReadOnlySpan<byte> inner, EtherType protocol)
    {
        tunnel.Journeys.Begin(JourneySide.Outer, seen);
        Count(tunnel, outer, inner.Length);
        tunnel.Journeys.Continue(JourneySide.Inner, inner);
        if (Keepalive.Is(inner, outer))
            Answer(tunnel, inner);
        else
            Deliver(tunnel, inner, protocol, outer.Link);
    }

    private static void Count(Tunnel tunnel, in OuterPacket outer, int length)
    {
        tunnel.Counters.CountRx(length);
        if (outer.Destination.IsMulticast)
            tunnel.Counters.RxMulticast++;
    }

    // In memory of its own, for the outer packet is still to be shown to observers.
    private Span<byte> Restore(in OuterPacket outer)
    {
        _restored ??= new byte[PacketBatch.MaxPacketLength];
        return _restored.AsSpan(0, Minimal.Restore(outer, _restored));
    }

    private static void Drop(Tunnel tunnel, ReadOnlySpan<byte> packet, DropReason reason)
    {
        tunnel.Counters.DropRx(reason);
        tunnel.Journeys.Begin(JourneySide.Outer, packet, reason);
    }

    private void Ignore(in OuterPacket outer, bool malformed)
    {
        if (malformed)
        {
            Malformed++;
            return;
        }
        Unclaimed++;
        reporter.PortUnreachable(outer.Bytes, outer.Link);
    }

    // The inner packet without what follows it, and its TOS.
    private static bool TryTrim(ref Span<byte> packet, out byte tos)
    {
        if (IPv4Header.TryParse(packet, out var ipv4))
        {
            tos = ipv4.TypeOfService;
            packet = packet[..ipv4.TotalLength];
            return true;
        }
        var isIPv6 = IPv6Header.TryParse(packet, out var ipv6);
        tos = isIPv6 ? ipv6.TrafficClass : (byte)0;
        packet = isIPv6 ? packet[..(IPv6Header.Size + ipv6.PayloadLength)] : packet;
        return isIPv6;
    }

    private static bool TryPropagateTos(byte outer, byte inner, bool copyDscp, Span<byte> packet)
    {
        if (!EcnPropagation.TryDecapsulate(outer, inner, out var tos))
            return false;
        if (copyDscp)
            tos = (byte)(outer & ~EcnPropagation.Mask | tos & EcnPropagation.Mask);
        SetTos(packet, inner, tos);
        return true;
    }

    private static void SetTos(Span<byte> packet, byte before, byte tos)
    {
        if (tos != before && InnerPacket.ProtocolOf(packet[0]) == EtherType.IPv6)
            IPv6Header.SetTrafficClass(packet, tos);
        else if (tos != before)
            IPv4Header.SetTypeOfService(packet, tos);
    }

    private void Answer(Tunnel tunnel, ReadOnlySpan<byte> packet)
    {
        var index = wire.Add(packet.Length);
        if (index < 0)
            return;
        packet.CopyTo(wire.Batch.Bytes(index));
        wire.Batch[index].Link = tunnel.Parameters.Link;
    }

    private void Deliver(Tunnel tunnel, ReadOnlySpan<byte> packet, EtherType protocol, int link)
    {
        var info = new PacketInfo { Link = link };
        if (tunnel != _current)
        {
            FlushDevice();
            _current = tunnel;
            _coalescer ??= new(tunnel.Device!, tunnel.Coalescing);
            _coalescer.Attach(tunnel.Device!, tunnel.Coalescing);
        }
        _leader = tunnel;
        if (tunnel.Mode.CarriesFrames && EthernetHeader.TryParse(packet, out var frame))
            _coalescer!.Add(packet, in info, frame.HeaderLength);
        else if (protocol is EtherType.IPv4 or EtherType.IPv6)
            _coalescer!.Add(packet, in info);
        else
            _coalescer!.Pass(packet, info with { Protocol = protocol });
    }

    private void FlushDevice()
    {
        if (_current is null)
            return;
        var device = _current.Device!;
        var refused = device.Refused;
        _coalescer!.Flush();
        _current.Counters.Refuse(DropReason.DeviceRefused, device.Refused - refused);
        _current.Forwarding?.Table.EndBatch();
        _current = null;
    }

    private readonly record struct Question(TunnelGroup Group, IpAddress Local, IpAddress Remote, ulong? Key, int Link);
}
