using System.Buffers;
using System.Text;
using Qanat.Packets;

namespace Qanat.WireGuard.Configuration;

/// <summary>
/// Addresses and numbers as WireGuard's tools write them: inet_pton's forms and plain digits, and none of the others that
/// .NET reads too.
/// </summary>
internal static class AddressText
{
    // The longest text of an IPv6 address, which ends in an IPv4 one.
    private const int MaxLength = 45;

    private static readonly SearchValues<byte> IPv4Characters = SearchValues.Create("0123456789."u8);
    private static readonly SearchValues<byte> IPv6Characters = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    /// <summary>Reads an address of either family: dotted decimals without leading zeros, or RFC 4291's forms without a zone.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out IpAddress address)
    {
        if (!text.Contains((byte)':'))
            return TryParseIPv4(text, out address);
        address = default;
        if (text.Length > MaxLength || text.ContainsAnyExcept(IPv6Characters))
            return false;
        // The IPv4 address at the end, if there is one, is held to the same form as one that stands alone.
        if (text.Contains((byte)'.') && !TryParseIPv4(text[(text.LastIndexOf((byte)':') + 1)..], out _))
            return false;
        var valid = IPv6Address.TryParse(Encoding.ASCII.GetString(text), out var parsed);
        address = valid ? parsed : default(IpAddress);
        return valid;
    }

    /// <summary>True for digits and dots alone, whether or not they are an address.</summary>
    public static bool LooksLikeIPv4(ReadOnlySpan<byte> text) => !text.ContainsAnyExcept(IPv4Characters);

    /// <summary>Reads an address and the length of its prefix.</summary>
    /// <param name="text"><c>10.0.0.0/8</c>.</param>
    /// <param name="address">The address, with all its bits.</param>
    /// <param name="length">The length, or -1 when there is no slash.</param>
    public static bool TryParsePrefix(ReadOnlySpan<byte> text, out IpAddress address, out int length)
    {
        var slash = text.IndexOf((byte)'/');
        length = -1;
        if (!TryParse(slash < 0 ? text : text[..slash], out address))
            return false;
        if (slash < 0)
            return true;
        var valid = TryParseNumber(text[(slash + 1)..], address.IsIPv6 ? 128u : 32, out var number);
        length = (int)number;
        return valid;
    }

    /// <summary>Reads decimal digits.</summary>
    /// <param name="text">Digits alone; leading zeros mean nothing.</param>
    /// <param name="largest">The largest number that there may be.</param>
    /// <param name="number">The number, 0 when the text is none.</param>
    public static bool TryParseNumber(ReadOnlySpan<byte> text, uint largest, out uint number)
    {
        number = 0;
        ulong value = 0;
        if (text.IsEmpty)
            return false;
        foreach (var digit in text)
        {
            if (!char.IsAsciiDigit((char)digit))
                return false;
            value = 10 * value + digit - '0';
            if (value > largest)
                return false;
        }
        number = (uint)value;
        return true;
    }

    private static bool TryParseIPv4(ReadOnlySpan<byte> text, out IpAddress address)
    {
        address = default;
        uint value = 0;
        var parts = 0;
        foreach (var range in text.Split((byte)'.'))
        {
            var part = text[range];
            if (parts++ == 4 || part.Length > 1 && part[0] == '0' || !TryParseNumber(part, byte.MaxValue, out var number))
                return false;
            value = value << 8 | number;
        }
        if (parts != 4)
            return false;
        address = new IPv4Address(value);
        return true;
    }
}
