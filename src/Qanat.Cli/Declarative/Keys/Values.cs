using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Text;
using Qanat.Packets;

namespace Qanat.Cli.Declarative.Keys;

/// <summary>The kinds of values that keys have.</summary>
internal static class Values
{
    /// <summary>Truth, in YAML's older words too, as netplan takes them.</summary>
    public static ValueKind<bool> Boolean { get; } = new("true or false", TryParseBoolean, value => value ? "true" : "false");

    /// <summary>The TTL of outer headers; 0 inherits.</summary>
    public static ValueKind<byte> Ttl { get; } =
        new("a number from 1 to 255, or inherit,", OrWord<byte>("inherit", 0, TryParseNumber),
            value => value == 0 ? "inherit" : Decimal(value));

    /// <summary>A key: a number of 32 bits, or the same as a dotted quad.</summary>
    public static ValueKind<uint> GreKey { get; } = new("a number of 32 bits, or a dotted quad,", TryParseKey, Decimal);

    /// <summary>The name of a network device.</summary>
    public static ValueKind<string> Device { get; } = Text("the name of a network device", IsDeviceName);

    /// <summary>A prefix of IPv6.</summary>
    public static ValueKind<string> IPv6Prefix { get; } = Prefix("an IPv6 prefix such as 2001:db8::/32", AddressFamily.InterNetworkV6);

    /// <summary>A prefix of IPv4.</summary>
    public static ValueKind<string> IPv4Prefix { get; } = Prefix("an IPv4 prefix such as 10.0.0.0/8", AddressFamily.InterNetwork);

    /// <summary>An address of either family.</summary>
    public static ValueKind<IPAddress> Address { get; } = new("an IPv4 or IPv6 address", TryParseAddress, value => value.ToString());

    /// <summary>The same as a text.</summary>
    public static ValueKind<string> AddressText { get; } = new(Address.Expected, TryParseAddressText, value => value);

    /// <summary>An address of either family, or any.</summary>
    public static ValueKind<string> AddressOrAny { get; } = new("an IPv4 or IPv6 address, or any,", TryParseAddressOrAny, value => value);

    /// <summary>A number of 32 bits that tells one thing from others, not 0.</summary>
    public static ValueKind<uint> Identifier { get; } = Number<uint>(1, uint.MaxValue);

    /// <summary>A UDP port.</summary>
    public static ValueKind<int> Port { get; } = Number(1, ushort.MaxValue);

    /// <summary>An Ethernet address, written with colons in lower case.</summary>
    public static ValueKind<string> MacAddress { get; } =
        new("an Ethernet address such as 02:00:00:00:00:01, in quotes,", TryParseMacAddress, value => value);

    /// <summary>A whole number, decimal or hexadecimal with 0x; written as decimal.</summary>
    public static ValueKind<V> Number<V>(V min, V max) where V : struct, IBinaryInteger<V> =>
        new($"a number from {min} to {max}", Within(min, max), Decimal);

    /// <summary>The same, or a word that stands for one.</summary>
    public static ValueKind<V> NumberOr<V>(V min, V max, string word, V stands) where V : struct, IBinaryInteger<V> =>
        new($"a number from {min} to {max}, or {word},", OrWord(word, stands, Within(min, max)),
            value => value == stands ? word : Decimal(value));

    /// <summary>A text that is kept as it is.</summary>
    public static ValueKind<string> Text(string expected, Func<string, bool> valid)
    {
        return new(expected, TryParseText, value => value);

        bool TryParseText(string text, out string value)
        {
            value = text;
            return valid(text);
        }
    }

    /// <summary>One of a few words.</summary>
    public static ValueKind<string> OneOf(params string[] words) =>
        Text(Alternatives(words), words.Contains);

    /// <summary>Words as a sentence has them: <c>a, b or c</c>.</summary>
    public static string Alternatives(IReadOnlyList<string> words) => $"{string.Join(", ", words.SkipLast(1))} or {words[^1]}";

    /// <summary>A number as it is written.</summary>
    public static string Decimal<V>(V value) where V : struct, IBinaryInteger<V> => value.ToString(null, CultureInfo.InvariantCulture);

    /// <summary>Reads an address without a zone.</summary>
    public static bool TryParseAddress(string text, out IPAddress value)
    {
        var valid = IpAddress.TryParse(text, out var address);
        value = address.ToIPAddress();
        return valid;
    }

    /// <summary>True for the text of an IPv6 address.</summary>
    public static bool IsIPv6(string text) => TryParseAddress(text, out var address) && address.IsIPv6();

    /// <summary>Reads a network, without bits beyond its prefix: .NET would clear them in silence.</summary>
    public static bool TryParseNetwork(string text, out IPNetwork value)
    {
        value = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !TryParseAddress(text[..slash], out var address) || !IPNetwork.TryParse(text, out var network) ||
            !network.BaseAddress.Equals(address))
            return false;
        value = network;
        return true;
    }

    /// <summary>Reads a whole number.</summary>
    public static bool TryParseNumber<V>(string text, out V value) where V : struct, IBinaryInteger<V> =>
        text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? V.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && !V.IsNegative(value)
            : V.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    /// <summary>True for what can be a device's name (net/core/dev.c: dev_valid_name), a pattern left out.</summary>
    public static bool IsDeviceName(string text) =>
        text is not ("" or "." or "..") && Encoding.UTF8.GetByteCount(text) < 16 &&
        !text.Any(c => c is '/' or ':' or '%' || char.IsWhiteSpace(c) || char.IsControl(c));

    private static TryParse<V> Within<V>(V min, V max) where V : struct, IBinaryInteger<V> =>
        (string text, out V value) => TryParseNumber(text, out value) && value >= min && value <= max;

    private static TryParse<V> OrWord<V>(string word, V stands, TryParse<V> parse) where V : struct => (string text, out V value) =>
    {
        value = stands;
        return text == word || parse(text, out value);
    };

    private static ValueKind<string> Prefix(string expected, AddressFamily family)
    {
        return new(expected, TryParsePrefix, value => value);

        bool TryParsePrefix(string text, out string value)
        {
            var valid = TryParseNetwork(text, out var prefix) && prefix.BaseAddress.AddressFamily == family;
            value = valid ? prefix.ToString() : "";
            return valid;
        }
    }

    private static bool TryParseAddressText(string text, out string value)
    {
        var valid = TryParseAddress(text, out var address);
        value = address.ToString();
        return valid;
    }

    private static bool TryParseAddressOrAny(string text, out string value)
    {
        var valid = TryParseAddress(text, out var address);
        value = valid && !address.IsAny() ? address.ToString() : "any";
        return valid || text == "any";
    }

    private static bool TryParseMacAddress(string text, out string value)
    {
        value = text.ToLowerInvariant();
        return text.Length == 17 && text.Index().All(at => at.Index % 3 == 2 ? at.Item == ':' : char.IsAsciiHexDigit(at.Item));
    }

    private static bool TryParseBoolean(string text, out bool value)
    {
        value = text.ToLowerInvariant() is "true" or "yes" or "on" or "y";
        return value || text.ToLowerInvariant() is "false" or "no" or "off" or "n";
    }

    private static bool TryParseKey(string text, out uint value)
    {
        if (TryParseNumber(text, out value))
            return true;
        var valid = IPv4Address.TryParse(text, out var quad);
        value = quad.Value;
        return valid;
    }
}
