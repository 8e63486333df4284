using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2;

/// <summary>A tunnel's counters as <c>-s show</c> prints them.</summary>
internal static class CounterPrinter
{
    /// <summary>Two blocks as the kernel's own tunnels have them, and a third when packets were dropped, which says why.</summary>
    public static void Text(CounterReport counters, Action<string> row)
    {
        var drops = new DropCounts(counters);
        row("RX: Packets    Bytes        Errors CsumErrs OutOfSeq Mcasts");
        row(Columns(counters.RxPackets, counters.RxBytes, counters.RxErrors) + $"{drops.FrameErrors,-8} {drops.FifoErrors,-8} {0,-8}");
        row("TX: Packets    Bytes        Errors DeadLoop NoRoute  NoBufs");
        row(Columns(counters.TxPackets, counters.TxBytes, counters.TxErrors) +
            $"{drops.Collisions,-8} {drops.CarrierErrors,-8} {drops.TxDropped,-6}");
        if (drops.Reasons.Count > 0)
            row($"Drops: {string.Join("  ", drops.Reasons.Select(drop => $"{drop.Key} {drop.Value}"))}");
    }

    /// <summary>
    /// The members that <c>ip -s -j link</c> has: iproute2 prints its text blocks in the midst of the JSON of tunnels.
    /// </summary>
    public static void Json(JsonPrinter json, CounterReport counters)
    {
        var drops = new DropCounts(counters);
        json.BeginObject("stats64");
        json.BeginObject("rx");
        json.Number("bytes", counters.RxBytes);
        json.Number("packets", counters.RxPackets);
        json.Number("errors", counters.RxErrors);
        json.Number("dropped", drops.RxDropped);
        json.Number("crc_errors", drops.CrcErrors);
        json.Number("frame_errors", drops.FrameErrors);
        json.Number("fifo_errors", drops.FifoErrors);
        json.EndObject();
        json.BeginObject("tx");
        json.Number("bytes", counters.TxBytes);
        json.Number("packets", counters.TxPackets);
        json.Number("errors", counters.TxErrors);
        json.Number("dropped", drops.TxDropped);
        json.Number("carrier_errors", drops.CarrierErrors);
        json.Number("collisions", drops.Collisions);
        json.EndObject();
        json.EndObject();
        json.BeginObject("drops");
        foreach (var (reason, count) in drops.Reasons)
            json.Number(reason, count);
        json.EndObject();
    }

    private static string Columns(long packets, long bytes, long errors) => $"    {packets,-10} {bytes,-12} {errors,-6} ";
}
