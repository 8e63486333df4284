using System.Net.Sockets;
using Qanat.Daemon.Api;
using Qanat.Packets;

namespace Qanat.Cli.Iproute2.Xfrm;

/// <summary>The words after <c>xfrm state add</c>, <c>update</c>, <c>get</c>, <c>delete</c>, <c>list</c> and <c>deleteall</c>.</summary>
/// <param name="family">The family that the options ask for.</param>
/// <param name="selectors">The grammar of selectors.</param>
/// <param name="deviceExists">Whether there is a network device of that name.</param>
internal sealed class XfrmStateGrammar(AddressFamily family, XfrmSelectorGrammar selectors, Func<string, bool> deviceExists)
{
    private const uint MaxReplayWindow = 4096; // XFRMA_REPLAY_ESN_MAX

    private static readonly string[] Flags =
        ["noecn", "decap-dscp", "nopmtudisc", "wildrecv", "icmp", "af-unspec", "align4", "esn"];

    private static readonly string[] ExtraFlags = ["dont-encap-dscp", "oseq-may-wrap"];

    /// <summary>Reads what describes a state.</summary>
    /// <exception cref="CommandFailure">It makes no sense.</exception>
    public XfrmStateSpec ParseState(Words words)
    {
        var reader = new XfrmReader(words, family);
        var (state, algorithms) = (new XfrmStateSpec { Src = "", Dst = "" }, new XfrmAlgorithmWords());
        XfrmSelectorWords? selector = null;
        XfrmId? id = null;
        string? mode = null;
        var (seq, oseq) = (default(Sequence), default(Sequence));
        var careOf = false;
        while (words.MoveNext())
        {
            switch (words.Current)
            {
                case "mode":
                    mode = reader.ReadMode();
                    break;
                case "mark":
                    state.Mark = reader.ReadMark() is { Mask: not 0 } mark ? mark : null;
                    break;
                case "reqid":
                    state.Reqid = reader.ReadUInt("REQID value is invalid");
                    break;
                case "seq":
                    state.Seq = reader.ReadUInt("SEQ value is invalid");
                    break;
                case "replay-window":
                    state.ReplayWindow = ReadAfter(reader, "replay-window");
                    break;
                case "replay-seq":
                    seq.Low = ReadAfter(reader, "replay-seq");
                    break;
                case "replay-seq-hi":
                    seq.High = ReadAfter(reader, "replay-seq-hi");
                    break;
                case "replay-oseq":
                    oseq.Low = ReadAfter(reader, "replay-oseq");
                    break;
                case "replay-oseq-hi":
                    oseq.High = ReadAfter(reader, "replay-oseq-hi");
                    break;
                case "flag":
                    state.Flags = [.. state.Flags, .. reader.ReadFlags(Flags, byte.MaxValue, "FLAG value is invalid")];
                    break;
                case "extra-flag":
                    state.ExtraFlags = reader.ReadFlags(ExtraFlags, uint.MaxValue, "\"EXTRA-FLAG\" is invalid");
                    break;
                case "sel":
                    selector = ReadSelector(reader);
                    break;
                case "limit":
                    state.Limits = reader.ReadLimit(state.Limits);
                    break;
                case "encap":
                    state.Encap = ReadEncap(reader);
                    break;
                case "coa":
                    _ = careOf ? throw CommandFailure.Duplicate("coa", "coa") : reader.ReadPrefix("coa");
                    careOf = true;
                    break;
                case "output-mark":
                    state.OutputMark = reader.ReadMark("value after \"output-mark\" is invalid", "mask value is invalid\n");
                    break;
                case "if_id":
                    state.IfId = ReadAfter(reader, "if_id");
                    break;
                case "tfcpad":
                    state.TfcPad = ReadAfter(reader, "tfcpad");
                    break;
                case "ctx":
                    words.Value();
                    throw NotCarried("ctx");
                case "offload":
                    CheckOffload(reader);
                    throw NotCarried("offload");
                case var _ when algorithms.TryRead(words):
                    break;
                default:
                    id = id is null ? reader.ReadId(protocolNeeded: true) : throw CommandFailure.WrongArgument(words.Current, "unknown");
                    if (reader.Family == AddressFamily.Unspecified)
                        reader.Family = reader.FamilyOf(id.Src, id.Dst);
                    break;
            }
        }
        CheckReplay(state);
        if (id is null)
            throw CommandFailure.Refusal("Not enough information: ID is required");
        CheckModeAndProtocol(id.Proto!, mode, algorithms, careOf);
        return Complete(state, reader.FamilyOf(id.Src, id.Dst));

        XfrmStateSpec Complete(XfrmStateSpec state, AddressFamily family)
        {
            var any = XfrmReader.AnyOf(family);
            var esn = state.Flags.Contains("esn") || state.ReplayWindow > 32;
            (state.Src, state.Dst) = ((id.Src?.Address ?? any).ToString(), (id.Dst?.Address ?? any).ToString());
            (state.Proto, state.Spi, state.Mode) = (id.Proto!, id.Spi ?? 0, mode ?? "transport");
            (state.Aead, state.Enc, state.Auth) = (algorithms.Aead, algorithms.Enc, algorithms.Auth);
            (state.ReplaySeq, state.ReplayOseq) = (seq.Value(esn), oseq.Value(esn));
            state.Sel = selector?.ToSpec(family);
            return state;
        }
    }

    /// <summary>Reads which state is asked for; null when nothing was said.</summary>
    /// <exception cref="CommandFailure">It makes no sense.</exception>
    public (XfrmId Id, IpAddress Destination, uint Mark)? ParseName(Words words)
    {
        var reader = new XfrmReader(words, family);
        var mark = new XfrmMarkSpec(0, 0);
        XfrmId? id = null;
        while (words.MoveNext())
            if (words.Current == "mark")
                mark = reader.ReadMark();
            else
                id = id is null ? reader.ReadId(protocolNeeded: true) : throw CommandFailure.WrongArgument(words.Current, "unknown");
        return id is null ? null : (id, id.Dst?.Address ?? XfrmReader.AnyOf(reader.FamilyOf(id.Src, id.Dst)), mark.Value & mark.Mask);
    }

    /// <summary>Reads which states are asked for.</summary>
    /// <exception cref="CommandFailure">It makes no sense.</exception>
    public XfrmStateFilter ParseFilter(Words words)
    {
        var reader = new XfrmReader(words, family);
        var filter = new XfrmStateFilter();
        while (words.MoveNext())
        {
            switch (words.Current)
            {
                case "nokeys":
                    filter.NoKeys = true;
                    break;
                case "mode":
                    filter.Mode = reader.ReadMode();
                    break;
                case "reqid":
                    filter.Reqid = reader.ReadUInt("REQID value is invalid");
                    break;
                case "flag":
                    filter.Flags = reader.ReadFlags(Flags, byte.MaxValue, "FLAG value is invalid");
                    break;
                default:
                    if (filter.Id is not null)
                        throw CommandFailure.WrongArgument(words.Current, "unknown");
                    filter.Id = reader.ReadId(protocolNeeded: false);
                    if (reader.Family == AddressFamily.Unspecified)
                        reader.Family = reader.FamilyOf(filter.Id.Src, filter.Id.Dst);
                    break;
            }
        }
        filter.Family = reader.Family;
        return filter;
    }

    private static uint ReadAfter(XfrmReader reader, string keyword) => reader.ReadUInt($"value after \"{keyword}\" is invalid");

    private XfrmSelectorWords ReadSelector(XfrmReader reader)
    {
        reader.Words.Value();
        reader.Family = AddressFamily.Unspecified;
        var selector = selectors.Read(reader);
        reader.Family = selector.Family;
        return selector;
    }

    private static XfrmEncapSpec ReadEncap(XfrmReader reader)
    {
        var type = reader.Words.Value();
        if (type is not ("espinudp" or "espinudp-nonike" or "espintcp"))
            throw CommandFailure.WrongArgument(type, "ENCAP-TYPE value is invalid");
        return new()
        {
            Type = type,
            Sport = ReadPort("SPORT"),
            Dport = ReadPort("DPORT"),
            Addr = XfrmPrefixes.ParseAddress(reader.Words.Value()).ToString(),
        };

        ushort ReadPort(string name) => Numbers.TryParse(reader.Words.Value(), 0, ushort.MaxValue, out var port)
            ? (ushort)port
            : throw CommandFailure.WrongArgument(reader.Words.Current, $"{name} value after \"encap\" is invalid");
    }

    private void CheckOffload(XfrmReader reader)
    {
        var words = reader.Words;
        if (words.Value() == "dev")
        {
            if (!deviceExists(words.Value()))
                throw CommandFailure.WrongArgument(words.Current, "value after \"offload dev\" is invalid");
            words.Value();
        }
        if (words.Current != "dir")
            throw CommandFailure.WrongArgument(words.Current, "value after \"offload dir\" is invalid");
        if (words.Value() is not ("in" or "out"))
            throw CommandFailure.WrongArgument(words.Current, "DIR value is invalid");
    }

    private static void CheckReplay(XfrmStateSpec state)
    {
        if (state.ReplayWindow == 0 && state.Flags.Contains("esn"))
            throw CommandFailure.Nonsense("Error: esn flag set without replay-window.");
        if (state.ReplayWindow > MaxReplayWindow)
            throw CommandFailure.Nonsense($"Error: replay-window ({state.ReplayWindow}) > XFRMA_REPLAY_ESN_MAX ({MaxReplayWindow}).");
    }

    private static void CheckModeAndProtocol(string protocol, string? mode, XfrmAlgorithmWords algorithms, bool careOf)
    {
        var isIPsec = protocol is "esp" or "ah" or "comp";
        var isMobile = protocol is "route2" or "hao";
        if (isIPsec && mode is not (null or "transport" or "tunnel") && (mode, protocol) is not ("beet", "esp"))
            throw WrongMode();
        algorithms.Check(protocol);
        if (isMobile && mode is null or "transport")
            throw CommandFailure.Refusal($"\"mode\" is required with XFRM-PROTO value \"{protocol}\"");
        if (isMobile && mode is not ("ro" or "in_trigger"))
            throw WrongMode();
        if (isMobile != careOf)
            throw CommandFailure.Refusal($"\"coa\" is {(careOf ? "invalid" : "required")} with XFRM-PROTO value \"{protocol}\"");

        CommandFailure WrongMode() => CommandFailure.Refusal($"MODE value is invalid with XFRM-PROTO value \"{protocol}\"");
    }

    private static CommandFailure NotCarried(string what) =>
        new($"Error: \"{what}\" is not in this version of qanat.", CommandFailure.RefusedByKernel);

    // A number in two words, the upper half of which counts with extended sequence numbers alone.
    private struct Sequence
    {
        public uint Low, High;

        public readonly ulong Value(bool extended) => extended ? ((ulong)High << 32) | Low : Low;
    }
}
