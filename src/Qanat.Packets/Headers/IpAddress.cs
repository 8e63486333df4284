using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Qanat.Packets;

/// <summary>An address of either IP version, as the hot path wants it.</summary>
public readonly record struct IpAddress
{
    private readonly UInt128 _value;

    private IpAddress(UInt128 value, bool isIPv6) => (_value, IsIPv6) = (value, isIPv6);

    /// <summary>True when it is one of IPv6.</summary>
    public bool IsIPv6 { get; }

    /// <summary>True for 0.0.0.0 and ::, which stand for "any".</summary>
    public bool IsAny => _value == UInt128.Zero;

    /// <summary>True for 224.0.0.0/4 and ff00::/8.</summary>
    public bool IsMulticast => IsIPv6 ? IPv6.IsMulticast : IPv4.IsMulticast;

    /// <summary>The IPv4 address; any when it is one of IPv6.</summary>
    public IPv4Address IPv4 => IsIPv6 ? default : new((uint)_value);

    /// <summary>The IPv6 address; any when it is one of IPv4.</summary>
    public IPv6Address IPv6 => IsIPv6 ? new(_value) : default;

    /// <summary>0.0.0.0 or ::.</summary>
    public static IpAddress Any(bool isIPv6) => new(UInt128.Zero, isIPv6);

    /// <summary>An IPv4 address as one of either.</summary>
    public static IpAddress From(IPv4Address address) => new(address.Value, false);

    /// <summary>An IPv6 address as one of either.</summary>
    public static IpAddress From(IPv6Address address) => new(address.Value, true);

    /// <summary>The same address as <paramref name="address"/>; its zone is lost.</summary>
    public static IpAddress From(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return From(IPv4Address.From(address));
        Span<byte> bytes = stackalloc byte[IPv6Address.Size];
        address.TryWriteBytes(bytes, out _);
        return From(IPv6Address.Read(bytes));
    }

    /// <summary>An IPv4 address as one of either.</summary>
    public static implicit operator IpAddress(IPv4Address address) => From(address);

    /// <summary>An IPv6 address as one of either.</summary>
    public static implicit operator IpAddress(IPv6Address address) => From(address);

    /// <summary>Reads dotted-quad text, or that of IPv6 without a zone.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out IpAddress address)
    {
        if (IPv4Address.TryParse(text, out var ipv4))
        {
            address = ipv4;
            return true;
        }
        var valid = IPv6Address.TryParse(text, out var ipv6);
        address = valid ? ipv6 : default(IpAddress);
        return valid;
    }

    /// <summary>The address of .NET's own kind.</summary>
    public IPAddress ToIPAddress() => IsIPv6 ? IPv6.ToIPAddress() : IPv4.ToIPAddress();

    /// <summary>Dotted-quad text, or the form of RFC 5952.</summary>
    public override string ToString() => IsIPv6 ? IPv6.ToString() : IPv4.ToString();
}
