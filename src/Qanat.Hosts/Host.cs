using Qanat.Packets;

namespace Qanat.Hosts;

/// <summary>
/// A host behind a port: it has addresses, and answers for them as a Linux machine without services does. ARP and neighbour
/// discovery, echo and timestamp requests of any size, closed ports, unknown protocols; everything else is counted.
/// </summary>
/// <remarks>
/// It answers to where a frame came from, so it needs no routes and no table of neighbours. It sends nothing unasked. It has
/// no thread and no clock of its own, and allocates nothing per packet. Not thread-safe, but for its counters.
/// </remarks>
public sealed class Host : IDisposable
{
    private readonly HostOptions _options;
    private readonly IHostObserver? _observer;
    private readonly Outlet _outlet;
    private readonly Arp _arp;
    private readonly IPv4Input _ipv4;
    private readonly IPv6Input _ipv6;

    /// <summary>Makes one.</summary>
    /// <param name="options">Who it is.</param>
    /// <param name="port">Where its answers go. It stays the caller's.</param>
    /// <param name="time">The clock: for rate limits, reassembly and the time of day.</param>
    /// <param name="observer">Who is told of each packet; nobody unless given.</param>
    public Host(HostOptions options, IPort port, TimeProvider time, IHostObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(port);
        ArgumentNullException.ThrowIfNull(time);
        (_options, _observer) = (options, observer);
        var local = new LocalAddresses(options);
        var complaints = new Complaints(local, _outlet = new Outlet(port, options), time);
        _arp = new Arp(options, local, _outlet);
        _ipv4 = new IPv4Input(local, _outlet, complaints, time);
        _ipv6 = new IPv6Input(options, local, _outlet, complaints, time);
    }

    /// <summary>Bytes of the longest IP packet that leaves whole; it may change with the link.</summary>
    public int Mtu
    {
        get => _outlet.Mtu;
        set => _outlet.Mtu = value;
    }

    /// <summary>What became of the packets.</summary>
    public HostCounters Counters { get; } = new();

    /// <summary>Answers that the port has refused.</summary>
    public long Refused => _outlet.Refused;

    /// <summary>Packets that fragments did not become (ReasmFails).</summary>
    public long ReassemblyFailures => _ipv4.ReassemblyFailures + _ipv6.ReassemblyFailures;

    /// <summary>Takes packets in, and sends what there is to answer.</summary>
    /// <param name="received">Packets, or frames, as the port gave them.</param>
    public void Answer(PacketBatch received)
    {
        ArgumentNullException.ThrowIfNull(received);
        for (var i = 0; i < received.Count; i++)
        {
            var exchange = Take(received.Bytes(i), received[i]);
            Counters.Count(exchange.Event);
            _observer?.OnExchange(exchange);
        }
        _outlet.Flush();
    }

    /// <summary>Gives back its memory.</summary>
    public void Dispose() => _outlet.Dispose();

    private Exchange Take(ReadOnlySpan<byte> bytes, in PacketInfo info)
    {
        var known = info.Checksum != ChecksumState.Unknown;
        return _options.Link == HostLink.Ethernet
            ? TakeFrame(bytes, known)
            : TakePacket(new() { Packet = bytes, ChecksumKnown = known });
    }

    private Exchange TakeFrame(ReadOnlySpan<byte> bytes, bool checksumKnown)
    {
        if (!EthernetHeader.TryParse(bytes, out var frame))
            return new(HostEvent.PacketTooSmall);
        if (!frame.Destination.IsMulticast && frame.Destination != _options.MacAddress || frame.Source.IsMulticast)
            return new(HostEvent.OtherHost) { Hardware = frame.Source };
        for (var i = 0; i < frame.TagCount; i++)
            if (frame.Tag(i).Identifier != 0)
                return new(HostEvent.VlanTag) { Hardware = frame.Source };

        var arrival = new Arrival
        {
            Packet = frame.Payload,
            Sender = frame.Source,
            ForMany = frame.Destination.IsMulticast,
            ChecksumKnown = checksumKnown,
        };
        var exchange = frame.EtherType switch
        {
            EtherType.Arp => _arp.Take(arrival),
            EtherType.IPv4 => _ipv4.Take(arrival),
            EtherType.IPv6 => _ipv6.Take(arrival),
            _ => new(HostEvent.UnhandledProtocol),
        };
        return exchange with { Hardware = frame.Source };
    }

    private Exchange TakePacket(in Arrival arrival) => arrival.Packet.IsEmpty
        ? new(HostEvent.PacketTooSmall)
        : (arrival.Packet[0] >> 4) switch
        {
            4 => _ipv4.Take(arrival),
            6 => _ipv6.Take(arrival),
            _ => new(HostEvent.UnhandledProtocol),
        };
}
