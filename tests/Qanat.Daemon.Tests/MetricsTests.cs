using System.Globalization;
using System.Text.RegularExpressions;
using Qanat.Daemon.Api;
using Qanat.Daemon.Tests.Fakes;

namespace Qanat.Daemon.Tests;

/// <summary>The metrics, read back by the format's own grammar.</summary>
public sealed partial class MetricsTests : IDisposable
{
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Every_sample_is_well_formed_and_described_before_it()
    {
        await _bench.AddAsync("t", "192.0.2.1");
        await _bench.AddAsync("a\"b\\c", "192.0.2.2");
        var text = new MetricsText(_bench.Tunnels, "1.2.3").Write();

        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var samples = Read(text);
        Assert.Equal(samples.Count, samples.Select(sample => (sample.Name, Labels: string.Join(',', sample.Labels))).Distinct().Count());
        Assert.Contains(samples, sample => sample.Labels.Contains(("tunnel", "a\"b\\c")));
        Assert.Equal(2, samples.Single(sample => sample.Name == "qanat_tunnels").Value);
        Assert.Contains(("version", "1.2.3"), samples.Single(sample => sample.Name == "qanat_build_info").Labels);
        Assert.True(samples.Single(sample => sample.Name == "process_resident_memory_bytes").Value > 1e6);
        Assert.True(samples.Single(sample => sample.Name == "process_start_time_seconds").Value > 1.7e9);
    }

    [Fact]
    public async Task A_tunnels_counters_are_there()
    {
        var counters = _bench.Plane.Running[(await _bench.AddAsync("t")).Index].Counters;
        (counters.RxPackets, counters.RxBytes, counters.RxErrors, counters.TxPackets, counters.TxBytes, counters.TxErrors) =
            (1, long.MaxValue / 1024, 3, 4, 5, 6);
        counters.RxMulticast = 7;
        var samples = Read(new MetricsText(_bench.Tunnels, "1").Write());

        double Value(string name) =>
            samples.Single(sample => sample.Name == name && sample.Labels.SequenceEqual([("tunnel", "t"), ("mode", "ipip")])).Value;
        Assert.Equal([1, long.MaxValue / 1024, 3, 4, 5, 6],
            from direction in new[] { "rx", "tx" }
            from what in new[] { "packets", "bytes", "errors" }
            select Value($"qanat_tunnel_{direction}_{what}_total"));
        var drops = samples.Where(sample => sample.Name == "qanat_tunnel_drops_total").ToList();
        Assert.Equal(Enum.GetValues<Tunnels.DropReason>().Length, drops.Count);
        Assert.Contains(drops, sample => sample.Labels.Contains(("reason", "no-route")));
        Assert.Equal(7, Value("qanat_tunnel_rx_multicast_total"));
        Assert.Equal(1480, Value("qanat_tunnel_mtu_bytes"));
    }

    [Fact]
    public void Packets_of_no_tunnel_are_counted_too()
    {
        _bench.Plane.Strays = new(NoTunnel: 5, Malformed: 7);
        var samples = Read(new MetricsText(_bench.Tunnels, "1").Write()).Where(sample => sample.Name == "qanat_stray_packets_total");
        Assert.Equal([("no-tunnel", 5.0), ("malformed", 7.0)], samples.Select(sample => (sample.Labels.Single().Item2, sample.Value)));
    }

    private static List<(string Name, (string, string)[] Labels, double Value)> Read(string text)
    {
        var samples = new List<(string, (string, string)[], double)>();
        var (described, helped, seen) = ("", "", new HashSet<string>());
        foreach (var line in text.Split('\n')[..^1])
        {
            if (HelpLine().Match(line) is { Success: true } help)
            {
                helped = help.Groups[1].Value;
            }
            else if (TypeLine().Match(line) is { Success: true } type)
            {
                described = type.Groups[1].Value;
                Assert.Equal(helped, described);
                Assert.True(seen.Add(described), "a metric is described once, and its samples are together");
                Assert.Equal(type.Groups[2].Value == "counter", described.EndsWith("_total", StringComparison.Ordinal));
            }
            else
            {
                var sample = SampleLine().Match(line);
                Assert.True(sample.Success, line);
                Assert.Equal(described, sample.Groups[1].Value);
                var labels = Label().Matches(sample.Groups[2].Value).Select(label => (label.Groups[1].Value,
                    label.Groups[2].Value.Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal)));
                samples.Add((described, labels.ToArray(), double.Parse(sample.Groups[3].Value, CultureInfo.InvariantCulture)));
            }
        }
        return samples;
    }

    [GeneratedRegex("^# HELP ([a-z_:][a-z0-9_:]*) [^\\n]+$")]
    private static partial Regex HelpLine();

    [GeneratedRegex("^# TYPE ([a-z_:][a-z0-9_:]*) (counter|gauge)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex("""^([a-z_:][a-z0-9_:]*)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+)\})? ([-+0-9.eE]+)$""")]
    private static partial Regex SampleLine();

    [GeneratedRegex("([a-z_]+)=\"((?:[^\"\\\\\\n]|\\\\[\\\\\"n])*)\"")]
    private static partial Regex Label();
}
