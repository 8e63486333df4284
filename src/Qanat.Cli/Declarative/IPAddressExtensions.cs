using System.Net;
using System.Net.Sockets;

namespace Qanat.Cli.Declarative;

/// <summary>What .NET's addresses do not say of themselves.</summary>
internal static class IPAddressExtensions
{
    /// <summary>True for an address of IPv6.</summary>
    public static bool IsIPv6(this IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>True for 0.0.0.0 and ::.</summary>
    public static bool IsAny(this IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    /// <summary>True for 224.0.0.0/4 and ff00::/8.</summary>
    public static bool IsMulticast(this IPAddress address) =>
        address.IsIPv6() ? address.IsIPv6Multicast : (address.GetAddressBytes()[0] & 0xF0) == 0xE0;
}
