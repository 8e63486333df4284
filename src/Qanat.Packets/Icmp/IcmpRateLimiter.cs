namespace Qanat.Packets;

/// <summary>
/// Decides how often ICMP errors leave, with the kernel's defaults (net/ipv4/icmp.c, inet_peer_xrlim_allow): 1,000 a second
/// in all, 50 at a time; one a second to a destination, six at a time. Path MTU discovery is never limited.
/// </summary>
/// <remarks>
/// Both are token buckets. An error costs the common one 0, 1 or 2 tokens at random, so that nobody can count from outside
/// what others were sent (CVE-2020-25705). Destinations are remembered in a table of fixed size, four to a set, in which a
/// new one takes the place of the one longest unused; that one then begins anew, within the common limit. Nothing is
/// allocated after construction. Not thread-safe.
/// </remarks>
public sealed class IcmpRateLimiter
{
    /// <summary>Errors a second in all: icmp_msgs_per_sec.</summary>
    public const int MessagesPerSecond = 1000;

    /// <summary>Errors at a time in all: icmp_msgs_burst.</summary>
    public const int MessagesBurst = 50;

    /// <summary>Errors at a time to a destination: XRLIM_BURST_FACTOR. Then one a second: icmp_ratelimit.</summary>
    public const int DestinationBurst = 6;

    private const int Sets = 256, Ways = 4;

    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly Bucket[] _destinations = new Bucket[Sets * Ways];
    private readonly ulong _seed;
    private Bucket _all;

    /// <summary>Makes one whose buckets are full.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="random">Where chance comes from; by default <see cref="Random.Shared"/>.</param>
    public IcmpRateLimiter(TimeProvider time, Random? random = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _random = random ?? Random.Shared;
        _seed = (ulong)_random.NextInt64() << 1 | 1;
        _all = Bucket.Full(default, MessagesBurst * time.TimestampFrequency / MessagesPerSecond, time.GetTimestamp());
    }

    /// <summary>Errors that were not allowed.</summary>
    public long Suppressed { get; private set; }

    /// <summary>
    /// Whether <paramref name="error"/> may leave for <paramref name="destination"/> now; if so it is counted. Limited are
    /// unreachables other than fragmentation needed, source quench, time exceeded and parameter problem (icmp_ratemask).
    /// </summary>
    public bool Allow(IcmpError error, IPv4Address destination)
    {
        var limited = error.Type is IcmpType.DestinationUnreachable or IcmpType.SourceQuench or IcmpType.TimeExceeded
            or IcmpType.ParameterProblem;
        if (error.Type == IcmpType.DestinationUnreachable && error.Code == (byte)IcmpUnreachableCode.FragmentationNeeded)
            limited = false;
        return !limited || Allow((UInt128)0xFFFF_0000_0000 | destination.Value);
    }

    /// <summary>
    /// Whether <paramref name="error"/> may leave for <paramref name="destination"/> now; if so it is counted. Limited are
    /// all errors but Packet Too Big.
    /// </summary>
    public bool Allow(Icmpv6Error error, IPv6Address destination) =>
        error.Type == Icmpv6Type.PacketTooBig || Allow(destination.Value);

    private bool Allow(UInt128 destination)
    {
        var now = _time.GetTimestamp();
        var second = _time.TimestampFrequency;
        _all.Refill(now, MessagesBurst * second / MessagesPerSecond);
        ref var bucket = ref Find(destination, now, DestinationBurst * second);
        bucket.Refill(now, DestinationBurst * second);
        if (_all.Credit < second / MessagesPerSecond || bucket.Credit < second)
        {
            Suppressed++;
            return false;
        }
        bucket.Credit -= second;
        _all.Credit = Math.Max(0, _all.Credit - _random.Next(3) * second / MessagesPerSecond);
        return true;
    }

    // The destination's bucket, made in the place of the one longest unused when it has none.
    private ref Bucket Find(UInt128 destination, long now, long full)
    {
        var hash = ((ulong)destination ^ (ulong)(destination >> 64)) * _seed >> 32;
        var set = _destinations.AsSpan((int)(hash % Sets) * Ways, Ways);
        ref var oldest = ref set[0];
        foreach (ref var bucket in set)
        {
            if (bucket.Destination == destination)
                return ref bucket;
            if (bucket.Refilled < oldest.Refilled)
                oldest = ref bucket;
        }
        oldest = Bucket.Full(destination, full, now);
        return ref oldest;
    }

    // Credit is time: what has passed and is not yet spent, up to what makes the bucket full.
    private struct Bucket
    {
        public UInt128 Destination;
        public long Credit;
        public long Refilled;

        public static Bucket Full(UInt128 destination, long credit, long now) =>
            new() { Destination = destination, Credit = credit, Refilled = now };

        public void Refill(long now, long full)
        {
            Credit = Math.Min(full, Credit + Math.Max(0, now - Refilled));
            Refilled = now;
        }
    }
}
