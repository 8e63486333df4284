namespace Qanat.Linux.Sockets;

/// <summary>How a <see cref="RawIpSocket"/> is opened.</summary>
public sealed record RawIpOptions
{
    /// <summary>The protocol of ICMP.</summary>
    public const byte IPPROTO_ICMP = 1;

    /// <summary>The protocol of a socket that only sends, whatever its packets say.</summary>
    public const byte IPPROTO_RAW = 255;

    /// <summary>The IP protocol received: 4 for ipip. Packets sent carry their own header, and may be of any.</summary>
    public required byte Protocol { get; init; }

    /// <summary>
    /// For <see cref="IPPROTO_ICMP"/>: the outer protocols that errors are wanted about. Only destination unreachable, time
    /// exceeded and parameter problem come through, and only when the packet that they quote has one of these protocols.
    /// Empty for all of ICMP.
    /// </summary>
    public IReadOnlyList<byte> ErrorsAbout { get; init; } = [];

    /// <summary>True to learn the interface that each packet came in on (<see cref="Packets.PacketInfo.Link"/>).</summary>
    public bool ReceiveLink { get; init; }

    /// <summary>
    /// Bytes that each direction may queue inside the kernel, as the kernel counts them. Without CAP_NET_ADMIN the limits
    /// net.core.rmem_max and wmem_max hold.
    /// </summary>
    public int BufferLength { get; init; } = 8 << 20;
}
