using System.Runtime.CompilerServices;

namespace Qanat.WireGuard;

/// <summary>What a peer waits for (drivers/net/wireguard/timers.c).</summary>
internal enum PeerTimer
{
    /// <summary>A response: then the initiation is sent again.</summary>
    RetransmitHandshake,

    /// <summary>Something to send: then what arrived is confirmed by an empty message.</summary>
    SendKeepalive,

    /// <summary>Something to arrive after what was sent: then a new handshake begins.</summary>
    NewHandshake,

    /// <summary>A new session: then all keys are wiped.</summary>
    WipeKeys,

    /// <summary>Any message: then an empty one keeps the way open.</summary>
    PersistentKeepalive,

    /// <summary>A probe's time, or its answer's: then it is asked on how large a packet may be.</summary>
    Probe,

    /// <summary>The time for a key exchange to begin, or an answer to come: then a key is offered, for the first time or again.</summary>
    OfferKey,
}

/// <summary>When a peer's timers are due, in the time of <see cref="Clock"/>.</summary>
internal struct PeerTimers
{
    /// <summary>The moment of a timer that is not set.</summary>
    public const long Unset = long.MaxValue;

    private const int Count = (int)PeerTimer.OfferKey + 1;

    private Moments _due;

    /// <summary>Makes them, none of them set.</summary>
    public PeerTimers() => ((Span<long>)_due).Fill(Unset);

    /// <summary>When a timer is due.</summary>
    public long this[PeerTimer timer]
    {
        readonly get => _due[(int)timer];
        set => _due[(int)timer] = value;
    }

    /// <summary>The first of them.</summary>
    public readonly long Earliest
    {
        get
        {
            var earliest = Unset;
            foreach (var due in _due)
                earliest = Math.Min(earliest, due);
            return earliest;
        }
    }

    /// <summary>Whether a timer is set.</summary>
    public readonly bool IsSet(PeerTimer timer) => this[timer] != Unset;

    /// <summary>Takes a timer back.</summary>
    public void Cancel(PeerTimer timer) => this[timer] = Unset;

    /// <summary>Takes a timer back that is due. False when it is not.</summary>
    public bool TryTake(PeerTimer timer, long now)
    {
        if (this[timer] > now)
            return false;
        Cancel(timer);
        return true;
    }

    [InlineArray(Count)]
    private struct Moments
    {
        private long _due;
    }
}
