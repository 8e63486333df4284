namespace Qanat.WireGuard.Tests;

/// <summary>A clock that stands still until it is moved, and a calendar that can be set apart from it.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _ticks;

    /// <summary>The time of day.</summary>
    public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, 500, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public override DateTimeOffset GetUtcNow() => Now;

    public void Advance(double seconds)
    {
        _ticks += (long)(seconds * TimeSpan.TicksPerSecond);
        Now += TimeSpan.FromSeconds(seconds);
    }
}
