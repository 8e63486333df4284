namespace Qanat.WireGuard;

/// <summary>How long and how often keys are used (the paper's section 6.1; drivers/net/wireguard/messages.h). Times in 100 ns.</summary>
internal static class SessionLimits
{
    private const long Second = TimeSpan.TicksPerSecond;

    /// <summary>Messages after which the sender asks for new keys (REKEY_AFTER_MESSAGES).</summary>
    public const ulong RekeyAfterMessages = 1UL << 60;

    /// <summary>Messages after which a key is not used (REJECT_AFTER_MESSAGES).</summary>
    public const ulong RejectAfterMessages = ulong.MaxValue - (1UL << 13);

    /// <summary>The age at which the initiator asks for new keys when it sends (REKEY_AFTER_TIME).</summary>
    public const long RekeyAfterTime = 120 * Second;

    /// <summary>The age at which a key is not used (REJECT_AFTER_TIME).</summary>
    public const long RejectAfterTime = 180 * Second;

    /// <summary>
    /// The time between two handshakes that we begin (REKEY_TIMEOUT), but for a jitter of up to <see cref="RekeyTimeoutJitter"/>.
    /// </summary>
    public const long RekeyTimeout = 5 * Second;

    /// <summary>A third of a second, so that two ends which begin at once do so once (REKEY_TIMEOUT_JITTER_MAX_JIFFIES).</summary>
    public const long RekeyTimeoutJitter = Second / 3;

    /// <summary>How often a handshake is tried again: for 90 s (MAX_TIMER_HANDSHAKES).</summary>
    public const int MaxHandshakeAttempts = 90 / 5;

    /// <summary>The silence after which what arrived is confirmed by an empty message (KEEPALIVE_TIMEOUT).</summary>
    public const long KeepaliveTimeout = 10 * Second;

    /// <summary>The silence after what we sent that makes us ask for new keys.</summary>
    public const long NewHandshakeTimeout = KeepaliveTimeout + RekeyTimeout;

    /// <summary>The age at which the initiator asks for new keys when it only receives.</summary>
    public const long RekeyOnReceiveTime = RejectAfterTime - KeepaliveTimeout - RekeyTimeout;

    /// <summary>The time after the last session began when all keys are wiped.</summary>
    public const long WipeAfterTime = 3 * RejectAfterTime;
}
