using System.Text;
using Qanat.Packets;

namespace Qanat.WireGuard.Configuration;

/// <summary>
/// Addresses that a peer may send from, and that packets to are sent to it: those that begin with the same bits. Bits past
/// the prefix are zero, as devices keep them, so that equal sets of addresses are equal.
/// </summary>
public readonly record struct AllowedIp
{
    /// <summary>Takes an address, of which only the first <paramref name="length"/> bits count.</summary>
    /// <param name="address">An address with those bits.</param>
    /// <param name="length">Their number, 0 to 32 or 128.</param>
    public AllowedIp(IpAddress address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, address.IsIPv6 ? 128 : 32);
        Length = (byte)length;
        Address = address.IsIPv6
            ? new IPv6Address(address.IPv6.Value & (length == 0 ? UInt128.Zero : UInt128.MaxValue << (128 - length)))
            : new IPv4Address((uint)(address.IPv4.Value & ulong.MaxValue << (32 - length)));
    }

    /// <summary>The first of the addresses.</summary>
    public IpAddress Address { get; }

    /// <summary>Bits that all of them begin with, 0 to 32 or 128.</summary>
    public byte Length { get; }

    /// <summary>True when it is every address of its family.</summary>
    public bool IsDefault => Length == 0;

    /// <summary>Reads a network: <c>10.0.0.0/8</c>; an address alone is one of its own.</summary>
    /// <param name="text">The text.</param>
    /// <param name="prefix">The network.</param>
    /// <param name="hasMoreBits">True when the text has bits behind its length, which do not count.</param>
    public static bool TryParse(string text, out AllowedIp prefix, out bool hasMoreBits)
    {
        ArgumentNullException.ThrowIfNull(text);
        var valid = AddressText.TryParsePrefix(Encoding.UTF8.GetBytes(text), out var address, out var length);
        prefix = valid ? new(address, length < 0 ? address.IsIPv6 ? 128 : 32 : length) : default;
        hasMoreBits = valid && prefix.Address != address;
        return valid;
    }

    /// <summary>True when every address of <paramref name="other"/> is one of these.</summary>
    public bool Contains(AllowedIp other) =>
        other.Address.IsIPv6 == Address.IsIPv6 && other.Length >= Length && new AllowedIp(other.Address, Length) == this;

    /// <summary><c>10.0.0.0/8</c>.</summary>
    public override string ToString() => $"{Address}/{Length}";
}
