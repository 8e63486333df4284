namespace Qanat.Testing;

/// <summary>What passes a device, as tcpdump sees it, from the moment it is made until it is disposed.</summary>
public sealed class Capture : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qanat-capture-").FullName;
    private readonly RunningCommand _tcpdump;

    /// <summary>Starts to capture, and returns once packets are seen.</summary>
    /// <param name="host">Where the device is.</param>
    /// <param name="device">Its name.</param>
    /// <param name="filter">tcpdump's filter: <c>ip proto 4</c>.</param>
    public Capture(TestNamespace host, string device, string filter = "ip")
    {
        _tcpdump = host.Start($"exec tcpdump -i {device} -n -U --immediate-mode -Z root -w {Path} '{filter}'");
        Wait.Until(() => _tcpdump.Error.Contains("listening on", StringComparison.Ordinal), what: $"tcpdump on {device}");
    }

    /// <summary>The packets so far.</summary>
    public PcapFile SoFar => File.Exists(Path) ? PcapFile.Parse(File.ReadAllBytes(Path), growing: true) : new(1, []);

    private string Path => System.IO.Path.Combine(_folder, "capture.pcap");

    /// <summary>Waits until <paramref name="count"/> packets have been seen that satisfy <paramref name="condition"/>.</summary>
    /// <returns>Those packets, from the IP header on.</returns>
    public IReadOnlyList<ReadOnlyMemory<byte>> WaitFor(int count, Func<ReadOnlyMemory<byte>, bool>? condition = null)
    {
        IReadOnlyList<ReadOnlyMemory<byte>> found = [];
        Wait.Until(
            () => (found = [.. SoFar.Packets.Where(packet => condition is null || condition(packet))]).Count >= count,
            what: $"{count} packets");
        return found;
    }

    /// <summary>How it fares, for who misses packets.</summary>
    public override string ToString() =>
        $"Captured: {SoFar.Frames.Count} frames in {(File.Exists(Path) ? new FileInfo(Path).Length : 0)} bytes; " +
        $"tcpdump {(_tcpdump.HasExited ? "has ended" : "runs")}: {_tcpdump.Error}";

    /// <inheritdoc/>
    public void Dispose()
    {
        _tcpdump.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
