using System.Runtime.CompilerServices;
using Qanat.Packets;

namespace Qanat.WireGuard;

/// <summary>
/// How many handshakes a source may ask for: 20 a second, 5 at a time. A source is an IPv4 address, or 64 bits of an IPv6
/// address, which is what one subscriber has (drivers/net/wireguard/ratelimiter.c).
/// </summary>
/// <remarks>
/// Token buckets in a table of fixed size, four to a set. A bucket that is full again is as good as none, so a new source takes
/// its place; where all four are in use it is refused. Such a flood comes from more sources than handshakes can be answered.
/// Nothing is allocated after the first. Not thread-safe.
/// </remarks>
internal sealed class HandshakeLimiter
{
    /// <summary>Handshakes a second (PACKETS_PER_SECOND).</summary>
    public const int PerSecond = 20;

    /// <summary>Handshakes at a time (PACKETS_BURSTABLE).</summary>
    public const int Burst = 5;

    private const int Sets = 1024, Ways = 4;
    private const long Cost = TimeSpan.TicksPerSecond / PerSecond, Full = Burst * Cost;

    private readonly ulong _seed = (ulong)Random.Shared.NextInt64() << 1 | 1;
    private Bucket[]? _buckets; // there is none before the first flood

    /// <summary>Whether <paramref name="source"/> may have another at <paramref name="now"/>; if so it is counted.</summary>
    /// <param name="source">The address it came from.</param>
    /// <param name="now">100 ns since any moment; it does not go back.</param>
    public bool Allow(IpAddress source, long now)
    {
        // IPv4 addresses lie in ::/64, which no one has.
        var key = source.IsIPv6 ? source.IPv6.Value >> 64 << 64 | UInt128.One << 63 : source.IPv4.Value;
        var hash = ((ulong)(key >> 64) ^ (ulong)key) * _seed >> 32;
        _buckets ??= new Bucket[Sets * Ways];
        var set = _buckets.AsSpan((int)(hash % Sets) * Ways, Ways);
        ref var free = ref Unsafe.NullRef<Bucket>();
        foreach (ref var bucket in set)
        {
            bucket.Refill(now);
            if (bucket.Key == key)
                return bucket.TrySpend();
            if (bucket.Spent == 0)
                free = ref bucket;
        }
        if (Unsafe.IsNullRef(ref free))
            return false;
        free.Key = key;
        return free.TrySpend();
    }

    // Time that is spent, and comes back as it passes.
    private struct Bucket
    {
        public UInt128 Key;
        public long Spent, Refilled;

        public void Refill(long now)
        {
            Spent = Math.Max(0, Spent - (now - Refilled));
            Refilled = now;
        }

        public bool TrySpend()
        {
            if (Spent > Full - Cost)
                return false;
            Spent += Cost;
            return true;
        }
    }
}
