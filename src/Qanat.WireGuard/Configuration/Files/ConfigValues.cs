using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Qanat.Crypto;

namespace Qanat.WireGuard.Configuration;

/// <summary>Reads the values of configuration files, and says what is wrong with those that are none.</summary>
internal static class ConfigValues
{
    private const int Scratch = 64;

    /// <summary>Reads a number.</summary>
    public static bool TryNumber(ConfigField field, string key, uint largest, ConfigRemarks remarks, out uint number)
    {
        if (AddressText.TryParseNumber(field.Compact(stackalloc byte[Scratch]), largest, out number))
            return true;
        remarks.Expect(field, key, $"a number from 0 to {largest}");
        return false;
    }

    /// <summary>Reads seconds, or <c>off</c>.</summary>
    public static bool TryKeepalive(ConfigField field, ConfigRemarks remarks, out ushort seconds)
    {
        var text = field.Compact(stackalloc byte[Scratch]);
        uint number = 0;
        var valid = Ascii.EqualsIgnoreCase(text, "off") || AddressText.TryParseNumber(text, ushort.MaxValue, out number);
        if (!valid)
            remarks.Expect(field, "PersistentKeepalive", "a number of seconds from 1 to 65535, or off,");
        seconds = (ushort)number;
        return valid;
    }

    /// <summary>Reads a mark: <c>off</c>, decimal, or hexadecimal after <c>0x</c>.</summary>
    public static bool TryMark(ConfigField field, ConfigRemarks remarks, out uint mark)
    {
        var text = field.Compact(stackalloc byte[Scratch]);
        mark = 0;
        if (Ascii.EqualsIgnoreCase(text, "off") || AddressText.TryParseNumber(text, uint.MaxValue, out mark) || TryHex(text, out mark))
            return true;
        remarks.Expect(field, "FwMark", "a number from 0 to 0xffffffff, or off,");
        return false;
    }

    /// <summary>Reads a public key.</summary>
    public static bool TryPublicKey(ConfigField field, ConfigRemarks remarks, out PublicKey key)
    {
        Span<byte> bytes = stackalloc byte[PublicKey.Size];
        var text = field.Compact(stackalloc byte[Scratch]);
        var valid = KeyText.TryReadBase64(text, bytes);
        key = valid ? new(bytes) : default;
        if (!valid)
            remarks.Mistake(field, $"PublicKey: {KeyExpected(text.Length)}");
        else if (key.IsNone)
            remarks.Mistake(field, "PublicKey: this key is all zeros, and nobody's; put the peer's own here (wg pubkey)");
        return valid && !key.IsNone;
    }

    /// <summary>Reads a private or a preshared key. It is not shown, however wrong it is.</summary>
    public static bool TrySecretKey(ConfigField field, string name, ConfigRemarks remarks, out SecretKey? key)
    {
        Span<byte> scratch = stackalloc byte[Scratch];
        var text = field.Compact(scratch);
        var valid = KeyText.TryReadBase64(text, out key);
        if (!valid)
            remarks.Mistake(field, $"{name}: {KeyExpected(text.Length)}");
        CryptographicOperations.ZeroMemory(scratch);
        return valid;
    }

    /// <summary>Reads an address of the interface.</summary>
    public static bool TryAddress(ConfigField field, ConfigRemarks remarks, out InterfaceAddress address)
    {
        var valid = AddressText.TryParsePrefix(field.Text, out var parsed, out var length);
        address = new(parsed, length < 0 ? null : (byte)length);
        if (!valid)
            remarks.Expect(field, "Address", "an address such as 10.8.0.1/24 or fd00:8::1/64");
        return valid;
    }

    /// <summary>Reads what peers may send from.</summary>
    /// <param name="field">An address, with or without a length, and no sign.</param>
    /// <param name="remarks">What there is to say.</param>
    /// <param name="prefix">The addresses.</param>
    public static bool TryAllowedIp(ConfigField field, ConfigRemarks remarks, out AllowedIp prefix)
    {
        prefix = default;
        if (!AddressText.TryParsePrefix(field.Compact(stackalloc byte[Scratch]), out var address, out var length))
        {
            remarks.Expect(field, "AllowedIPs", "a network such as 10.8.0.0/24 or fd00:8::/64");
            return false;
        }
        prefix = new(address, length < 0 ? address.IsIPv6 ? 128 : 32 : length);
        if (prefix.Address != address)
            remarks.Warn(new(field.Line, field.Column, $"AllowedIPs: {field.Shown} has bits behind its length, and means {prefix}"));
        return true;
    }

    /// <summary>Reads a routing table: a number, or what may be a name.</summary>
    public static bool TryTable(ConfigField field, Func<string, bool> isTable, ConfigRemarks remarks, out RoutingTable table)
    {
        var text = Encoding.UTF8.GetString(field.Text);
        table = new(field.IsEmpty ? null : text);
        var isWord = text is "" or "off" or "auto";
        var valid = isWord || (char.IsAsciiDigit(text[0])
            ? RoutingTable.TryParseNumber(text, out _) || isTable(text)
            : text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') && text.ToLowerInvariant() is not ("off" or "auto"));
        if (!valid)
            remarks.Expect(field, "Table", "off, auto, or the number or the name of a routing table,");
        return valid;
    }

    /// <summary>Reads true or false.</summary>
    public static bool TryBoolean(ConfigField field, string key, ConfigRemarks remarks, out bool value)
    {
        value = Ascii.EqualsIgnoreCase(field.Text, "true");
        if (value || Ascii.EqualsIgnoreCase(field.Text, "false"))
            return true;
        remarks.Expect(field, key, "true or false");
        return false;
    }

    private static bool TryHex(ReadOnlySpan<byte> text, out uint number)
    {
        number = 0;
        return text.StartsWith("0x"u8) && text.Length > 2 &&
            uint.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
    }

    private static string KeyExpected(int count) => count == KeyText.Base64Length
        ? "this is no key in base64; copy it again, whole"
        : $"a key has {KeyText.Base64Length} characters of base64, and this has {count}; copy it again, whole";
}
