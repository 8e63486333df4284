using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Qanat.Crypto;

namespace Qanat.WireGuard.Configuration;

/// <summary>
/// Keys as text: base64 in files and commands, hexadecimal in the configuration protocol. In constant time, without tables
/// and strings: neither the cache nor the heap learns a key.
/// </summary>
public static class KeyText
{
    /// <summary>Bytes of any of WireGuard's keys.</summary>
    public const int KeySize = 32;

    /// <summary>Characters of a key in base64, the last of them <c>=</c>.</summary>
    public const int Base64Length = 44;

    /// <summary>Characters of a key in hexadecimal.</summary>
    public const int HexLength = 64;

    /// <summary>Reads 44 characters of base64; the two bits that a key does not fill must be zero.</summary>
    /// <param name="text">ASCII.</param>
    /// <param name="key">32 bytes; zeros when the text is no key.</param>
    public static bool TryReadBase64(ReadOnlySpan<byte> text, Span<byte> key)
    {
        key = key[..KeySize];
        key.Clear();
        if (text.Length != Base64Length || text[^1] != '=')
            return false;
        var (wrong, digits, bits, at) = (0, 0, 0, 0);
        foreach (var character in text[..^1])
        {
            var digit = Base64Digit(character);
            wrong |= digit;
            digits = digits << 6 | digit & 63;
            bits += 6;
            if (bits < 8)
                continue;
            bits -= 8;
            key[at++] = (byte)(digits >> bits);
        }
        return Keep(key, wrong | -(digits & 3));
    }

    /// <summary>Writes 44 characters of base64.</summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="text">Where to; ASCII.</param>
    public static void WriteBase64(ReadOnlySpan<byte> key, Span<byte> text)
    {
        var (digits, bits, at) = (0, 0, 0);
        foreach (var octet in key[..KeySize])
        {
            digits = digits << 8 | octet;
            for (bits += 8; bits >= 6; bits -= 6)
                text[at++] = Base64Character(digits >> (bits - 6) & 63);
        }
        text[at++] = Base64Character(digits << 2 & 63); // Four bits are left, and two zeros.
        text[at] = (byte)'=';
    }

    /// <summary>Reads 64 hexadecimal digits of either case.</summary>
    /// <param name="text">ASCII.</param>
    /// <param name="key">32 bytes; zeros when the text is no key.</param>
    public static bool TryReadHex(ReadOnlySpan<byte> text, Span<byte> key)
    {
        key = key[..KeySize];
        key.Clear();
        if (text.Length != HexLength)
            return false;
        var wrong = 0;
        for (var i = 0; i < KeySize; i++)
        {
            var (high, low) = (HexDigit(text[2 * i]), HexDigit(text[2 * i + 1]));
            wrong |= high | low;
            key[i] = (byte)(high << 4 | low);
        }
        return Keep(key, wrong);
    }

    /// <summary>Writes 64 hexadecimal digits of lower case.</summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="text">Where to; ASCII.</param>
    public static void WriteHex(ReadOnlySpan<byte> key, Span<byte> text)
    {
        for (var i = 0; i < KeySize; i++)
            (text[2 * i], text[2 * i + 1]) = (HexCharacter(key[i] >> 4), HexCharacter(key[i] & 15));
    }

    /// <summary>Reads a secret key of base64.</summary>
    public static bool TryReadBase64(ReadOnlySpan<byte> text, [NotNullWhen(true)] out SecretKey? key)
    {
        Span<byte> bytes = stackalloc byte[KeySize];
        key = TryReadBase64(text, bytes) ? new(bytes) : null;
        CryptographicOperations.ZeroMemory(bytes);
        return key is not null;
    }

    private static bool Keep(Span<byte> key, int wrong)
    {
        if (wrong >= 0)
            return true;
        CryptographicOperations.ZeroMemory(key);
        return false;
    }

    // All ones when the value is one of those from first to last; zero when not.
    private static int Within(int value, int first, int last) => (first - 1 - value & value - last - 1) >> 31;

    // What a character stands for; negative when it is none of the alphabet.
    private static int Base64Digit(int c) =>
        -1 + (Within(c, 'A', 'Z') & c - 'A' + 1) + (Within(c, 'a', 'z') & c - 'a' + 27) + (Within(c, '0', '9') & c - '0' + 53) +
        (Within(c, '+', '+') & 63) + (Within(c, '/', '/') & 64);

    private static byte Base64Character(int digit) => (byte)(
        Within(digit, 0, 25) & digit + 'A' | Within(digit, 26, 51) & digit - 26 + 'a' | Within(digit, 52, 61) & digit - 52 + '0' |
        Within(digit, 62, 62) & '+' | Within(digit, 63, 63) & '/');

    private static int HexDigit(int c) =>
        -1 + (Within(c, '0', '9') & c - '0' + 1) + (Within(c, 'a', 'f') & c - 'a' + 11) + (Within(c, 'A', 'F') & c - 'A' + 11);

    private static byte HexCharacter(int digit) => (byte)(digit + '0' + (Within(digit, 10, 15) & 'a' - '0' - 10));
}
