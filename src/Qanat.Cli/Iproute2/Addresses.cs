using System.Net;
using System.Net.Sockets;
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
    public static bool TryParseIPv6(string text, out IPAddress address)
    {
        address = IPAddress.IPv6Any;
        if (IsAny(text))
            return true;
        // .NET would take brackets, ports and scopes as well.
        if (!text.Contains(':') || !text.All(IsInIPv6) || !IPAddress.TryParse(text, out var parsed))
            return false;
        address = parsed;
        return address.AddressFamily == AddressFamily.InterNetworkV6;
    }

    /// <summary>Reads an IPv6 address.</summary>
    /// <exception cref="CommandFailure">It is none.</exception>
    public static IPAddress ParseIPv6(string text) =>
        TryParseIPv6(text, out var address)
            ? address
            : throw CommandFailure.Refusal($"Error: inet6 address is expected rather than \"{text}\".");

    /// <summary>Checks a prefix: an address, and a length or a netmask after a slash.</summary>
    /// <exception cref="CommandFailure">It is none.</exception>
    public static void CheckPrefix(string text, AddressFamily family)
    {
        var slash = text.IndexOf('/');
        var address = slash < 0 ? text : text[..slash];
        var inet6 = family == AddressFamily.InterNetworkV6;
        var valid = inet6 ? TryParseIPv6(address, out _) : TryParseIPv4(address, out _);
        if (valid && slash >= 0)
            valid = !IsAny(address) && TryParsePrefixLength(text[(slash + 1)..], out var length) && length <= (inet6 ? 128u : 32u);
        if (!valid)
            throw CommandFailure.Refusal($"Error: {(inet6 ? "inet6" : "inet")} prefix is expected rather than \"{text}\".");
    }

    private static bool TryParsePrefixLength(string text, out uint length)
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
