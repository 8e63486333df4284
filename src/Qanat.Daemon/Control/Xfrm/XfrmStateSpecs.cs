using Qanat.Daemon.Api;
using Qanat.Linux;

namespace Qanat.Daemon.Control.Xfrm;

/// <summary>A state's description in users' words, to a state and back, by the kernel's rules (verify_newsa_info, xfrm_init_state).</summary>
internal static class XfrmStateSpecs
{
    private const uint MaxReplayWindow = 4096; // XFRMA_REPLAY_ESN_MAX

    private static readonly string[] Flags =
        ["noecn", "decap-dscp", "nopmtudisc", "wildrecv", "icmp", "af-unspec", "align4", "esn"];

    private static readonly string[] ExtraFlags = ["dont-encap-dscp", "oseq-may-wrap"];

    /// <summary>Reads a description.</summary>
    /// <exception cref="XfrmException">
    /// EINVAL, ENOSYS (an algorithm), EPROTONOSUPPORT (a protocol or mode), ENODEV: as the kernel has them.
    /// </exception>
    public static XfrmState Parse(XfrmStateSpec spec, long id, XfrmWords words)
    {
        var (source, destination) = XfrmWords.Addresses(spec.Src, spec.Dst);
        if (spec.TfcPad != 0 && spec.Mode != "tunnel")
            throw XfrmException.Invalid("TFC padding can only be used in tunnel mode");
        var flags = (XfrmStateFlags)XfrmWords.Flags(spec.Flags, Flags);
        CheckSequence(spec, flags);
        var (aead, hash, cipher) = (XfrmAlgorithms.Aead(spec.Aead), XfrmAlgorithms.Hash(spec.Auth), XfrmAlgorithms.Cipher(spec.Enc));
        CheckProtocol(spec.Proto);
        var state = new XfrmState
        {
            Id = id,
            Source = source,
            Destination = destination,
            Spi = spec.Spi,
            Mode = XfrmWords.Mode(spec.Mode),
            Reqid = spec.Reqid,
            Seq = spec.Seq,
            Mark = XfrmWords.Mark(spec.Mark),
            OutputMark = spec.OutputMark is { } output ? new(output.Value, output.Mask) : default,
            IfId = spec.IfId,
            Aead = aead,
            Encryption = cipher,
            Authentication = hash,
            ReplayWindow = spec.ReplayWindow,
            InputSequence = spec.ReplaySeq,
            OutputSequence = spec.ReplayOseq,
            Flags = flags,
            ExtraFlags = (XfrmStateExtraFlags)XfrmWords.Flags(spec.ExtraFlags, ExtraFlags),
            Encap = spec.Encap is { } encap ? ParseEncap(encap) : null,
            Selector = spec.Sel is { } sel ? words.Selector(sel)
                : flags.HasFlag(XfrmStateFlags.AfUnspec) ? null
                : XfrmSelector.Any(destination.IsIPv6),
            Limits = XfrmWords.Limits(spec.Limits),
            TfcPadding = spec.TfcPad,
        };
        if (state.Mode == XfrmMode.Transport && state.Selector is { } selector && selector.Source.Address.IsIPv6 != destination.IsIPv6)
            throw XfrmException.Invalid("Only tunnel modes can accommodate a change of family");
        CheckAlgorithms(state);
        return state;
    }

    /// <summary>Describes a state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="words">Names of devices.</param>
    /// <param name="keys">Whether with its keys.</param>
    public static XfrmStateSpec Describe(XfrmState state, XfrmWords words, bool keys) => new()
    {
        Src = state.Source.ToString(),
        Dst = state.Destination.ToString(),
        Spi = state.Spi,
        Mode = XfrmWords.Word(state.Mode),
        Reqid = state.Reqid,
        Seq = state.Seq,
        Mark = XfrmWords.Describe(state.Mark),
        OutputMark = XfrmWords.Describe(state.OutputMark),
        IfId = state.IfId,
        Aead = Describe(state.Aead, keys),
        Enc = Describe(state.Encryption, keys),
        Auth = Describe(state.Authentication, keys),
        ReplayWindow = state.ReplayWindow,
        ReplaySeq = state.InputSequence,
        ReplayOseq = state.OutputSequence,
        Flags = XfrmWords.Describe((int)state.Flags, Flags),
        ExtraFlags = XfrmWords.Describe((int)state.ExtraFlags, ExtraFlags),
        Encap = state.Encap is { } encap
            ? new() { Sport = encap.SourcePort, Dport = encap.DestinationPort, Addr = encap.OriginalAddress.ToString() }
            : null,
        Sel = state.Selector is { } selector ? words.Describe(selector) : null,
        Limits = XfrmWords.Describe(state.Limits),
        TfcPad = state.TfcPadding,
    };

    /// <summary>Checks a protocol's word.</summary>
    /// <exception cref="XfrmException">EPROTONOSUPPORT: it is not ESP.</exception>
    public static void CheckProtocol(string word)
    {
        if (word != "esp")
            throw new XfrmException(Errno.EPROTONOSUPPORT, "Requested type not found");
    }

    private static XfrmAlgorithmSpec? Describe(XfrmAlgorithm? algorithm, bool keys) => algorithm is null ? null : new()
    {
        Name = algorithm.Name,
        Key = keys ? Convert.ToHexStringLower(algorithm.Key.Span) : null,
        Bits = (uint)algorithm.Bits,
    };

    private static XfrmEncap ParseEncap(XfrmEncapSpec spec) =>
        spec.Type == "espinudp"
            ? new(spec.Sport, spec.Dport, XfrmWords.Address(spec.Addr))
            : throw XfrmException.Invalid("Unsupported encapsulation type for ESP");

    private static void CheckSequence(XfrmStateSpec spec, XfrmStateFlags flags)
    {
        if (spec.ReplayWindow > MaxReplayWindow)
            throw XfrmException.Invalid($"Replay window is too big (at most {MaxReplayWindow})");
        var esn = flags.HasFlag(XfrmStateFlags.Esn);
        if (esn && spec.ReplayWindow == 0)
            throw XfrmException.Invalid("ESN replay window must be > 0");
        if (!esn && (spec.ReplaySeq > uint.MaxValue || spec.ReplayOseq > uint.MaxValue))
            throw XfrmException.Invalid("Sequence numbers have 32 bits without flag esn");
    }

    private static void CheckAlgorithms(XfrmState state)
    {
        if ((state.Aead is null) == (state.Encryption is null) || (state.Aead is not null && state.Authentication is not null))
            throw XfrmException.Invalid("ESP takes an AEAD algorithm, or a cipher and perhaps authentication");
        XfrmAlgorithms.CheckKeys(state);
    }
}
