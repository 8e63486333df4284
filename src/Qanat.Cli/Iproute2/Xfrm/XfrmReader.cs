using System.Globalization;
using System.Net.Sockets;
using Qanat.Daemon.Api;
using Qanat.Ipsec;
using Qanat.Packets;

namespace Qanat.Cli.Iproute2.Xfrm;

/// <summary>The words that name a state or a template.</summary>
internal sealed record XfrmId
{
    /// <summary>Where packets come from; null when nothing was said.</summary>
    public IpPrefix? Src { get; set; }

    /// <summary>Where they go to; null when nothing was said.</summary>
    public IpPrefix? Dst { get; set; }

    /// <summary>The protocol's word; null when nothing was said.</summary>
    public string? Proto { get; set; }

    /// <summary>The security parameters index; null when nothing was said.</summary>
    public uint? Spi { get; set; }
}

/// <summary>
/// What the words of states and of policies have in common. Each method begins at the current word and ends at the last that was its own.
/// </summary>
/// <param name="words">The words.</param>
/// <param name="family">The family that the options ask for.</param>
internal sealed class XfrmReader(Words words, AddressFamily family)
{
    private const uint AllBits = uint.MaxValue;

    private static readonly string[] Protocols = ["esp", "ah", "comp", "route2", "hao", "ipsec-any"];
    private static readonly string[] Modes = ["transport", "tunnel", "ro", "in_trigger", "beet"];
    private static readonly string[] Directions = ["in", "out", "fwd"];

    /// <summary>The family that addresses must have, as the words before have settled it.</summary>
    public AddressFamily Family { get; set; } = family;

    /// <summary>The words.</summary>
    public Words Words { get; } = words;

    /// <summary>Reads <c>[ src ADDR ] [ dst ADDR ] [ proto XFRM-PROTO ] [ spi SPI ]</c>.</summary>
    /// <param name="protocolNeeded">Whether there must be a protocol.</param>
    /// <exception cref="CommandFailure">They make no sense.</exception>
    public XfrmId ReadId(bool protocolNeeded)
    {
        var id = new XfrmId();
        do
        {
            switch (Words.Current)
            {
                case "src":
                    id.Src = ReadPrefix("src");
                    continue;
                case "dst":
                    id.Dst = ReadPrefix("dst");
                    continue;
                case "proto":
                    id.Proto = ReadProtocol();
                    continue;
                case "spi":
                    id.Spi = ReadUInt("SPI value is invalid");
                    continue;
            }
            Words.MoveBack();
            break;
        }
        while (Words.HasNext && Words.MoveNext());
        CheckFamilies(id.Src, id.Dst);
        return protocolNeeded && id.Proto is null ? throw CommandFailure.Missing("XFRM-PROTO") : id;
    }

    /// <summary>The family of the last address that was given; that which is settled when none was.</summary>
    public AddressFamily FamilyOf(IpPrefix? source, IpPrefix? destination) =>
        (destination ?? source) is { } prefix ? XfrmPrefixes.Family(prefix.Address) : Family;

    /// <summary>Reads the prefix after a keyword.</summary>
    /// <exception cref="CommandFailure">It is none.</exception>
    public IpPrefix ReadPrefix(string keyword) =>
        XfrmPrefixes.Parse(Words.Value(), Family)
        ?? throw CommandFailure.WrongArgument(Words.Current, $"value after \"{keyword}\" has an unrecognized address family");

    /// <summary>Checks that both are of one family.</summary>
    /// <exception cref="CommandFailure">They are not.</exception>
    public void CheckFamilies(IpPrefix? source, IpPrefix? destination)
    {
        if (source is { } left && destination is { } right && left.Address.IsIPv6 != right.Address.IsIPv6)
            throw CommandFailure.WrongArgument(
                Words.Current, "the same address family is required between values after \"src\" and \"dst\"");
    }

    /// <summary>Reads the protocol after its keyword.</summary>
    /// <exception cref="CommandFailure">It is none of IPsec's.</exception>
    public string ReadProtocol() =>
        Protocols.Contains(Words.Value())
            ? Words.Current
            : throw CommandFailure.WrongArgument(Words.Current, "XFRM-PROTO value is invalid");

    /// <summary>Reads the mode after its keyword.</summary>
    /// <exception cref="CommandFailure">It is none.</exception>
    public string ReadMode()
    {
        var word = Words.Value();
        return Array.Find(Modes, mode => Words.Abbreviates(word, mode))
            ?? throw CommandFailure.WrongArgument(word, "MODE value is invalid");
    }

    /// <summary>Reads the direction after its keyword.</summary>
    /// <exception cref="CommandFailure">It is none.</exception>
    public string ReadDirection() =>
        Directions.Contains(Words.Value()) ? Words.Current : throw CommandFailure.WrongArgument(Words.Current, "DIR value is invalid");

    /// <summary>Reads the number of 32 bits after a keyword.</summary>
    /// <param name="why">What to say when it is none.</param>
    /// <exception cref="CommandFailure">It is none.</exception>
    public uint ReadUInt(string why) =>
        Numbers.TryParseUInt(Words.Value(), 0, out var number) ? number : throw CommandFailure.WrongArgument(Words.Current, why);

    /// <summary>Reads <c>MARK [ mask MASK ]</c> after a keyword.</summary>
    /// <param name="badMark">What to say when the mark is none.</param>
    /// <param name="badMask">What to say when the mask is none.</param>
    /// <exception cref="CommandFailure">One is none.</exception>
    public XfrmMarkSpec ReadMark(string badMark = "MARK value is invalid\n", string badMask = "MASK value is invalid\n")
    {
        var value = ReadUInt(badMark);
        if (!Words.HasNext)
            return new(value, AllBits);
        Words.MoveNext();
        if (Words.Current == "mask")
            return new(value, ReadUInt(badMask));
        Words.MoveBack();
        return new(value, AllBits);
    }

    /// <summary>Reads flags after their keyword: a hexadecimal number, or words until one is none.</summary>
    /// <param name="names">The words; the first is bit 0.</param>
    /// <param name="max">The largest number.</param>
    /// <param name="why">What to say when the number is none.</param>
    /// <exception cref="CommandFailure">It is none.</exception>
    public string[] ReadFlags(string[] names, uint max, string why)
    {
        var word = Words.Value();
        if (word.Length > 2 && word.StartsWith("0x", StringComparison.Ordinal))
            return Numbers.TryParse(word, 16, max, out var bits)
                ? FlagNames((uint)bits, names)
                : throw CommandFailure.WrongArgument(word, why);
        var flags = new List<string>();
        do
        {
            if (!names.Contains(Words.Current))
            {
                Words.MoveBack();
                break;
            }
            flags.Add(Words.Current);
        }
        while (Words.HasNext && Words.MoveNext());
        return [.. names.Where(flags.Contains)];
    }

    /// <summary>Reads a limit after its keyword, into what was said before.</summary>
    /// <exception cref="CommandFailure">It is none.</exception>
    public XfrmLimitsSpec ReadLimit(XfrmLimitsSpec? before)
    {
        var limits = before ?? new();
        var keyword = Words.Value();
        switch (keyword)
        {
            case "time-soft":
                limits.TimeSoft = Value();
                break;
            case "time-hard":
                limits.TimeHard = Value();
                break;
            case "time-use-soft":
                limits.TimeUseSoft = Value();
                break;
            case "time-use-hard":
                limits.TimeUseHard = Value();
                break;
            case "byte-soft":
                limits.ByteSoft = Finite();
                break;
            case "byte-hard":
                limits.ByteHard = Finite();
                break;
            case "packet-soft":
                limits.PacketSoft = Finite();
                break;
            case "packet-hard":
                limits.PacketHard = Finite();
                break;
            default:
                throw CommandFailure.WrongArgument(keyword, "LIMIT value is invalid");
        }
        return limits;

        ulong Value() => Numbers.TryParse(Words.Value(), 0, ulong.MaxValue, out var value)
            ? value
            : throw CommandFailure.WrongArgument(Words.Current, $"value after \"{keyword}\" is invalid");

        ulong? Finite() => Value() is var value and not ulong.MaxValue ? value : null; // XFRM_INF
    }

    /// <summary>The address of a family that nothing was said about.</summary>
    public static IpAddress AnyOf(AddressFamily family) => IpAddress.Any(family == AddressFamily.InterNetworkV6);

    private static string[] FlagNames(uint bits, string[] names)
    {
        var known = names.Where((_, bit) => (bits & (1u << bit)) != 0);
        var unknown = bits & ~((1u << names.Length) - 1);
        return [.. known, .. unknown == 0 ? [] : new[] { $"0x{unknown.ToString("x", CultureInfo.InvariantCulture)}" }];
    }
}
