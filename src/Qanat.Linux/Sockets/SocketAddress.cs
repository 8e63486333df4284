using System.Buffers.Binary;
using Qanat.Packets;
using static Qanat.Linux.Interop.In;
using static Qanat.Linux.Interop.In6;
using static Qanat.Linux.Interop.Socket;

namespace Qanat.Linux.Sockets;

/// <summary>
/// Addresses as the kernel has them, <c>struct sockaddr_in</c> and <c>struct sockaddr_in6</c>, in the room of the longer.
/// </summary>
internal static unsafe class SocketAddress
{
    /// <summary>Writes an address.</summary>
    /// <returns>Its length in bytes.</returns>
    public static int Write(sockaddr_in6* name, IpAddress address, ushort port)
    {
        *name = new() { sin6_family = address.IsIPv6 ? (ushort)AF_INET6 : (ushort)AF_INET };
        name->sin6_port = BinaryPrimitives.ReverseEndianness(port);
        if (address.IsIPv6)
            address.IPv6.Write(new(name->sin6_addr.s6_addr, IPv6Address.Size));
        else
            ((sockaddr_in*)name)->sin_addr = BinaryPrimitives.ReverseEndianness(address.IPv4.Value);
        return address.IsIPv6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    }

    /// <summary>Reads an address; an IPv4 one that is mapped into IPv6 (RFC 4291, 2.5.5.2) as what it is.</summary>
    public static IpAddress Read(sockaddr_in6* name, out ushort port)
    {
        port = BinaryPrimitives.ReverseEndianness(name->sin6_port);
        return name->sin6_family == AF_INET6
            ? Unmap(new(name->sin6_addr.s6_addr, IPv6Address.Size))
            : new IPv4Address(BinaryPrimitives.ReverseEndianness(((sockaddr_in*)name)->sin_addr));
    }

    /// <summary>Sixteen bytes in network order as an address of the version that they stand for.</summary>
    public static IpAddress Unmap(ReadOnlySpan<byte> address)
    {
        var value = IPv6Address.Read(address);
        return value.Value >> 32 == 0xFFFF ? new IPv4Address((uint)value.Value) : value;
    }
}
