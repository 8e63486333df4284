using Qanat.Crypto;
using Qanat.Daemon.Api;
using Qanat.Ipsec;

namespace Qanat.Daemon.Control.Xfrm;

/// <summary>
/// A state's description in users' words, to the engine's parameters and back. What they may be together, the engine says.
/// </summary>
internal static class XfrmStateSpecs
{
    private static readonly string[] Flags =
        ["noecn", "decap-dscp", "nopmtudisc", "wildrecv", "icmp", "af-unspec", "align4", "esn"];

    private static readonly string[] ExtraFlags = ["dont-encap-dscp", "oseq-may-wrap"];

    /// <summary>Reads a description.</summary>
    /// <exception cref="XfrmException">EINVAL, EPROTONOSUPPORT (a protocol or mode), ENODEV: as the kernel has them.</exception>
    public static SecurityAssociationParameters Parse(XfrmStateSpec spec, XfrmWords words)
    {
        if (spec.TfcPad != 0)
            throw XfrmException.Invalid(spec.Mode == "tunnel"
                ? "TFC padding is not in this version of qanat"
                : "TFC padding can only be used in tunnel mode");
        var flags = (XfrmStateFlags)XfrmWords.Flags(spec.Flags, Flags);
        if (!flags.HasFlag(XfrmStateFlags.Esn) && (spec.ReplaySeq > uint.MaxValue || spec.ReplayOseq > uint.MaxValue))
            throw XfrmException.Invalid("Sequence numbers have 32 bits without flag esn");
        var (source, destination) = (XfrmWords.Address(spec.Src), XfrmWords.Address(spec.Dst));
        var mode = XfrmWords.Mode(spec.Mode);
        XfrmWords.CheckProtocol(spec.Proto);
        var selector = spec.Sel is { } sel ? words.Selector(sel)
            : flags.HasFlag(XfrmStateFlags.AfUnspec) ? new()
            : Selector.All(Family(destination.IsIPv6));
        if (mode == XfrmMode.Transport && selector.Family != default && selector.Family != Family(destination.IsIPv6))
            throw XfrmException.Invalid("Only tunnel modes can accommodate a change of family");
        return new()
        {
            Source = source,
            Destination = destination,
            Spi = spec.Spi,
            Algorithms = ParseAlgorithms(spec),
            Mode = mode,
            RequestId = spec.Reqid,
            KeyManagerSequence = spec.Seq,
            Mark = XfrmWords.Mark(spec.Mark),
            OutputMark = XfrmWords.Mark(spec.OutputMark),
            InterfaceId = spec.IfId,
            ReplayWindow = (int)Math.Min(spec.ReplayWindow, int.MaxValue),
            InputSequence = spec.ReplaySeq,
            OutputSequence = spec.ReplayOseq,
            Flags = flags,
            ExtraFlags = (XfrmStateExtraFlags)XfrmWords.Flags(spec.ExtraFlags, ExtraFlags),
            Encapsulation = spec.Encap is { } encap ? ParseEncapsulation(encap) : null,
            Selector = selector,
            Limits = XfrmWords.Limits(spec.Limits),
        };
    }

    /// <summary>Describes a state.</summary>
    /// <param name="its">What it is set to.</param>
    /// <param name="words">Names of devices.</param>
    /// <param name="keys">Whether with its keys.</param>
    public static XfrmStateSpec Describe(SecurityAssociationParameters its, XfrmWords words, bool keys) => new()
    {
        Src = its.Source.ToString(),
        Dst = its.Destination.ToString(),
        Spi = its.Spi,
        Mode = XfrmWords.Word(its.Mode),
        Reqid = its.RequestId,
        Seq = its.KeyManagerSequence,
        Mark = XfrmWords.Describe(its.Mark),
        OutputMark = XfrmWords.Describe(its.OutputMark),
        IfId = its.InterfaceId,
        Aead = its.Algorithms.Aead is { } aead ? Describe(aead.Name, aead.Key, aead.IcvBits, keys) : null,
        Enc = its.Algorithms.Encryption is { } cipher ? Describe(cipher.Name, cipher.Key, 0, keys) : null,
        Auth = its.Algorithms.Authentication is { } hash ? Describe(hash.Name, hash.Key, hash.TruncatedBits, keys) : null,
        ReplayWindow = (uint)its.ReplayWindow,
        ReplaySeq = its.InputSequence,
        ReplayOseq = its.OutputSequence,
        Flags = XfrmWords.Describe((int)its.Flags, Flags),
        ExtraFlags = XfrmWords.Describe((int)its.ExtraFlags, ExtraFlags),
        Encap = its.Encapsulation is { } encap
            ? new() { Sport = encap.SourcePort, Dport = encap.DestinationPort, Addr = encap.OriginalAddress.ToString() }
            : null,
        Sel = its.Selector.Family == default ? null : words.Describe(its.Selector),
        Limits = XfrmWords.Describe(its.Limits),
    };

    private static System.Net.Sockets.AddressFamily Family(bool isIPv6) =>
        isIPv6 ? System.Net.Sockets.AddressFamily.InterNetworkV6 : System.Net.Sockets.AddressFamily.InterNetwork;

    private static XfrmAlgorithmSpec Describe(string name, SecretKey key, int bits, bool keys) => new()
    {
        Name = name,
        Key = keys ? Convert.ToHexStringLower(key.Bytes) : null,
        Bits = (uint)bits,
    };

    private static EspAlgorithms ParseAlgorithms(XfrmStateSpec spec) => new()
    {
        Aead = spec.Aead is { } aead ? new(aead.Name, Key(aead), Bits(aead)) : null,
        Encryption = spec.Enc is { } cipher ? new(cipher.Name, Key(cipher)) : null,
        Authentication = spec.Auth is { } hash ? new(hash.Name, Key(hash), Bits(hash)) : null,
    };

    private static int Bits(XfrmAlgorithmSpec spec) => (int)Math.Min(spec.Bits, int.MaxValue);

    private static SecretKey Key(XfrmAlgorithmSpec spec)
    {
        try
        {
            return new(Convert.FromHexString(spec.Key ?? ""));
        }
        catch (FormatException)
        {
            throw XfrmException.Invalid("A key has two hexadecimal digits for each byte");
        }
    }

    private static UdpEncapsulation ParseEncapsulation(XfrmEncapSpec spec) =>
        spec.Type == "espinudp"
            ? new(spec.Sport, spec.Dport) { OriginalAddress = XfrmWords.Address(spec.Addr) }
            : throw XfrmException.Invalid("Unsupported encapsulation type for ESP");
}
