namespace Qanat.Linux.Sockets;

/// <summary>How a <see cref="RawIpSocket"/> or a <see cref="RawIpv6Socket"/> is opened.</summary>
public sealed record RawIpOptions
{
    /// <summary>The protocol of ICMP.</summary>
    public const byte IPPROTO_ICMP = 1;

    /// <summary>The protocol of ICMP for IPv6.</summary>
    public const byte IPPROTO_ICMPV6 = 58;

    /// <summary>The protocol of a socket that only sends, whatever its packets say.</summary>
    public const byte IPPROTO_RAW = 255;

    /// <summary>The IP protocol or next header received: 4 for ipip. Packets sent carry their own header, and may be of any.</summary>
    public required byte Protocol { get; init; }

    /// <summary>
    /// For <see cref="IPPROTO_ICMP"/> and <see cref="IPPROTO_ICMPV6"/>: the outer protocols that errors are wanted about. Only
    /// destination unreachable, packet too big, time exceeded and parameter problem come through, and only when the packet
    /// that they quote has one of these protocols; of IPv6 packets also those that begin with options, whatever is behind
    /// them. Empty for all of ICMP.
    /// </summary>
    public IReadOnlyList<byte> ErrorsAbout { get; init; } = [];

    /// <summary>
    /// IPv6 alone: the kernel makes the IPv6 header of what leaves, as it does for ICMPv6 of a program's own. Of the packet's header it
    /// takes the addresses, and chooses the source where that is any; it fills ICMPv6's checksum in, and counts the message by its
    /// type (<c>Icmp6OutDestUnreachs</c>). Such a socket receives nothing.
    /// </summary>
    public bool KernelHeader { get; init; }

    /// <summary>True to learn the interface that each packet came in on (<see cref="Packets.PacketInfo.Link"/>).</summary>
    public bool ReceiveLink { get; init; }

    /// <summary>
    /// Mark that the routes of what leaves are looked up with (<c>ip rule ... fwmark</c>); 0 for none. Takes CAP_NET_ADMIN.
    /// </summary>
    public uint Mark { get; init; }

    /// <summary>
    /// Bytes that each direction may queue inside the kernel, as the kernel counts them. Without CAP_NET_ADMIN the limits
    /// net.core.rmem_max and wmem_max hold.
    /// </summary>
    public int BufferLength { get; init; } = 8 << 20;
}
