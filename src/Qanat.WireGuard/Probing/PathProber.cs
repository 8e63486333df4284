using System.Runtime.CompilerServices;

namespace Qanat.WireGuard;

/// <summary>
/// Finds out how large a packet may be that arrives at a peer, and keeps looking (RFC 8899, Datagram Packetization Layer Path MTU
/// Discovery). It believes nothing but answers: a size is too large when three probes of it are lost while small ones come through.
/// It asks only while there are packets for the peer, so a silent tunnel stays silent. Sizes are those of outer IP packets.
/// </summary>
/// <param name="lowest">The size that is taken to arrive whatever happens (BASE_PLPMTU).</param>
/// <param name="largest">The size beyond which nobody needs to know (MAX_PLPMTU); at least the lowest.</param>
/// <param name="identifier">That of the first probe: random, so that nobody knows it who does not see it.</param>
internal sealed class PathProber(int lowest, int largest, uint identifier)
{
    // Those of a size that is tried, and their companions.
    private const int Remembered = 8;

    private SentProbes _sent;
    private RttEstimate _roundTrip;
    private uint _identifier = identifier;
    private Phase _phase;
    private int _low, _high, _size, _tries;
    private bool _companionWaits, _smallArrived;
    private long _notBefore = Clock.Never, _searched, _rest = ProbeLimits.FirstRest;
    private ProbeMeans _means;

    private enum Phase
    {
        /// <summary>Whether anybody answers is to be learnt.</summary>
        Asking,

        /// <summary>The size is between two bounds.</summary>
        Searching,

        /// <summary>The size is known, and looked after.</summary>
        Watching,
    }

    /// <summary>The largest size that is known to arrive; null before anything is known.</summary>
    public int? PathMtu { get; private set; }

    /// <summary>Whether packets may be as large as anybody needs.</summary>
    public bool IsWide => PathMtu is null || PathMtu >= largest;

    /// <summary>Whether a probe was answered as only Qanat does.</summary>
    public bool IsAnsweredByQanat { get; private set; }

    /// <summary>The time to the peer and back, smoothed, in 100 ns; null before the first answer.</summary>
    public long? RoundTrip => _roundTrip.Value?.Ticks;

    /// <summary>The time that the last answer took, in 100 ns.</summary>
    public long LastSample { get; private set; }

    /// <summary>When <see cref="TryNext"/> has something to do; <see cref="PeerTimers.Unset"/> until packets are sent.</summary>
    public long Due { get; private set; } = PeerTimers.Unset;

    /// <summary>Whether an echo reply may be an answer.</summary>
    public bool AwaitsEcho => _phase == Phase.Asking || _means == ProbeMeans.Echo;

    private long Timeout => Math.Clamp(
        4 * RoundTrip ?? 0, _phase == Phase.Searching ? ProbeLimits.MinSearchTimeout : ProbeLimits.MinTimeout, ProbeLimits.MaxTimeout);

    private bool MayRaise(long now) => _low < largest && now - _searched >= ProbeLimits.RaiseInterval;

    /// <summary>A packet is sent while nothing is due. True when it makes something due.</summary>
    /// <param name="size">Its size.</param>
    /// <param name="now">The time.</param>
    public bool TryWake(int size, long now)
    {
        if (_phase == Phase.Watching && (size <= lowest || _low <= lowest) && !MayRaise(now))
            return false;
        Due = Math.Max(now, _notBefore);
        return true;
    }

    /// <summary>Says what to send now. To be asked again until it is nothing.</summary>
    public bool TryNext(long now, out Probe probe)
    {
        probe = default;
        if (_companionWaits)
        {
            _companionWaits = false;
            probe = Send(_phase == Phase.Asking ? ProbeMeans.Echo : _means, Probe.Smallest, now);
            return true;
        }
        if (now < Due)
            return false;
        if (_tries == ProbeLimits.Tries)
            Conclude(now);
        else if (_tries == 0 && _phase == Phase.Watching && MayRaise(now))
            Search(_low, largest + 1, largest, now);
        if (now < Due)
            return false;
        _tries++;
        // What shows that it is the size which is lost, and not the way; or who is no Qanat.
        _companionWaits = _tries > 1;
        probe = Send(_phase == Phase.Asking ? ProbeMeans.Control : _means, _size, now);
        Due = now + Timeout;
        return true;
    }

    /// <summary>An answer came. False when it answers nothing that was asked.</summary>
    public bool Answer(ProbeMeans means, uint identifier, long now)
    {
        ref var sent = ref _sent[(int)(identifier % Remembered)];
        if (!sent.Waits || sent.Probe.Identifier != identifier || sent.Probe.Means != means)
            return false;
        sent.Waits = false;
        LastSample = now - sent.At;
        _roundTrip.Add(LastSample, now);
        IsAnsweredByQanat |= means == ProbeMeans.Control;
        if (_phase == Phase.Asking)
        {
            _means = means;
            Search(lowest, largest + 1, largest, now);
        }
        else if (sent.Probe.Size == Probe.Smallest)
            _smallArrived = true;
        else if (sent.Probe.Size == _size && _phase == Phase.Searching)
            Narrow(_size, _high, now);
        else if (sent.Probe.Size == _size)
            Rest(ProbeLimits.WatchInterval, now);
        return true;
    }

    /// <summary>The peer is elsewhere: what is known holds until it is measured anew.</summary>
    public void Restart()
    {
        (_phase, _size, _tries, _companionWaits) = (Phase.Asking, Probe.Smallest, 0, false);
        (_notBefore, Due) = (Clock.Never, PeerTimers.Unset);
        _sent = default;
    }

    private Probe Send(ProbeMeans means, int size, long now)
    {
        var probe = new Probe(means, size, _identifier++);
        _sent[(int)(probe.Identifier % Remembered)] = new() { Probe = probe, At = now, Waits = true };
        return probe;
    }

    // Three probes were lost.
    private void Conclude(long now)
    {
        if (_phase == Phase.Asking)
        {
            Rest(_rest, now);
            _rest = Math.Min(2 * _rest, ProbeLimits.RaiseInterval);
        }
        else if (!_smallArrived)
        {
            Rest(ProbeLimits.WatchInterval, now); // it is the way that is lost
        }
        else if (_phase == Phase.Watching)
        {
            PathMtu = lowest;
            Search(lowest, _size, ProbeLimits.Between(lowest, _size), now);
        }
        else
        {
            if (PathMtu is null || PathMtu >= _size)
                PathMtu = _low; // at once: what is larger is known not to arrive
            Narrow(_low, _size, now);
        }
    }

    private void Narrow(int low, int high, long now)
    {
        if (high - low > 1)
        {
            Search(low, high, ProbeLimits.Between(low, high), now);
            return;
        }
        (_phase, _low, _size, _searched) = (Phase.Watching, low, low, now);
        PathMtu = low;
        Rest(ProbeLimits.WatchInterval, now);
    }

    private void Search(int low, int high, int size, long now)
    {
        (_phase, _low, _high, _size) = (Phase.Searching, low, high, size);
        (_tries, _companionWaits, _smallArrived, _rest) = (0, false, false, ProbeLimits.FirstRest);
        _sent = default; // late answers tell how things were
        if (high - low > 1)
            Due = now;
        else
            Narrow(low, high, now);
    }

    private void Rest(long time, long now)
    {
        (_tries, _companionWaits, _smallArrived) = (0, false, false);
        (_notBefore, Due) = (now + time, PeerTimers.Unset);
    }

    private struct Sent
    {
        public Probe Probe;
        public long At;
        public bool Waits;
    }

    [InlineArray(Remembered)]
    private struct SentProbes
    {
        private Sent _sent;
    }
}
