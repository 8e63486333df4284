using System.Buffers.Binary;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2.Xfrm;

/// <summary>States as <c>list</c> and <c>get</c> print them. There is no JSON of them, as ip has none.</summary>
/// <param name="printer">Where they go, and how.</param>
internal sealed class XfrmStateRenderer(XfrmPrinter printer)
{
    private const uint LegacyWindow = 32; // the kernel's struct xfrm_replay_state has one word
    private const int WordsALine = 8;
    private const string Indent = "\t";

    private static readonly string[] FlagNames =
        ["noecn", "decap-dscp", "nopmtudisc", "wildrecv", "icmp", "af-unspec", "align4", "esn"];

    /// <summary>Prints a state; one whose keys were not sent has them hidden.</summary>
    public void Print(XfrmStateReport report)
    {
        var state = report.Spec;
        printer.Name(Indent, state.Src, state.Dst, state.Proto, state.Spi, state.Reqid, state.Mode);
        var isBitmap = state.Flags.Contains("esn") || state.ReplayWindow > LegacyWindow;
        printer.Write($"{Indent}replay-window {(isBitmap ? 0 : state.ReplayWindow)} ");
        if (printer.Statistics) // ip prints the kernel's number, which is in network order
            printer.Write($"seq 0x{BinaryPrimitives.ReverseEndianness(state.Seq):d8} ");
        printer.Flags(state.Flags, FlagNames);
        Marks(state);
        Algorithm("auth-trunc", state.Auth, bits: true);
        Algorithm("aead", state.Aead, bits: true);
        Algorithm("enc", state.Enc, bits: false);
        if (state.Encap is { } encap)
            printer.Line($"{Indent}encap type {encap.Type} sport {encap.Sport} dport {encap.Dport} addr {OriginalAddress(state, encap)}");
        Replay(state, report.Replay, isBitmap);
        if (state.IfId != 0)
            printer.Line($"{Indent}if_id 0x{state.IfId:x}");
        if (state.TfcPad != 0)
            printer.Line($"{Indent}tfcpad {state.TfcPad}");
        if (state.Sel is { } selector)
        {
            printer.Write($"{Indent}sel ");
            printer.Selector(selector);
        }
        if (printer.Statistics)
        {
            printer.Lifetime(state.Limits, report.Usage);
            printer.Line($"{Indent}stats:");
            printer.Line($"{Indent}  replay-window {report.Replay.TooOld} replay {report.Replay.Replayed} failed {report.Replay.Failed}");
        }
        printer.End();
    }

    private void Marks(XfrmStateSpec state)
    {
        if (state.Mark is null && state.OutputMark is null)
            return;
        printer.Write(Indent);
        if (state.Mark is { } mark)
            printer.Write($"mark {XfrmPrinter.Mark(mark)} ");
        printer.Line(state.OutputMark is { } output ? $"output-mark {XfrmPrinter.Mark(output)}" : "");
    }

    private void Algorithm(string kind, XfrmAlgorithmSpec? algorithm, bool bits)
    {
        if (algorithm is null)
            return;
        printer.Write($"{Indent}{kind} {algorithm.Name} ");
        if (algorithm.Key is not { } key)
            printer.Write("<<Keys hidden>>");
        else if (key.Length > 0)
            printer.Write(printer.Statistics ? $"0x{key} ({key.Length * 4} bits)" : $"0x{key}");
        printer.Line(bits ? $" {algorithm.Bits}" : "");
    }

    // The kernel's has 128 bits, and is shown in the family of the state.
    private static string OriginalAddress(XfrmStateSpec state, XfrmEncapSpec encap) =>
        state.Dst.Contains(':') && encap.Addr == "0.0.0.0" ? "::" : encap.Addr;

    private void Replay(XfrmStateSpec state, XfrmReplayReport replay, bool isBitmap)
    {
        if (!isBitmap)
        {
            printer.Line($"{Indent}anti-replay context: seq 0x{replay.Seq:x}, oseq 0x{replay.Oseq:x}, bitmap 0x{replay.Bitmap[0]:x8}");
            return;
        }
        printer.Line($"{Indent}anti-replay esn context:");
        printer.Write($"{Indent} seq-hi 0x{High(replay.Seq)}, seq 0x{Low(replay.Seq)}, ");
        printer.Line($"oseq-hi 0x{High(replay.Oseq)}, oseq 0x{Low(replay.Oseq)}");
        printer.Line($"{Indent} replay_window {state.ReplayWindow}, bitmap-length {replay.Bitmap.Length}");
        foreach (var words in replay.Bitmap.Chunk(WordsALine))
            printer.Line($"{Indent} {string.Concat(words.Select(word => $"{word:x8} "))}");

        static string High(ulong sequence) => $"{sequence >> 32:x}";
        static string Low(ulong sequence) => $"{(uint)sequence:x}";
    }
}
