using Qanat.Packets;

namespace Qanat.WireGuard;

/// <summary>
/// Addresses that a peer may send from and is sent to: those that begin with the same bits. The bits behind them are zero.
/// </summary>
public readonly record struct AllowedIp
{
    /// <summary>Takes the first <paramref name="length"/> bits of <paramref name="address"/>.</summary>
    /// <param name="address">Any address that begins with them.</param>
    /// <param name="length">0 to 32, or to 128.</param>
    /// <exception cref="ArgumentOutOfRangeException">An address has not so many bits.</exception>
    public AllowedIp(IpAddress address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, address.IsIPv6 ? 128 : 32);
        Length = length;
        Address = address.IsIPv6
            ? new IPv6Address(length == 0 ? 0 : address.IPv6.Value & UInt128.MaxValue << (128 - length))
            : new IPv4Address(length == 0 ? 0 : address.IPv4.Value & uint.MaxValue << (32 - length));
    }

    /// <summary>The first of the addresses.</summary>
    public IpAddress Address { get; }

    /// <summary>How many bits they have in common.</summary>
    public int Length { get; }

    /// <summary><c>10.0.0.0/8</c>.</summary>
    public override string ToString() => $"{Address}/{Length}";
}
