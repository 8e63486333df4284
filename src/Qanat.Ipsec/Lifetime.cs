namespace Qanat.Ipsec;

/// <summary>How long a state or policy has lived, and whether that is enough (net/xfrm/xfrm_state.c: xfrm_state_check_expire).</summary>
public sealed class Lifetime
{
    private readonly TimeProvider _time;
    private readonly long _added;
    private long _used;
    private bool _told;

    internal Lifetime(LifetimeLimits limits, TimeProvider time)
    {
        (Limits, _time) = (limits, time);
        _added = time.GetTimestamp();
        Added = time.GetUtcNow();
    }

    /// <summary>The limits.</summary>
    public LifetimeLimits Limits { get; private set; }

    /// <summary>Inner bytes so far.</summary>
    public ulong Bytes { get; private set; }

    /// <summary>Packets so far.</summary>
    public ulong Packets { get; private set; }

    /// <summary>When it was added.</summary>
    public DateTimeOffset Added { get; }

    /// <summary>When it was first used; null when it never was.</summary>
    public DateTimeOffset? Used { get; private set; }

    /// <summary>True when a soft limit is reached: it works, but is to be replaced.</summary>
    public bool IsDying { get; private set; }

    internal void Count(int bytes)
    {
        Bytes += (ulong)bytes;
        Packets++;
    }

    /// <summary>Notes that it is used. It asks for the time once.</summary>
    internal void Use()
    {
        if (Used is not null)
            return;
        Used = _time.GetUtcNow();
        _used = _time.GetTimestamp();
    }

    /// <summary>New limits, with which it is young again; what was counted stays.</summary>
    internal void Renew(LifetimeLimits limits) => (Limits, IsDying, _told) = (limits, false, false);

    /// <summary>What each packet asks: true when the bytes or packets are used up.</summary>
    internal bool IsUsedUp()
    {
        IsDying |= Bytes >= Limits.SoftBytes || Packets >= Limits.SoftPackets;
        return Bytes >= Limits.HardBytes || Packets >= Limits.HardPackets;
    }

    /// <summary>What is asked from time to time: true when the time is over.</summary>
    internal bool IsOver()
    {
        var age = Seconds(_added);
        var use = Used is null ? 0 : Seconds(_used);
        IsDying |= Reached(Limits.SoftAddSeconds, age) || Reached(Limits.SoftUseSeconds, use);
        return Reached(Limits.HardAddSeconds, age) || Reached(Limits.HardUseSeconds, use);
    }

    /// <summary>True once, when it has begun to die.</summary>
    internal bool TakeWarning()
    {
        var warn = IsDying && !_told;
        _told |= warn;
        return warn;
    }

    private static bool Reached(ulong limit, ulong seconds) => limit != 0 && seconds >= limit;

    private ulong Seconds(long since) => (ulong)_time.GetElapsedTime(since).TotalSeconds;
}
