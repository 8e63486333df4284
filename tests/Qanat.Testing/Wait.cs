using System.Diagnostics;

namespace Qanat.Testing;

/// <summary>Waiting for something to become true, with a limit.</summary>
public static class Wait
{
    /// <summary>
    /// Longer than anything takes, also on a machine that has lost most of its speed for a while: it is waited out only where
    /// something is broken.
    /// </summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Looks every 20 ms until <paramref name="condition"/> holds.</summary>
    /// <param name="condition">What is waited for.</param>
    /// <param name="limit">How long at most; <see cref="Limit"/> unless told.</param>
    /// <param name="what">What is waited for, in words, for the failure.</param>
    /// <exception cref="TimeoutException">It did not hold in time.</exception>
    public static void Until(Func<bool> condition, TimeSpan? limit = null, string what = "the condition")
    {
        if (!Holds(condition, limit))
            throw new TimeoutException($"Waited {(limit ?? Limit).TotalSeconds} s in vain for {what}.");
    }

    /// <summary>As <see cref="Until"/>, but says whether it held.</summary>
    public static bool Holds(Func<bool> condition, TimeSpan? limit = null)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(started) > (limit ?? Limit))
                return false;
            Thread.Sleep(20);
        }

        return true;
    }
}
