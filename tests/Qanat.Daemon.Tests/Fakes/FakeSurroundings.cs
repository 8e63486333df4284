using System.Text;
using Qanat.Daemon.Lifecycle;

namespace Qanat.Daemon.Tests.Fakes;

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class FakeTime : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(TimeSpan by) => _ticks += by.Ticks;

    public override long GetTimestamp() => _ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(_ticks);
}

internal sealed class FakeNetwork : INetworkNamespace
{
    public ulong Cookie => 7;

    public string Display => "red";

    public bool IsInitial { get; set; }

    public bool HasName { get; set; }

    public bool HasOtherProcesses { get; set; }

    public void Dispose()
    {
    }
}

/// <summary>The lines of a log.</summary>
internal sealed class FakeLog
{
    private readonly List<string> _lines = [];

    public FakeLog() => Log = new(() => new Line(this));

    public DaemonLog Log { get; }

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    private sealed class Line(FakeLog owner) : MemoryStream
    {
        protected override void Dispose(bool disposing)
        {
            lock (owner._lines)
                owner._lines.Add(Encoding.UTF8.GetString(ToArray()).TrimEnd('\n'));
            base.Dispose(disposing);
        }
    }
}

/// <summary>A folder for one test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("qanat").FullName;

    public DaemonPaths Paths => new(Path, 4026531833);

    // What the test has just ended may still put a file there.
    public void Dispose()
    {
        for (var left = 100; ; left--)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
                return;
            }
            catch (IOException) when (left > 0)
            {
                Thread.Sleep(10);
            }
        }
    }
}
