namespace Qanat.Cli.Iproute2;

/// <summary>
/// Numbers as strtoul(3) reads them, which every number of iproute2 comes from: spaces and a sign may come first, a
/// negative number wraps around, and in radix 0 the number tells its own radix (0x40, 0100, 64).
/// </summary>
internal static class Numbers
{
    /// <summary>Reads a number that takes all of <paramref name="text"/> and is at most <paramref name="max"/>.</summary>
    /// <param name="text">The number.</param>
    /// <param name="radix">10, 16, or 0 for whatever the number says.</param>
    /// <param name="max">The largest value.</param>
    /// <param name="value">The number.</param>
    public static bool TryParse(ReadOnlySpan<char> text, int radix, ulong max, out ulong value)
    {
        value = 0;
        var rest = text.TrimStart(" \t\n\v\f\r");
        var negative = rest is ['-', ..];
        if (rest is ['-' or '+', ..])
            rest = rest[1..];

        if (radix is (0 or 16) && rest is ['0', 'x' or 'X', var first, ..] && char.IsAsciiHexDigit(first))
        {
            radix = 16;
            rest = rest[2..];
        }
        else if (radix == 0)
            radix = rest is ['0', ..] ? 8 : 10;

        if (rest.IsEmpty)
            return false;
        var overflow = false;
        foreach (var c in rest)
        {
            var digit = Digit(c);
            if (digit >= radix)
                return false;
            overflow |= value > (ulong.MaxValue - (ulong)digit) / (ulong)radix;
            value = unchecked((value * (ulong)radix) + (ulong)digit);
        }
        if (negative)
            value = unchecked(0 - value);
        return !overflow && value <= max;
    }

    /// <summary>Reads a number of one byte.</summary>
    public static bool TryParseByte(string text, int radix, out byte value)
    {
        var ok = TryParse(text, radix, byte.MaxValue, out var number);
        value = ok ? (byte)number : (byte)0;
        return ok;
    }

    /// <summary>Reads a number of 32 bits.</summary>
    public static bool TryParseUInt(string text, int radix, out uint value)
    {
        var ok = TryParse(text, radix, uint.MaxValue, out var number);
        value = ok ? (uint)number : 0;
        return ok;
    }

    private static int Digit(char c) => c switch
    {
        >= '0' and <= '9' => c - '0',
        >= 'a' and <= 'z' => c - 'a' + 10,
        >= 'A' and <= 'Z' => c - 'A' + 10,
        _ => int.MaxValue,
    };
}
