using static Qanat.Linux.Interop.Rtnetlink;

namespace Qanat.Linux.Netlink;

/// <summary>
/// What a route tells TCP and the IP layer about its path, the MTU aside. 0 or null: nothing, so that the system's settings count.
/// </summary>
/// <remarks>Source: linux/rtnetlink.h, RTAX_*; net/ipv4/metrics.c, ip_metrics_convert.</remarks>
public sealed record RouteMetrics
{
    /// <summary>Nothing told.</summary>
    public static RouteMetrics None { get; } = new();

    /// <summary>The largest TCP segment that is announced to peers, in bytes (advmss).</summary>
    public uint AdvertisedMss { get; init; }

    /// <summary>The largest TCP window that is announced to peers, in bytes.</summary>
    public uint Window { get; init; }

    /// <summary>The largest congestion window of TCP, in segments; it counts only when it is locked.</summary>
    public uint CongestionWindow { get; init; }

    /// <summary>The congestion window that TCP connections begin with, in segments (initcwnd).</summary>
    public uint InitialCongestionWindow { get; init; }

    /// <summary>The receive window that TCP connections begin with, in segments (initrwnd).</summary>
    public uint InitialReceiveWindow { get; init; }

    /// <summary>The first guess of the round-trip time, in eighths of a millisecond (rtt).</summary>
    public uint RoundTripTime { get; init; }

    /// <summary>The first guess of its variance, in quarters of a millisecond (rttvar).</summary>
    public uint RoundTripVariance { get; init; }

    /// <summary>The shortest retransmission timeout of TCP, in milliseconds (rto_min); it counts only when it is locked.</summary>
    public uint MinimumTimeout { get; init; }

    /// <summary>The first slow-start threshold, in segments (ssthresh).</summary>
    public uint SlowStartThreshold { get; init; }

    /// <summary>How far out of order segments may come before loss is assumed, in segments.</summary>
    public uint Reordering { get; init; }

    /// <summary>The time to live, or hop limit, of packets that ask for none.</summary>
    public uint HopLimit { get; init; }

    /// <summary>True when TCP acknowledges at once.</summary>
    public bool QuickAck { get; init; }

    /// <summary>Features that peers are asked for (RTAX_FEATURE_*): 1 for ECN.</summary>
    public uint Features { get; init; }

    /// <summary>Name of TCP's congestion control: <c>bbr</c>; null for the system's.</summary>
    public string? CongestionControl { get; init; }

    /// <summary>Which of them may not be adapted to what is measured: bit n for RTAX_* number n, that of the MTU left out.</summary>
    public uint Locked { get; init; }

    /// <summary>Reads what RTA_METRICS holds.</summary>
    internal static RouteMetrics Parse(NetlinkAttributes attributes)
    {
        var metrics = None;
        foreach (var attribute in attributes)
            metrics = metrics.With(attribute);
        return metrics;
    }

    /// <summary>Writes what RTA_METRICS holds, the locks aside: one attribute has them all, the MTU's too.</summary>
    internal void Write(ref NetlinkWriter request)
    {
        AddIf(ref request, RTAX_ADVMSS, AdvertisedMss);
        AddIf(ref request, RTAX_WINDOW, Window);
        AddIf(ref request, RTAX_CWND, CongestionWindow);
        AddIf(ref request, RTAX_INITCWND, InitialCongestionWindow);
        AddIf(ref request, RTAX_INITRWND, InitialReceiveWindow);
        AddIf(ref request, RTAX_RTT, RoundTripTime);
        AddIf(ref request, RTAX_RTTVAR, RoundTripVariance);
        AddIf(ref request, RTAX_RTO_MIN, MinimumTimeout);
        AddIf(ref request, RTAX_SSTHRESH, SlowStartThreshold);
        AddIf(ref request, RTAX_REORDERING, Reordering);
        AddIf(ref request, RTAX_HOPLIMIT, HopLimit);
        AddIf(ref request, RTAX_QUICKACK, QuickAck ? 1u : 0);
        AddIf(ref request, RTAX_FEATURES, Features);
        if (CongestionControl is not null)
            request.Add(RTAX_CC_ALGO, CongestionControl);
    }

    private RouteMetrics With(NetlinkAttribute attribute) => attribute.Type switch
    {
        RTAX_LOCK when (attribute.Read<uint>() & ~(1u << RTAX_MTU)) is var locked and not 0 => this with { Locked = locked },
        RTAX_ADVMSS => this with { AdvertisedMss = attribute.Read<uint>() },
        RTAX_WINDOW => this with { Window = attribute.Read<uint>() },
        RTAX_CWND => this with { CongestionWindow = attribute.Read<uint>() },
        RTAX_INITCWND => this with { InitialCongestionWindow = attribute.Read<uint>() },
        RTAX_INITRWND => this with { InitialReceiveWindow = attribute.Read<uint>() },
        RTAX_RTT => this with { RoundTripTime = attribute.Read<uint>() },
        RTAX_RTTVAR => this with { RoundTripVariance = attribute.Read<uint>() },
        RTAX_RTO_MIN => this with { MinimumTimeout = attribute.Read<uint>() },
        RTAX_SSTHRESH => this with { SlowStartThreshold = attribute.Read<uint>() },
        RTAX_REORDERING => this with { Reordering = attribute.Read<uint>() },
        RTAX_HOPLIMIT => this with { HopLimit = attribute.Read<uint>() },
        RTAX_QUICKACK => this with { QuickAck = attribute.Read<uint>() != 0 },
        RTAX_FEATURES => this with { Features = attribute.Read<uint>() },
        RTAX_CC_ALGO => this with { CongestionControl = attribute.ReadText() },
        _ => this,
    };

    private static void AddIf(ref NetlinkWriter request, ushort type, uint value)
    {
        if (value != 0)
            request.Add(type, value);
    }
}
