using Qanat.Packets;

namespace Qanat.Cli.Iproute2.Links;

/// <summary>
/// The values of <c>ip link</c>'s keywords. Each reads the word after the keyword that is the current one, and throws
/// <see cref="CommandFailure"/> with iproute2's text where it makes no sense.
/// </summary>
internal static class LinkValues
{
    private const uint MaxFlowLabel = 0xFFFFF;

    /// <summary>True when the current word is a keyword, or a beginning of it.</summary>
    public static bool Is(this Words words, string keyword) => Words.Abbreviates(words.Current, keyword);

    /// <summary>An IPv4 address, as descriptions have it.</summary>
    public static string IPv4(Words words) => Addresses.TryParseIPv4(words.Value(), out var address)
        ? address.IsAny ? "any" : address.ToString()
        : throw Expected("inet address", words);

    /// <summary>An IPv6 address, as descriptions have it.</summary>
    public static string IPv6(Words words) => Addresses.TryParseIPv6(words.Value(), out var address)
        ? Any(address.ToString())
        : throw Expected("inet6 address", words);

    /// <summary>An address of either family, but for <c>any</c> of the one that is asked for.</summary>
    /// <param name="words">The words.</param>
    /// <param name="family">The family that it must be of; null for either.</param>
    public static IpAddress Address(Words words, bool? family) =>
        AddressOrNone(words, family) ?? throw CommandFailure.Nonsense("Error: Unsupported address family.");

    /// <summary>The same; null for <c>any</c> where either family would do, for it has none.</summary>
    public static IpAddress? AddressOrNone(Words words, bool? family)
    {
        var text = words.Value();
        if (family is null && IsWordForAny(text))
            return null;
        if (family != true && Addresses.TryParseIPv4(text, out var ipv4))
            return ipv4;
        if (family != false && Addresses.TryParseIPv6(text, out _) && IpAddress.TryParse(IsWordForAny(text) ? "::" : text, out var ipv6))
            return ipv6;
        throw Expected(family switch { null => "any valid address", true => "inet6 address", false => "inet address" }, words);
    }

    /// <summary>An address as descriptions have it.</summary>
    public static string Text(IpAddress address) => address.IsAny ? "any" : address.ToString();

    /// <summary>A prefix of IPv6 with its length.</summary>
    public static string IPv6Prefix(Words words)
    {
        var text = words.Value();
        var slash = text.IndexOf('/');
        var length = 128u;
        var valid = Addresses.TryParseIPv6(slash < 0 ? text : text[..slash], out var address) &&
            (slash < 0 || (Numbers.TryParseUInt(text[(slash + 1)..], 0, out length) && length <= 128));
        return valid ? $"{address}/{length}" : throw Expected("inet6 prefix", words);
    }

    /// <summary>A prefix of IPv4 with its length.</summary>
    public static string IPv4Prefix(Words words)
    {
        var text = words.Value();
        var slash = text.IndexOf('/');
        var length = 32u;
        var valid = Addresses.TryParseIPv4(slash < 0 ? text : text[..slash], out var address) &&
            (slash < 0 || (Numbers.TryParseUInt(text[(slash + 1)..], 0, out length) && length <= 32));
        return valid ? $"{address}/{length}" : throw Expected("inet prefix", words);
    }

    /// <summary>A TTL, of which 0 inherits.</summary>
    /// <param name="words">The words.</param>
    /// <param name="why">What a wrong one is called.</param>
    public static byte Ttl(Words words, string why) => words.Value() == "inherit" ? (byte)0
        : Numbers.TryParseByte(words.Current, 0, out var ttl) ? ttl
        : throw CommandFailure.WrongArgument(words.Current, why + "\n");

    /// <summary>A TOS: a name or a hexadecimal number; bit 0 inherits.</summary>
    public static byte Tos(Words words, DsFields names) => words.Value() == "inherit" ? (byte)1
        : names.TryParse(words.Current, out var tos) ? tos
        : throw CommandFailure.WrongArgument(words.Current, "bad TOS value");

    /// <summary>A flow label, hexadecimal; null inherits.</summary>
    public static uint? FlowLabel(Words words) => words.Value() == "inherit" ? null
        : Numbers.TryParse(words.Current, 16, MaxFlowLabel, out var label) ? (uint)label
        : throw CommandFailure.WrongArgument(words.Current, "invalid Flowlabel");

    /// <summary>A traffic class, hexadecimal; null inherits.</summary>
    public static byte? TrafficClass(Words words) => words.Value() == "inherit" ? null
        : Numbers.TryParseByte(words.Current, 16, out var value) ? value
        : throw CommandFailure.WrongArgument(words.Current, "invalid TClass");

    /// <summary>A firewall mark.</summary>
    public static uint Mark(Words words) => Numbers.TryParseUInt(words.Value(), 0, out var mark)
        ? mark
        : throw CommandFailure.WrongArgument(words.Current, "invalid fwmark\n");

    /// <summary>A device that is there.</summary>
    public static string Device(Words words, Func<string, bool> exists) => exists(words.Value())
        ? words.Current
        : throw CommandFailure.Nonsense($"Cannot find device \"{words.Current}\"");

    /// <summary>A number of 16 bits.</summary>
    /// <param name="words">The words.</param>
    /// <param name="why">What a wrong one is called.</param>
    public static ushort Port(Words words, string why) => Numbers.TryParse(words.Value(), 0, ushort.MaxValue, out var port)
        ? (ushort)port
        : throw CommandFailure.WrongArgument(words.Current, why);

    /// <summary>A number of 32 bits.</summary>
    /// <param name="words">The words.</param>
    /// <param name="why">What a wrong one is called.</param>
    public static uint Number(Words words, string why) => Numbers.TryParseUInt(words.Value(), 0, out var number)
        ? number
        : throw CommandFailure.WrongArgument(words.Current, why);

    /// <summary>The one line about an option that Qanat is without.</summary>
    public static CommandFailure Unsupported(string option) => CommandFailure.Refusal($"\"{option}\" is not supported by qanat link.");

    private static string Any(string address) => address == "::" ? "any" : address;

    private static bool IsWordForAny(string text) => text is "any" or "all" or "default";

    private static CommandFailure Expected(string what, Words words) =>
        CommandFailure.Refusal($"Error: {what} is expected rather than \"{words.Current}\".");
}
