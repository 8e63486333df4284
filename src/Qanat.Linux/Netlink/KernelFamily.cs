using System.Net;
using System.Net.Sockets;
using static Qanat.Linux.Interop.Socket;

namespace Qanat.Linux.Netlink;

/// <summary>Address families as the kernel numbers them: .NET has other numbers (IPv6 is 10 here, 23 there).</summary>
internal static class KernelFamily
{
    internal static byte Of(AddressFamily family) => family switch
    {
        AddressFamily.Unspecified => AF_UNSPEC,
        AddressFamily.InterNetwork => AF_INET,
        AddressFamily.InterNetworkV6 => AF_INET6,
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, "IPv4, IPv6 or unspecified was expected."),
    };

    internal static byte Of(IPAddress address) => Of(address.AddressFamily);

    /// <summary>The family of 4-byte or 16-byte addresses; unspecified for any other number.</summary>
    internal static AddressFamily From(int family) => family switch
    {
        AF_INET => AddressFamily.InterNetwork,
        AF_INET6 => AddressFamily.InterNetworkV6,
        _ => AddressFamily.Unspecified,
    };

    /// <summary>Bytes in an address of the family; 0 when it has none.</summary>
    internal static int AddressLength(AddressFamily family) => family switch
    {
        AddressFamily.InterNetwork => 4,
        AddressFamily.InterNetworkV6 => 16,
        _ => 0,
    };

    /// <summary>The network that an address is in. Bits beyond the prefix, of which the kernel sends none, are cleared.</summary>
    internal static IPNetwork NetworkOf(IPAddress address, int prefixLength)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        for (var bit = prefixLength; bit < 8 * length; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> bit % 8);
        return new(new IPAddress(bytes[..length]), prefixLength);
    }
}
