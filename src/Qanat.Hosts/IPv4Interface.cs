using System.Globalization;
using Qanat.Packets;

namespace Qanat.Hosts;

/// <summary>An IPv4 address together with the network that it is in: 10.18.0.3/24.</summary>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">Bits of the network: 0 to 32.</param>
public readonly record struct IPv4Interface(IPv4Address Address, int PrefixLength)
{
    /// <summary>The address of all hosts in the network; of /31 and /32 there is none, which reads as 255.255.255.255.</summary>
    public IPv4Address Broadcast => PrefixLength > 30 ? new(uint.MaxValue) : new(Address.Value | uint.MaxValue >> PrefixLength);

    /// <summary>
    /// Reads <c>ADDRESS/LENGTH</c>, or an address alone, which is its own network (/32). False when it is neither, or not the
    /// address of a single host.
    /// </summary>
    public static bool TryParse(string text, out IPv4Interface value)
    {
        value = default;
        ArgumentNullException.ThrowIfNull(text);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var length = 32;
        if (slash >= 0 && !int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) ||
            length > 32 || !IPv4Address.TryParse(slash < 0 ? text : text[..slash], out var address) || !IsHost(address))
            return false;
        value = new(address, length);
        return value.Address != value.Broadcast;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Address}/{PrefixLength}";

    // Not 0.0.0.0/8, loopback, multicast or class E.
    private static bool IsHost(IPv4Address address) => address.Value >> 24 != 0 && !address.IsLoopback && address.Value >> 28 < 0xE;
}
