using Qanat.Packets;

namespace Qanat.WireGuard.Configuration;

/// <summary>An address of the interface itself.</summary>
/// <param name="Address">The address.</param>
/// <param name="WrittenLength">The length of its network's prefix, or null when none is written.</param>
public readonly record struct InterfaceAddress(IpAddress Address, byte? WrittenLength)
{
    /// <summary>The length of its network's prefix; without one it is alone.</summary>
    public byte Length => WrittenLength ?? (byte)(Address.IsIPv6 ? 128 : 32);

    /// <summary>The network that it is on.</summary>
    public AllowedIp Network => new(Address, Length);

    /// <summary>As it is written: <c>10.8.0.1/24</c>, <c>10.8.0.1</c>.</summary>
    public override string ToString() => WrittenLength is { } length ? $"{Address}/{length}" : Address.ToString();
}
