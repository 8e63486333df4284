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
        row(Columns(counters.RxPackets, counters.RxBytes, counters.RxErrors) +
            $"{drops.FrameErrors,-8} {drops.FifoErrors,-8} {counters.RxMulticast,-8}");
        row("TX: Packets    Bytes        Errors DeadLoop NoRoute  NoBufs");
        row(Columns(counters.TxPackets, counters.TxBytes, counters.TxErrors) +
            $"{drops.Collisions,-8} {drops.CarrierErrors,-8} {drops.TxDropped,-6}");
        if (drops.Reasons.Count > 0)
            row(drops.Line);
    }

    /// <summary>
    /// The members that <c>ip -s -s -j link</c> has, and the reasons: iproute2 prints its text blocks in the midst of the JSON of tunnels.
    /// </summary>
    public static void Json(JsonPrinter json, CounterReport counters)
    {
        Stats64(json, counters, detailed: true);
        Drops(json, new(counters));
    }

    /// <summary>The reasons, as an object <c>drops</c>.</summary>
    public static void Drops(JsonPrinter json, DropCounts drops)
    {
        json.BeginObject("drops");
        foreach (var (reason, count) in drops.Reasons)
            json.Number(reason, count);
        json.EndObject();
    }

    /// <summary>The object <c>stats64</c> of <c>ip -s -j link</c>.</summary>
    /// <param name="json">Where it goes.</param>
    /// <param name="counters">What it tells.</param>
    /// <param name="detailed">Whether kinds of errors are told, as <c>-s -s</c> does.</param>
    public static void Stats64(JsonPrinter json, CounterReport counters, bool detailed = false)
    {
        var drops = new DropCounts(counters);
        json.BeginObject("stats64");
        Direction("rx", counters.RxBytes, counters.RxPackets, counters.RxErrors, drops.RxDropped);
        json.Number("over_errors", 0);
        json.Number("multicast", counters.RxMulticast);
        if (detailed)
        {
            json.Number("length_errors", 0);
            json.Number("crc_errors", drops.CrcErrors);
            json.Number("frame_errors", drops.FrameErrors);
            json.Number("fifo_errors", drops.FifoErrors);
            json.Number("missed_errors", 0);
        }
        json.EndObject();
        Direction("tx", counters.TxBytes, counters.TxPackets, counters.TxErrors, drops.TxDropped);
        json.Number("carrier_errors", drops.CarrierErrors);
        json.Number("collisions", drops.Collisions);
        if (detailed)
            foreach (var name in (string[])["aborted_errors", "fifo_errors", "window_errors", "heartbeat_errors", "carrier_changes"])
                json.Number(name, 0); // of devices with a cable
        json.EndObject();
        json.EndObject();

        void Direction(string name, long bytes, long packets, long errors, long dropped)
        {
            json.BeginObject(name);
            json.Number("bytes", bytes);
            json.Number("packets", packets);
            json.Number("errors", errors);
            json.Number("dropped", dropped);
        }
    }

    private static string Columns(long packets, long bytes, long errors) => $"    {packets,-10} {bytes,-12} {errors,-6} ";
}
