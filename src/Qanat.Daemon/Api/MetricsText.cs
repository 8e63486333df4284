using System.Diagnostics;
using System.Globalization;
using System.Text;
using Qanat.Daemon.Control;

namespace Qanat.Daemon.Api;

/// <summary>The metrics in Prometheus' text format 0.0.4.</summary>
internal sealed class MetricsText(TunnelManager tunnels, string version)
{
    /// <summary>The format's media type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Writes all metrics as they are now.</summary>
    public string Write()
    {
        var text = new StringBuilder();
        var reports = tunnels.List();
        foreach (var (name, help, value) in Counters)
        {
            Describe(text, name, "counter", help);
            foreach (var report in reports)
                Sample(text, name, value(report.Counters), Labels(report));
        }
        Describe(text, "qanat_tunnel_drops_total", "counter", "Packets that went no further, by reason.");
        foreach (var report in reports)
            foreach (var (_, reason) in CounterReports.DropReasons)
                Sample(text, "qanat_tunnel_drops_total", report.Counters.Drops.GetValueOrDefault(reason),
                    [.. Labels(report), ("reason", reason)]);
        Describe(text, "qanat_tunnel_up", "gauge", "1 when the tunnel's device is up.");
        foreach (var report in reports)
            Sample(text, "qanat_tunnel_up", report.Up ? 1 : 0, Labels(report));
        Describe(text, "qanat_tunnel_mtu_bytes", "gauge", "MTU of the tunnel's device.");
        foreach (var report in reports)
            Sample(text, "qanat_tunnel_mtu_bytes", report.Mtu, Labels(report));
        Describe(text, "qanat_stray_packets_total", "counter", "Outer packets that came in and belong to no tunnel, by reason.");
        Sample(text, "qanat_stray_packets_total", tunnels.Strays.NoTunnel, ("reason", "no-tunnel"));
        Sample(text, "qanat_stray_packets_total", tunnels.Strays.Malformed, ("reason", "malformed"));
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

    private void WriteProcess(StringBuilder text, int count)
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
        Describe(text, "dotnet_gc_collections_total", "counter", "Garbage collections, by the oldest generation that was collected.");
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
            Sample(text, "dotnet_gc_collections_total", GC.CollectionCount(generation),
                ("generation", generation.ToString(CultureInfo.InvariantCulture)));

        void Single(string name, string type, string help, double value, params ReadOnlySpan<(string, string)> labels)
        {
            Describe(text, name, type, help);
            Sample(text, name, value, labels);
        }
    }

    private static (string Name, string Value)[] Labels(TunnelReport report) => [("tunnel", report.Spec.Name), ("mode", report.Spec.Mode)];

    private static void Describe(StringBuilder text, string name, string type, string help) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");

    private static void Sample(StringBuilder text, string name, double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        text.Append(name);
        var separator = '{';
        foreach (var label in labels)
        {
            text.Append(separator).Append(label.Name).Append("=\"").Append(Escape(label.Value)).Append('"');
            separator = ',';
        }
        if (labels.Length > 0)
            text.Append('}');
        text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    // A device's name may have any byte but a few; the format wants these three escaped.
    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
}
