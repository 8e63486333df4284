namespace Qanat.WireGuard;

/// <summary>How often and how long probes are sent (RFC 8899, section 5.1, whose names are in brackets). Times in 100 ns.</summary>
internal static class ProbeLimits
{
    private const long Second = TimeSpan.TicksPerSecond;

    /// <summary>Probes of a size that must be lost for it to be too large (MAX_PROBES).</summary>
    public const int Tries = 3;

    /// <summary>The longest time that an answer is waited for (PROBE_TIMER).</summary>
    public const long MaxTimeout = 3 * Second;

    /// <summary>The shortest time while a size is sought, and nothing that is in use is at stake.</summary>
    public const long MinSearchTimeout = Second / 4;

    /// <summary>The shortest time while a size that is in use is looked after, and when nothing is known of the way yet.</summary>
    public const long MinTimeout = Second;

    /// <summary>
    /// The time between two looks at the size that is in use, while packets are sent that need it (CONFIRMATION_TIMER): it and three
    /// timeouts are the time in which a black hole is found.
    /// </summary>
    public const long WatchInterval = 3 * Second;

    /// <summary>The time after which a larger size is tried again (PMTU_RAISE_TIMER).</summary>
    public const long RaiseInterval = 600 * Second;

    /// <summary>The time for which a peer that answers nothing is left alone at first; it doubles up to the raise interval.</summary>
    public const long FirstRest = 10 * Second;

    // What links and the tunnels on them leave: Ethernet, PPPoE, GRE, 6in4, VXLAN, WireGuard, jumbo frames.
    private static ReadOnlySpan<int> CommonSizes => [1280, 1380, 1400, 1420, 1440, 1450, 1472, 1476, 1480, 1492, 1500, 8500, 9000];

    /// <summary>The size to try next: one that is common, if it is near the middle, and else the middle.</summary>
    /// <param name="low">A size that arrives.</param>
    /// <param name="high">A size that does not, greater by two or more.</param>
    public static int Between(int low, int high)
    {
        var middle = low + (high - low) / 2;
        var best = middle;
        var nearest = (high - low) / 4;
        foreach (var size in CommonSizes)
            if (size > low && size < high && Math.Abs(size - middle) < nearest)
                (best, nearest) = (size, Math.Abs(size - middle));
        return best;
    }
}
