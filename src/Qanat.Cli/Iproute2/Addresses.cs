using Qanat.Packets;

namespace Qanat.Cli.Iproute2;

/// <summary>
/// Addresses and prefixes as iproute2 reads them: short forms are filled up on the right (10.8 is 10.8.0.0), names are not
/// looked up.
/// </summary>
internal static class Addresses
{
    /// <summary>Reads an IPv4 address; <c>any</c>, <c>all</c> and <c>default</c> are 0.0.0.0.</summary>
    public static bool TryParseIPv4(string text, out IPv4Address address)
    {
        address = IPv4Address.Any;
        if (IsAny(text))
            return true;
        var value = 0u;
        var parts = text.Split('.');
        if (parts.Length > 4)
            return false;
        for (var i = 0; i < parts.Length; i++)
        {
            if (!Numbers.TryParseByte(parts[i], 0, out var part))
                return false;
            value |= (uint)part << (24 - (8 * i));
        }
        address = new(value);
        return true;
    }

    /// <summary>Reads an IPv4 address.</summary>
    /// <exception cref="CommandFailure">It is none.</exception>
    public static IPv4Address ParseIPv4(string text) =>
        TryParseIPv4(text, out var address)
            ? address
            : throw CommandFailure.Refusal($"Error: an IP address is expected rather than \"{text}\"");

    /// <summary>Reads an IPv6 address; <c>any</c>, <c>all</c> and <c>default</c> are ::.</summary>
    public static bool TryParseIPv6(string text, out IPv6Address address)
    {
        address = IPv6Address.Any;
        // .NET would take brackets, ports and scopes as well.
        return IsAny(text) || (text.Contains(':') && text.All(IsInIPv6) && IPv6Address.TryParse(text, out address));
    }

    /// <summary>Reads an IPv6 address.</summary>
    /// <exception cref="CommandFailure">It is none.</exception>
    public static IPv6Address ParseIPv6(string text) =>
        TryParseIPv6(text, out var address)
            ? address
            : throw CommandFailure.Refusal($"Error: inet6 address is expected rather than \"{text}\".");

    /// <summary>Reads an IPv4 prefix, an address and a length or a netmask after a slash, and writes it with its length.</summary>
    /// <exception cref="CommandFailure">It is none.</exception>
    public static string ParseIPv4Prefix(string text) =>
        TryParseIPv4(BeforeSlash(text), out var address) && TryParsePrefixLength(text, 32, out var length)
            ? $"{address}/{length}"
            : throw CommandFailure.Refusal($"Error: inet prefix is expected rather than \"{text}\".");

    /// <summary>The same for IPv6.</summary>
    /// <exception cref="CommandFailure">It is none.</exception>
    public static string ParseIPv6Prefix(string text) =>
        TryParseIPv6(BeforeSlash(text), out var address) && TryParsePrefixLength(text, 128, out var length)
            ? $"{address}/{length}"
            : throw CommandFailure.Refusal($"Error: inet6 prefix is expected rather than \"{text}\".");

    private static string BeforeSlash(string text) => text.IndexOf('/') is >= 0 and var slash ? text[..slash] : text;

    // Of an address alone it is the whole address's; "any" has the length 0, and takes none.
    private static bool TryParsePrefixLength(string text, uint max, out uint length)
    {
        var slash = text.IndexOf('/');
        length = IsAny(text) ? 0 : max;
        return slash < 0 || (!IsAny(text[..slash]) && TryParseLengthOrMask(text[(slash + 1)..], out length) && length <= max);
    }

    private static bool TryParseLengthOrMask(string text, out uint length)
    {
        if (Numbers.TryParseUInt(text, 0, out length))
            return true;
        if (!TryParseIPv4(text, out var mask) || ((~mask.Value + 1) & ~mask.Value) != 0)
            return false;
        length = (uint)uint.PopCount(mask.Value);
        return true;
    }

    private static bool IsInIPv6(char c) => char.IsAsciiHexDigit(c) || c is ':' or '.';

    private static bool IsAny(string text) => text is "any" or "all" or "default";
}
