namespace Qanat.Testing;

/// <summary>Proves that work costs no allocation a packet.</summary>
public static class Allocations
{
    // The smallest object takes 24 bytes. The runtime itself allocates a little, once, when it compiles a method anew.
    private const int Tolerated = 8;

    /// <summary>Does <paramref name="work"/>, already warm, on <paramref name="packets"/> packets (some hundreds at least).</summary>
    /// <exception cref="InvalidOperationException">It allocated as if by packet.</exception>
    public static void AssertNone(int packets, Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        var before = GC.GetAllocatedBytesForCurrentThread();
        work();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated >= (long)packets * Tolerated)
            throw new InvalidOperationException($"{allocated} bytes were allocated for {packets} packets.");
    }
}
