using System.Globalization;
using System.Net.Sockets;
using Qanat.Daemon.Api;
using Qanat.Ipsec;
using Qanat.Linux;
using Qanat.Packets;

namespace Qanat.Daemon.Control.Xfrm;

/// <summary>What descriptions of states and of policies have in common: from users' words to the engine's values, and back.</summary>
/// <param name="nameOf">The name of the device with an index; null when there is none.</param>
/// <param name="indexOf">The index of the device with a name; null when there is none.</param>
internal sealed class XfrmWords(Func<int, string?> nameOf, Func<string, int?> indexOf)
{
    private const string IfPrefix = "if";

    /// <summary>Words that need no devices: those of the state file, in which they go by their indices.</summary>
    public static XfrmWords WithoutDevices { get; } = new(_ => null, _ => null);

    /// <summary>Reads an address.</summary>
    /// <exception cref="XfrmException">EINVAL: it is none.</exception>
    public static IpAddress Address(string text) =>
        IpAddress.TryParse(text, out var address) ? address : throw XfrmException.Invalid($"An address is expected rather than \"{text}\"");

    /// <summary>Reads a mode's word.</summary>
    /// <exception cref="XfrmException">EPROTONOSUPPORT: another of ip's words, or none.</exception>
    public static XfrmMode Mode(string word) => word switch
    {
        "transport" => XfrmMode.Transport,
        "tunnel" => XfrmMode.Tunnel,
        _ => throw new XfrmException(Errno.EPROTONOSUPPORT, "Requested mode not found"),
    };

    /// <summary>The word of a mode.</summary>
    public static string Word(XfrmMode mode) => mode == XfrmMode.Tunnel ? "tunnel" : "transport";

    /// <summary>Checks a protocol's word.</summary>
    /// <exception cref="XfrmException">EPROTONOSUPPORT: it is not ESP.</exception>
    public static void CheckProtocol(string word)
    {
        if (word != "esp")
            throw new XfrmException(Errno.EPROTONOSUPPORT, "Requested type not found");
    }

    /// <summary>Reads a mark.</summary>
    public static Mark Mark(XfrmMarkSpec? spec) => spec is null ? default : new(spec.Value, spec.Mask);

    /// <summary>Describes a mark.</summary>
    public static XfrmMarkSpec? Describe(Mark mark) => mark == default ? null : new(mark.Value, mark.Mask);

    /// <summary>Reads flags, the first of <paramref name="names"/> being bit 0.</summary>
    /// <exception cref="XfrmException">EINVAL: an unknown one.</exception>
    public static int Flags(string[] words, string[] names)
    {
        var flags = 0;
        foreach (var word in words)
        {
            var bit = Array.IndexOf(names, word);
            flags |= bit >= 0 ? 1 << bit : throw XfrmException.Invalid($"Unknown flag \"{word}\"");
        }
        return flags;
    }

    /// <summary>Describes flags.</summary>
    public static string[] Describe(int flags, string[] names) => [.. names.Where((_, bit) => (flags & (1 << bit)) != 0)];

    /// <summary>Reads limits.</summary>
    public static LifetimeLimits Limits(XfrmLimitsSpec? spec) => spec is null ? LifetimeLimits.None : new()
    {
        SoftBytes = spec.ByteSoft ?? LifetimeLimits.Infinite,
        HardBytes = spec.ByteHard ?? LifetimeLimits.Infinite,
        SoftPackets = spec.PacketSoft ?? LifetimeLimits.Infinite,
        HardPackets = spec.PacketHard ?? LifetimeLimits.Infinite,
        SoftAddSeconds = spec.TimeSoft,
        HardAddSeconds = spec.TimeHard,
        SoftUseSeconds = spec.TimeUseSoft,
        HardUseSeconds = spec.TimeUseHard,
    };

    /// <summary>Describes limits.</summary>
    public static XfrmLimitsSpec? Describe(LifetimeLimits limits) => limits == LifetimeLimits.None ? null : new()
    {
        ByteSoft = Finite(limits.SoftBytes),
        ByteHard = Finite(limits.HardBytes),
        PacketSoft = Finite(limits.SoftPackets),
        PacketHard = Finite(limits.HardPackets),
        TimeSoft = limits.SoftAddSeconds,
        TimeHard = limits.HardAddSeconds,
        TimeUseSoft = limits.SoftUseSeconds,
        TimeUseHard = limits.HardUseSeconds,
    };

    /// <summary>Reads a selector.</summary>
    /// <exception cref="XfrmException">EINVAL: a prefix that is none, or two families. ENODEV: no such device.</exception>
    public Selector Selector(XfrmSelectorSpec spec)
    {
        var (source, destination) = (Prefix(spec.Src), Prefix(spec.Dst));
        if (source.Address.IsIPv6 != destination.Address.IsIPv6)
            throw XfrmException.Invalid("Prefixes of one family are expected");
        return new()
        {
            Family = source.Address.IsIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork,
            Source = source,
            Destination = destination,
            Protocol = (IpProtocol)spec.Proto,
            SourcePort = spec.Sport ?? 0,
            SourcePortMask = MaskOf(spec.Sport),
            DestinationPort = spec.Dport ?? 0,
            DestinationPortMask = MaskOf(spec.Dport),
            Interface = string.IsNullOrEmpty(spec.Dev) ? 0 : Link(spec.Dev),
        };
    }

    /// <summary>Describes a selector.</summary>
    public XfrmSelectorSpec Describe(Selector selector) => new()
    {
        Src = selector.Source.ToString(),
        Dst = selector.Destination.ToString(),
        Proto = (byte)selector.Protocol,
        Sport = selector.SourcePortMask == 0 ? null : selector.SourcePort,
        Dport = selector.DestinationPortMask == 0 ? null : selector.DestinationPort,
        Dev = selector.Interface == 0 ? null : nameOf(selector.Interface) ?? $"{IfPrefix}{selector.Interface}",
    };

    private static ushort MaskOf(ushort? port) => port is null ? (ushort)0 : ushort.MaxValue;

    private static ulong? Finite(ulong limit) => limit == LifetimeLimits.Infinite ? null : limit;

    private static IpPrefix Prefix(string text)
    {
        var slash = text.IndexOf('/');
        if (!IpAddress.TryParse(slash < 0 ? text : text[..slash], out var address))
            throw NoPrefix(text);
        var prefix = new IpPrefix(address, address.IsIPv6 ? 128 : 32);
        if (slash < 0)
            return prefix;
        return byte.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length) &&
            length <= prefix.MaxLength
                ? prefix with { Length = length }
                : throw NoPrefix(text);
    }

    private static XfrmException NoPrefix(string text) => XfrmException.Invalid($"A prefix is expected rather than \"{text}\"");

    // "if7" is the device with index 7, there or not: so is one written whose name is not known.
    private int Link(string name)
    {
        if (indexOf(name) is { } index)
            return index;
        return name.StartsWith(IfPrefix, StringComparison.Ordinal) &&
            int.TryParse(name.AsSpan(IfPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out index) && index > 0
                ? index
                : throw new XfrmException(Errno.ENODEV, $"Cannot find device \"{name}\"");
    }
}
