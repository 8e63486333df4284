using Qanat.Packets;

namespace Qanat.Hosts;

/// <summary>
/// IPv6 packets on their way up: header, addresses, extension headers, fragments, then whoever the protocol is for, as in
/// ip6_rcv_core, ip6_protocol_deliver_rcu and ipv6_frag_rcv (net/ipv6/ip6_input.c, reassembly.c).
/// </summary>
internal sealed class IPv6Input
{
    private const byte HeaderField = 0, UnknownHeader = 1, IncompleteHeaders = 3; // codes of ICMPv6 parameter problem
    private const int PayloadLengthAt = 4;

    private readonly LocalAddresses _local;
    private readonly Complaints _complaints;
    private readonly IPv6Reassembler _reassembler;
    private readonly Icmpv6 _icmp;
    private readonly ClosedPorts _ports;

    public IPv6Input(HostOptions options, LocalAddresses local, Outlet outlet, Complaints complaints, TimeProvider time)
    {
        (_local, _complaints) = (local, complaints);
        _reassembler = new(time);
        _icmp = new(local, outlet, new NeighbourDiscovery(options, local, outlet));
        _ports = new(outlet, complaints);
    }

    /// <summary>Packets that fragments did not become.</summary>
    public long ReassemblyFailures => Reassembly.Failures(_reassembler.Failed);

    /// <summary>Takes a packet, which may have padding behind it.</summary>
    public Exchange Take(in Arrival arrival)
    {
        if (!IPv6Header.TryParse(arrival.Packet, out var packet))
            return new(Fault(arrival.Packet));
        var exchange = Describe(packet);
        if (packet.Source.IsMulticast || packet.Source.IsLoopback || _local.IsOwn(packet.Source))
            return exchange with { Event = HostEvent.InvalidSource };
        if (!_local.IsOwn(packet.Destination) && !_local.IsForMany(packet.Destination))
            return exchange with { Event = HostEvent.InAddrErrors };

        var headers = IPv6ExtensionHeaders.Read(packet);
        if (headers.Problem is { } problem)
            return exchange with { Event = _complaints.Send(arrival, problem, HostEvent.ParameterProblem) };
        if (headers.IsWrong)
            return exchange;
        if (headers.Protocol != IpProtocol.Fragment)
            return Deliver(arrival, packet, headers, exchange);

        if (FindProblem(packet, headers) is { } odd)
            return exchange with { Event = _complaints.Send(arrival, odd, HostEvent.ParameterProblem) };
        if (!_reassembler.TryAdd(packet.Packet, out var datagram) || !IPv6Header.TryParse(datagram, out var whole))
            return exchange with { Event = HostEvent.Fragment, Protocol = IpProtocol.Fragment };
        exchange = Describe(whole);
        headers = IPv6ExtensionHeaders.Read(whole);
        if (headers.Problem is { } inside)
            return exchange with { Event = _complaints.Send(arrival.With(datagram), inside, HostEvent.ParameterProblem) };
        return headers.IsWrong || headers.Protocol == IpProtocol.Fragment // a fragment of fragments
            ? exchange
            : Deliver(arrival.With(datagram), whole, headers, exchange);
    }

    private Exchange Deliver(in Arrival arrival, IPv6Header packet, in IPv6ExtensionHeaders headers, in Exchange described)
    {
        var exchange = described with { Protocol = headers.Protocol, Length = packet.Packet.Length - headers.Offset };
        switch (headers.Protocol)
        {
            case IpProtocol.Icmpv6:
                return _icmp.Take(arrival, packet, headers.Offset, exchange);
            case IpProtocol.Udp:
                return _ports.TakeUdp(arrival, packet, headers.Offset, exchange);
            case IpProtocol.Tcp:
                return _ports.TakeTcp(arrival, packet, headers.Offset, exchange);
            case IpProtocol.NoNextHeader:
                return exchange with { Event = HostEvent.NotAnswerable };
            default:
                var unknown = new Icmpv6Error(Icmpv6Type.ParameterProblem, UnknownHeader, (uint)headers.NextHeaderOffset);
                return exchange with { Event = _complaints.Send(arrival, unknown, HostEvent.ProtocolUnreachable) };
        }
    }

    // What RFC 8200, 4.5 wants the sender of a fragment to be told.
    private static Icmpv6Error? FindProblem(IPv6Header packet, in IPv6ExtensionHeaders headers)
    {
        if (!packet.TryWalk(out var chain))
            return Problem(IncompleteHeaders, 0);
        var length = packet.Packet.Length - headers.Offset - IPv6ExtensionChain.FragmentHeaderSize;
        if (chain.MoreFragments && length % 8 != 0)
            return Problem(HeaderField, PayloadLengthAt);
        if (chain.FragmentOffset + length > ushort.MaxValue)
            return Problem(HeaderField, headers.Offset + 2);
        var needed = chain.Protocol switch
        {
            IpProtocol.Tcp => TcpHeader.MinSize,
            IpProtocol.Udp or IpProtocol.Icmpv6 => UdpHeader.Size,
            _ => 0,
        };
        return chain is { MoreFragments: true, FragmentOffset: 0 } && packet.Packet.Length - chain.Offset < needed
            ? Problem(IncompleteHeaders, 0)
            : null;
    }

    private static Icmpv6Error Problem(byte code, int pointer) => new(Icmpv6Type.ParameterProblem, code, (uint)pointer);

    private static Exchange Describe(IPv6Header packet) => new(HostEvent.InHdrErrors)
    {
        Source = IpAddress.From(packet.Source),
        Target = IpAddress.From(packet.Destination),
        Protocol = packet.NextHeader,
        Length = packet.Payload.Length,
    };

    private static HostEvent Fault(ReadOnlySpan<byte> packet) =>
        packet.Length < IPv6Header.Size ? HostEvent.PacketTooSmall
        : IPv6Header.TryParseQuoted(packet, out _) ? HostEvent.InTruncatedPkts
        : HostEvent.InHdrErrors;
}
