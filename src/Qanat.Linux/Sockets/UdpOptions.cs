using Qanat.Packets;

namespace Qanat.Linux.Sockets;

/// <summary>How a <see cref="UdpSocket"/> is opened.</summary>
public sealed record UdpOptions
{
    /// <summary>
    /// The local address that it is bound to; its IP version is the socket's. By default any of IPv4; <c>IpAddress.Any(true)</c>
    /// is any of IPv6.
    /// </summary>
    public IpAddress Address { get; init; }

    /// <summary>The port that it receives on and sends from; 0 has the kernel choose a free one of its local range.</summary>
    public ushort Port { get; init; }

    /// <summary>
    /// Index of the interface that it is bound to, both ways (SO_BINDTOIFINDEX); 0 for none. The kernel does not look whether
    /// there is one: without it nothing comes, and what is sent is refused.
    /// </summary>
    public int Link { get; init; }

    /// <summary>False for an IPv6 socket bound to any address that serves IPv4 as well.</summary>
    public bool IPv6Only { get; init; } = true;

    /// <summary>Takes IPv6 datagrams without a checksum (UDP_NO_CHECK6_RX, RFC 6935), which are dropped otherwise.</summary>
    public bool AcceptZeroChecksum { get; init; }

    /// <summary>Receives datagrams of one flow as super-packets (UDP_GRO), where the kernel can.</summary>
    public bool Coalesce { get; init; } = true;

    /// <summary>Sends datagrams of one flow many to a message (UDP_SEGMENT), where the kernel can.</summary>
    public bool Segment { get; init; } = true;

    /// <summary>Receives nothing: a program of the kernel's drops what comes to the port.</summary>
    public bool SendOnly { get; init; }

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
