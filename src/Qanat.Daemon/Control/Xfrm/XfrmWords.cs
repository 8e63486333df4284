using System.Globalization;
using Qanat.Daemon.Api;
using Qanat.Linux;
using Qanat.Packets;

namespace Qanat.Daemon.Control.Xfrm;

/// <summary>What descriptions of states and of policies have in common: from users' words to values, and back.</summary>
/// <param name="nameOf">The name of the device with an index; null when there is none.</param>
/// <param name="indexOf">The index of the device with a name; null when there is none.</param>
internal sealed class XfrmWords(Func<int, string?> nameOf, Func<string, int?> indexOf)
{
    private const string IfPrefix = "if";

    /// <summary>Words that need no devices: those of a file, whose indices may be of devices that have gone.</summary>
    public static XfrmWords WithoutDevices { get; } = new(_ => null, _ => null);

    /// <summary>Reads an address.</summary>
    /// <exception cref="XfrmException">EINVAL: it is none.</exception>
    public static IpAddress Address(string text) =>
        IpAddress.TryParse(text, out var address) ? address : throw XfrmException.Invalid($"An address is expected rather than \"{text}\"");

    /// <summary>Reads two addresses of one family.</summary>
    /// <exception cref="XfrmException">EINVAL: one is none, or they are of two families.</exception>
    public static (IpAddress Source, IpAddress Destination) Addresses(string source, string destination)
    {
        var (left, right) = (Address(source), Address(destination));
        return left.IsIPv6 == right.IsIPv6 ? (left, right) : throw XfrmException.Invalid("Addresses of one family are expected");
    }

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

    /// <summary>Reads a mark; bits outside its mask are dropped, as the kernel drops them.</summary>
    public static XfrmMark Mark(XfrmMarkSpec? spec) => spec is null ? default : new(spec.Value & spec.Mask, spec.Mask);

    /// <summary>Describes a mark.</summary>
    public static XfrmMarkSpec? Describe(XfrmMark mark) => mark == default ? null : new(mark.Value, mark.Mask);

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
    public static XfrmLimits Limits(XfrmLimitsSpec? spec) => spec is null ? XfrmLimits.None : new()
    {
        SoftBytes = spec.ByteSoft,
        HardBytes = spec.ByteHard,
        SoftPackets = spec.PacketSoft,
        HardPackets = spec.PacketHard,
        SoftAdded = spec.TimeSoft,
        HardAdded = spec.TimeHard,
        SoftUsed = spec.TimeUseSoft,
        HardUsed = spec.TimeUseHard,
    };

    /// <summary>Describes limits.</summary>
    public static XfrmLimitsSpec? Describe(XfrmLimits limits) => limits == XfrmLimits.None ? null : new()
    {
        ByteSoft = limits.SoftBytes,
        ByteHard = limits.HardBytes,
        PacketSoft = limits.SoftPackets,
        PacketHard = limits.HardPackets,
        TimeSoft = limits.SoftAdded,
        TimeHard = limits.HardAdded,
        TimeUseSoft = limits.SoftUsed,
        TimeUseHard = limits.HardUsed,
    };

    /// <summary>Reads a selector.</summary>
    /// <exception cref="XfrmException">EINVAL: a prefix that is none, or two families. ENODEV: no such device.</exception>
    public XfrmSelector Selector(XfrmSelectorSpec spec)
    {
        var (source, destination) = (Prefix(spec.Src), Prefix(spec.Dst));
        if (source.Address.IsIPv6 != destination.Address.IsIPv6)
            throw XfrmException.Invalid("Prefixes of one family are expected");
        return new(source, destination)
        {
            Protocol = spec.Proto,
            SourcePort = spec.Sport,
            DestinationPort = spec.Dport,
            Link = string.IsNullOrEmpty(spec.Dev) ? 0 : Link(spec.Dev),
        };
    }

    /// <summary>Describes a selector.</summary>
    public XfrmSelectorSpec Describe(XfrmSelector selector) => new()
    {
        Src = Text(selector.Source),
        Dst = Text(selector.Destination),
        Proto = selector.Protocol,
        Sport = selector.SourcePort,
        Dport = selector.DestinationPort,
        Dev = selector.Link == 0 ? null : nameOf(selector.Link) ?? $"{IfPrefix}{selector.Link}",
    };

    private static string Text(XfrmPrefix prefix) => $"{prefix.Address}/{prefix.Length}";

    private static XfrmPrefix Prefix(string text)
    {
        var slash = text.IndexOf('/');
        if (!IpAddress.TryParse(slash < 0 ? text : text[..slash], out var address))
            throw XfrmException.Invalid($"A prefix is expected rather than \"{text}\"");
        var all = address.IsIPv6 ? 128 : 32;
        if (slash < 0)
            return new(address, (byte)all);
        return byte.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length <= all
            ? new(address, length)
            : throw XfrmException.Invalid($"A prefix is expected rather than \"{text}\"");
    }

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
