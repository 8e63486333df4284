namespace Qanat.WireGuard;

/// <summary>
/// A device's time, in steps of 100 ns since it was made. It stands still while a batch is worked on, and when the clock that it
/// follows goes back it only goes on from there.
/// </summary>
/// <param name="time">What it follows.</param>
internal sealed class Clock(TimeProvider time)
{
    /// <summary>A moment before all others.</summary>
    public const long Never = long.MinValue / 2;

    private long _seen = time.GetTimestamp();

    /// <summary>The time when it was last read.</summary>
    public long Now { get; private set; }

    /// <summary>Reads the clock.</summary>
    public void Read()
    {
        var seen = time.GetTimestamp();
        Now += Math.Max(0, time.GetElapsedTime(_seen, seen).Ticks);
        _seen = seen;
    }

    /// <summary>The time of day.</summary>
    public DateTimeOffset UtcNow => time.GetUtcNow();
}
