namespace Qanat.WireGuard.Tests.Simulation;

/// <summary>A clock that is wherever it is put, in steps of 100 ns.</summary>
internal sealed class SimulatedTime : TimeProvider
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public long Ticks { get; set; } = TimeSpan.TicksPerDay;

    /// <summary>By how much the calendar is wrong, whatever the clock says.</summary>
    public TimeSpan CalendarError { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Ticks;

    public override DateTimeOffset GetUtcNow() => s_start + TimeSpan.FromTicks(Ticks) + CalendarError;
}
