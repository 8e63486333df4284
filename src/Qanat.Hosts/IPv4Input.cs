using Qanat.Packets;

namespace Qanat.Hosts;

/// <summary>
/// IPv4 packets on their way up: header, addresses, options, fragments, then whoever the protocol is for. The checks and
/// their order are those of ip_rcv_core and ip_route_input_slow (net/ipv4/ip_input.c, route.c).
/// </summary>
internal sealed class IPv4Input
{
    private readonly LocalAddresses _local;
    private readonly Complaints _complaints;
    private readonly IPv4Reassembler _reassembler;
    private readonly Icmp _icmp;
    private readonly ClosedPorts _ports;

    public IPv4Input(LocalAddresses local, Outlet outlet, Complaints complaints, TimeProvider time)
    {
        (_local, _complaints) = (local, complaints);
        _reassembler = new(time);
        _icmp = new(outlet, time);
        _ports = new(outlet, complaints);
    }

    /// <summary>Datagrams that fragments did not become.</summary>
    public long ReassemblyFailures => Reassembly.Failures(_reassembler.Failed);

    /// <summary>True for what can be a single host's address: not 0.0.0.0/8, loopback, multicast or class E.</summary>
    public static bool IsSource(IPv4Address address) => address.Value >> 24 != 0 && !address.IsLoopback && address.Value >> 28 < 0xE;

    /// <summary>Takes a packet, which may have padding behind it.</summary>
    public Exchange Take(in Arrival arrival)
    {
        if (!IPv4Header.TryParse(arrival.Packet, out var packet))
            return new(Fault(arrival.Packet));
        var exchange = Describe(packet);
        if (!packet.HasValidChecksum)
            return exchange with { Event = HostEvent.InCsumErrors };
        if (!IsSource(packet.Source) || _local.IsOwn(packet.Source) || _local.IsForMany(packet.Source))
            return exchange with { Event = HostEvent.InvalidSource };
        var toMany = _local.IsForMany(packet.Destination);
        if (!toMany && !_local.IsOwn(packet.Destination))
            return exchange with { Event = HostEvent.InAddrErrors };
        if (IPv4Options.FindProblem(packet.Options) is { } problem)
        {
            var error = new IcmpError(IcmpType.ParameterProblem, 0, (uint)(IPv4Header.MinSize + problem) << 24);
            return exchange with { Event = _complaints.Send(arrival, error, HostEvent.ParameterProblem) };
        }
        if (IPv4Options.HasSourceRoute(packet.Options)) // accept_source_route is off by default
            return exchange with { Event = HostEvent.InHdrErrors };

        if (!packet.IsFragment)
            return Deliver(arrival, packet, toMany, exchange);
        if (!_reassembler.TryAdd(packet.Packet, out var datagram) || !IPv4Header.TryParse(datagram, out var whole))
            return exchange with { Event = HostEvent.Fragment };
        return Deliver(arrival.With(datagram), whole, toMany, Describe(whole));
    }

    private Exchange Deliver(in Arrival arrival, IPv4Header packet, bool toMany, in Exchange exchange) => packet.Protocol switch
    {
        IpProtocol.Icmp => _icmp.Take(arrival, packet, toMany, exchange),
        IpProtocol.Udp => _ports.TakeUdp(arrival, packet, toMany, exchange),
        IpProtocol.Tcp => _ports.TakeTcp(arrival, packet, toMany, exchange),
        IpProtocol.Igmp => exchange with { Event = HostEvent.IcmpIgnored },
        _ => exchange with
        {
            Event = _complaints.Send(arrival, IcmpError.Unreachable(IcmpUnreachableCode.Protocol), HostEvent.ProtocolUnreachable),
        },
    };

    private static Exchange Describe(IPv4Header packet) => new(HostEvent.InHdrErrors)
    {
        Source = IpAddress.From(packet.Source),
        Target = IpAddress.From(packet.Destination),
        Protocol = packet.Protocol,
        Length = packet.Payload.Length,
    };

    private static HostEvent Fault(ReadOnlySpan<byte> packet) =>
        packet.Length < IPv4Header.MinSize ? HostEvent.PacketTooSmall
        : IPv4Header.TryParseQuoted(packet, out _) ? HostEvent.InTruncatedPkts
        : HostEvent.InHdrErrors;
}
