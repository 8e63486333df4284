using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2;

/// <summary>Why packets were dropped, and the kernel's counters that some of the reasons have (struct rtnl_link_stats64).</summary>
internal sealed class DropCounts(CounterReport counters)
{
    /// <summary>The reasons that occurred, in the order of their names.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Reasons { get; } =
        [.. counters.Drops.Where(drop => drop.Value != 0).OrderBy(drop => drop.Key, StringComparer.Ordinal)];

    /// <summary>The reasons in a line, when there are any.</summary>
    public string Line => $"Drops: {string.Join("  ", Reasons.Select(drop => $"{drop.Key} {drop.Value}"))}";

    /// <summary>rx_frame_errors: RFC 6040 forbade it. This is what iproute2 prints below <c>CsumErrs</c>.</summary>
    public long FrameErrors => Of("ecn-error");

    /// <summary>rx_crc_errors: a checksum of the tunnel's own header.</summary>
    public long CrcErrors => Of("checksum-error");

    /// <summary>rx_fifo_errors: a sequence number of the tunnel's own header.</summary>
    public long FifoErrors => Of("out-of-sequence");

    /// <summary>collisions: the route led back into the tunnel.</summary>
    public long Collisions => Of("dead-loop");

    /// <summary>tx_carrier_errors: no route, or nothing in IPsec for the packet.</summary>
    public long CarrierErrors => Of("no-route") + Of("no-state");

    /// <summary>tx_dropped: the kernel did not take it.</summary>
    public long TxDropped => Of("no-buffer");

    /// <summary>rx_dropped: the device did not take it.</summary>
    public long RxDropped => Of("device-refused");

    private long Of(string reason) => counters.Drops.GetValueOrDefault(reason);
}
