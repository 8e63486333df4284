using System.Diagnostics;
using System.Globalization;
using Qanat.Daemon.Control;
using Qanat.Daemon.WireGuard.Sight;

namespace Qanat.Daemon.Api;

/// <summary>The metrics in Prometheus' text format 0.0.4.</summary>
/// <param name="tunnels">The tunnels.</param>
/// <param name="version">The daemon's version.</param>
/// <param name="wireGuard">The WireGuard interfaces beside them; null leaves them out.</param>
internal sealed class MetricsText(TunnelManager tunnels, string version, WireGuardMetrics? wireGuard = null)
{
    /// <summary>The format's media type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Writes all metrics as they are now.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<string> WriteAsync(CancellationToken cancellation) =>
        Write() + (wireGuard is null ? "" : await wireGuard.WriteAsync(cancellation).ConfigureAwait(false));

    /// <summary>Writes those of the tunnels and of the daemon.</summary>
    public string Write()
    {
        var text = new PrometheusText();
        var reports = tunnels.List();
        foreach (var (name, help, value) in Counters)
        {
            text.Describe(name, "counter", help);
            foreach (var report in reports)
                text.Sample(name, value(report.Counters), Labels(report));
        }
        text.Describe("qanat_tunnel_drops_total", "counter", "Packets that went no further, by reason.");
        foreach (var report in reports)
            foreach (var (_, reason) in CounterReports.DropReasons)
                text.Sample("qanat_tunnel_drops_total", report.Counters.Drops.GetValueOrDefault(reason),
                    [.. Labels(report), ("reason", reason)]);
        text.Describe("qanat_tunnel_up", "gauge", "1 when the tunnel's device is up.");
        foreach (var report in reports)
            text.Sample("qanat_tunnel_up", report.Up ? 1 : 0, Labels(report));
        text.Describe("qanat_tunnel_mtu_bytes", "gauge", "MTU of the tunnel's device.");
        foreach (var report in reports)
            text.Sample("qanat_tunnel_mtu_bytes", report.Mtu, Labels(report));
        text.Describe("qanat_stray_packets_total", "counter", "Outer packets that came in and belong to no tunnel, by reason.");
        text.Sample("qanat_stray_packets_total", tunnels.Strays.NoTunnel, ("reason", "no-tunnel"));
        text.Sample("qanat_stray_packets_total", tunnels.Strays.Malformed, ("reason", "malformed"));
        WriteProcess(text, reports.Length);
        return text.ToString();
    }

    private static readonly (string Name, string Help, Func<CounterReport, long> Value)[] Counters =
    [
        ("qanat_tunnel_rx_packets_total", "Packets that arrived through the tunnel.", counters => counters.RxPackets),
        ("qanat_tunnel_rx_bytes_total", "Inner bytes that arrived through the tunnel.", counters => counters.RxBytes),
        ("qanat_tunnel_rx_errors_total", "Packets that arrived and could not be passed on.", counters => counters.RxErrors),
        ("qanat_tunnel_rx_multicast_total", "Packets that arrived through the tunnel for a group.", counters => counters.RxMulticast),
        ("qanat_tunnel_tx_packets_total", "Packets that left through the tunnel.", counters => counters.TxPackets),
        ("qanat_tunnel_tx_bytes_total", "Inner bytes that left through the tunnel.", counters => counters.TxBytes),
        ("qanat_tunnel_tx_errors_total", "Packets that could not be sent.", counters => counters.TxErrors),
    ];

    private void WriteProcess(PrometheusText text, int count)
    {
        using var process = Process.GetCurrentProcess();
        Single("qanat_tunnels", "gauge", "Tunnels that the daemon keeps.", count);
        Single("qanat_build_info", "gauge", "1, labelled with the version.", 1, ("version", version));
        Single("process_start_time_seconds", "gauge", "When the daemon started, in seconds since 1970.",
            (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds);
        Single("process_cpu_seconds_total", "counter", "Processor time that the daemon used.", process.TotalProcessorTime.TotalSeconds);
        Single("process_resident_memory_bytes", "gauge", "Memory that the daemon has resident.", process.WorkingSet64);
        Single("process_threads", "gauge", "Threads of the daemon.", process.Threads.Count);
        Single("dotnet_gc_heap_bytes", "gauge", "Bytes in the managed heap.", GC.GetTotalMemory(forceFullCollection: false));
        Single("dotnet_gc_allocated_bytes_total", "counter", "Bytes that were ever allocated in the managed heap.",
            GC.GetTotalAllocatedBytes());
        text.Describe("dotnet_gc_collections_total", "counter", "Garbage collections, by the oldest generation that was collected.");
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
            text.Sample("dotnet_gc_collections_total", GC.CollectionCount(generation),
                ("generation", generation.ToString(CultureInfo.InvariantCulture)));

        void Single(string name, string type, string help, double value, params ReadOnlySpan<(string, string)> labels)
        {
            text.Describe(name, type, help);
            text.Sample(name, value, labels);
        }
    }

    private static (string Name, string Value)[] Labels(TunnelReport report) => [("tunnel", report.Spec.Name), ("mode", report.Spec.Mode)];
}
