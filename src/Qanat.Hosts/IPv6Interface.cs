using System.Globalization;
using Qanat.Packets;

namespace Qanat.Hosts;

/// <summary>An IPv6 address together with the length of its network's prefix: fd18::3/64.</summary>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">Bits of the prefix: 0 to 128.</param>
public readonly record struct IPv6Interface(IPv6Address Address, int PrefixLength)
{
    /// <summary>
    /// Reads <c>ADDRESS/LENGTH</c>, or an address alone (/128). False when it is neither, or not the address of a single host.
    /// </summary>
    public static bool TryParse(string text, out IPv6Interface value)
    {
        value = default;
        ArgumentNullException.ThrowIfNull(text);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var length = 128;
        if (slash >= 0 && !int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) ||
            length > 128 || !IPv6Address.TryParse(slash < 0 ? text : text[..slash], out var address) ||
            address.IsAny || address.IsLoopback || address.IsMulticast)
            return false;
        value = new(address, length);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Address}/{PrefixLength}";
}
