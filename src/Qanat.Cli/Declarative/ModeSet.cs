namespace Qanat.Cli.Declarative;

/// <summary>Modes of a tunnel, to say which of them a key is for. The names are the words of the file.</summary>
[Flags]
internal enum ModeSet
{
    None = 0,
    Ipip = 1 << 0,
    Gre = 1 << 1,
    Gretap = 1 << 2,
    Sit = 1 << 3,
    Isatap = 1 << 4,
    Vti = 1 << 5,
    Minimal = 1 << 6,
    Ip6ip6 = 1 << 7,
    Ipip6 = 1 << 8,
    Ip6any = 1 << 9,
    Ip6gre = 1 << 10,
    Ip6gretap = 1 << 11,
    Vti6 = 1 << 12,
    Vxlan = 1 << 13,
    L2tp = 1 << 14,

    /// <summary>The outer header is IPv4.</summary>
    OverIPv4 = Ipip | Gre | Gretap | Sit | Isatap | Vti | Minimal,

    /// <summary>An IPv6 packet around another packet.</summary>
    Ip6tnl = Ip6ip6 | Ipip6 | Ip6any,

    /// <summary>The outer header is IPv6.</summary>
    OverIPv6 = Ip6tnl | Ip6gre | Ip6gretap | Vti6,

    /// <summary>There is a GRE header.</summary>
    WithGre = Gre | Gretap | Ip6gre | Ip6gretap,

    /// <summary>There are keys: of the GRE header, or marks.</summary>
    Keyed = WithGre | Vti | Vti6,

    /// <summary>Foo over UDP can be around it.</summary>
    Encapsulable = Ipip | Gre | Gretap | Sit | Ip6tnl | Ip6gre | Ip6gretap,

    /// <summary>Both ends are the tunnel's own; those of L2TP are of what the session belongs to.</summary>
    WithEnds = OverIPv4 | OverIPv6 | Vxlan,

    All = WithEnds | L2tp,
}

/// <summary>The words of modes.</summary>
internal static class ModeSets
{
    private static readonly Dictionary<string, ModeSet> ByWord = Enumerable.Range(0, int.TrailingZeroCount((int)ModeSet.L2tp) + 1)
        .Select(bit => (ModeSet)(1 << bit))
        .ToDictionary(mode => mode.ToString().ToLowerInvariant());

    /// <summary>Every mode's word.</summary>
    public static IEnumerable<string> AllWords => ByWord.Keys;

    /// <summary>The mode of a word; none when it is no mode's.</summary>
    public static ModeSet Of(string word) => ByWord.GetValueOrDefault(word);

    /// <summary>The words of the modes in a set: <c>gre, gretap</c>.</summary>
    public static string Words(ModeSet set) => string.Join(", ", ByWord.Where(mode => (set & mode.Value) != 0).Select(mode => mode.Key));
}
