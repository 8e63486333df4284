using Qanat.Packets;

namespace Qanat.Hosts;

/// <summary>An address of either IP version.</summary>
public readonly record struct IpAddress
{
    private readonly UInt128 _value;

    private IpAddress(UInt128 value, bool isIPv6) => (_value, IsIPv6) = (value, isIPv6);

    /// <summary>True when it is one of IPv6.</summary>
    public bool IsIPv6 { get; }

    /// <summary>An IPv4 address as one of either.</summary>
    public static IpAddress From(IPv4Address address) => new(address.Value, false);

    /// <summary>An IPv6 address as one of either.</summary>
    public static IpAddress From(IPv6Address address) => new(address.Value, true);

    /// <summary>Dotted-quad text, or the form of RFC 5952.</summary>
    public override string ToString() => IsIPv6 ? new IPv6Address(_value).ToString() : new IPv4Address((uint)_value).ToString();
}
