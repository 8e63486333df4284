using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>An outer packet that came off the wire: its IP header, of either version, and what that carries.</summary>
internal readonly ref struct OuterPacket
{
    private OuterPacket(Span<byte> bytes, int payload, int length)
    {
        Bytes = bytes;
        Payload = bytes[payload..length];
    }

    private OuterPacket(scoped in OuterPacket around, Span<byte> payload)
    {
        this = around;
        Payload = payload;
    }

    /// <summary>The whole packet.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>What the IP header carries.</summary>
    public Span<byte> Payload { get; }

    /// <summary>What that is.</summary>
    public IpProtocol Protocol { get; private init; }

    /// <summary>Whether the outer header is one of IPv6.</summary>
    public bool IsIPv6 { get; private init; }

    /// <summary>Where it comes from: the far end.</summary>
    public IpAddress Source { get; private init; }

    /// <summary>Where it goes: our end, or a group.</summary>
    public IpAddress Destination { get; private init; }

    /// <summary>TOS or traffic class.</summary>
    public byte TypeOfService { get; private init; }

    /// <summary>TTL or hop limit.</summary>
    public byte TimeToLive { get; private init; }

    /// <summary>False when it was cut short, or is a fragment: then <see cref="Payload"/> is not the whole.</summary>
    public bool IsWhole { get; private init; }

    /// <summary>The interface that it came in on.</summary>
    public int Link { get; private init; }

    /// <summary>
    /// What one datagram of a UDP packet carries, as if it followed the IP header at once: so foo over UDP is read.
    /// </summary>
    /// <param name="payload">The packet inside.</param>
    /// <param name="protocol">What it is.</param>
    public OuterPacket Inside(Span<byte> payload, IpProtocol protocol) => new(this, payload) { Protocol = protocol };

    /// <summary>Views a packet. False when it has no IP header.</summary>
    public static bool TryParse(Span<byte> packet, int link, out OuterPacket outer)
    {
        outer = default;
        if (IPv4Header.TryParseQuoted(packet, out var ipv4))
            outer = new(packet, ipv4.HeaderLength, ipv4.Packet.Length)
            {
                Protocol = ipv4.Protocol,
                Source = ipv4.Source,
                Destination = ipv4.Destination,
                TypeOfService = ipv4.TypeOfService,
                TimeToLive = ipv4.TimeToLive,
                IsWhole = ipv4.TotalLength <= packet.Length && !ipv4.IsFragment,
                Link = link,
            };
        else if (IPv6Header.TryParseQuoted(packet, out var ipv6) && ipv6.TryWalk(out var chain))
            outer = new(packet, chain.Offset, ipv6.Packet.Length)
            {
                Protocol = chain.Protocol,
                IsIPv6 = true,
                Source = ipv6.Source,
                Destination = ipv6.Destination,
                TypeOfService = ipv6.TrafficClass,
                TimeToLive = ipv6.HopLimit,
                IsWhole = ipv6.Payload.Length == ipv6.PayloadLength && !chain.HasFragmentHeader,
                Link = link,
            };
        else
            return false;
        return true;
    }
}
