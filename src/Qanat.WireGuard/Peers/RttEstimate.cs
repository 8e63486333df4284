namespace Qanat.WireGuard;

/// <summary>
/// How long a message takes to a peer and back, smoothed as TCP does it (RFC 6298, section 2). Samples come of handshakes, which show
/// it for nothing, and of whatever else measures it.
/// </summary>
internal struct RttEstimate
{
    // TCP's alpha; and how long a sample counts for the next, for afterwards the way may be another one.
    private const int Weight = 8;
    private const long Memory = 30 * TimeSpan.TicksPerSecond;

    private long _smoothed, _at;

    /// <summary>The estimate; null before the first sample.</summary>
    public readonly TimeSpan? Value => _smoothed > 0 ? TimeSpan.FromTicks(_smoothed) : null;

    /// <summary>Takes a sample.</summary>
    /// <param name="sample">In steps of 100 ns.</param>
    /// <param name="now">The time of <see cref="Clock"/>.</param>
    public void Add(long sample, long now)
    {
        sample = Math.Max(sample, 1);
        _smoothed = _smoothed > 0 && now - _at < Memory ? Math.Max(_smoothed + (sample - _smoothed) / Weight, 1) : sample;
        _at = now;
    }
}
