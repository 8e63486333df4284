namespace Qanat.Ipsec;

/// <summary>
/// When a state or policy is to be replaced (soft) and when it ends (hard): <c>struct xfrm_lifetime_cfg</c>. Seconds of 0
/// are no limit.
/// </summary>
public sealed record LifetimeLimits
{
    /// <summary>No limit of bytes or packets (XFRM_INF).</summary>
    public const ulong Infinite = ulong.MaxValue;

    /// <summary>No limit at all.</summary>
    public static LifetimeLimits None { get; } = new();

    /// <summary>Inner bytes until it is to be replaced.</summary>
    public ulong SoftBytes { get; init; } = Infinite;

    /// <summary>Inner bytes until it ends.</summary>
    public ulong HardBytes { get; init; } = Infinite;

    /// <summary>Packets until it is to be replaced.</summary>
    public ulong SoftPackets { get; init; } = Infinite;

    /// <summary>Packets until it ends.</summary>
    public ulong HardPackets { get; init; } = Infinite;

    /// <summary>Seconds since it was added until it is to be replaced.</summary>
    public ulong SoftAddSeconds { get; init; }

    /// <summary>Seconds since it was added until it ends.</summary>
    public ulong HardAddSeconds { get; init; }

    /// <summary>Seconds since it was first used until it is to be replaced.</summary>
    public ulong SoftUseSeconds { get; init; }

    /// <summary>Seconds since it was first used until it ends.</summary>
    public ulong HardUseSeconds { get; init; }
}
