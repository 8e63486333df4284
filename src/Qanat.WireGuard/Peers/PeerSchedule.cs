namespace Qanat.WireGuard;

/// <summary>
/// Which peer is to be looked at next: a heap in an array. Timers are moved with almost every packet, and mostly to later, so a
/// peer's place is only changed when it would be looked at too late; one that is looked at too early goes back.
/// </summary>
internal sealed class PeerSchedule
{
    /// <summary>The place of a peer that waits for nothing.</summary>
    public const int Nowhere = -1;

    private Peer[] _heap = new Peer[4];
    private int _count;

    /// <summary>When the next peer is to be looked at; <see cref="PeerTimers.Unset"/> when none is.</summary>
    public long Next => _count == 0 ? PeerTimers.Unset : _heap[0].WakeAt;

    /// <summary>Has <paramref name="peer"/> looked at no later than at <paramref name="due"/>.</summary>
    public void Wake(Peer peer, long due)
    {
        if (peer.SchedulePlace == Nowhere)
        {
            if (due == PeerTimers.Unset)
                return;
            if (_count == _heap.Length)
                Array.Resize(ref _heap, 2 * _count);
            peer.SchedulePlace = _count++;
        }
        else if (due >= peer.WakeAt)
        {
            return;
        }
        peer.WakeAt = due;
        Rise(peer);
    }

    /// <summary>Takes out the next peer, if it is to be looked at by now.</summary>
    public bool TryTake(long now, out Peer peer)
    {
        peer = _heap[0];
        if (Next > now)
            return false;
        Remove(peer);
        return true;
    }

    /// <summary>Takes a peer out.</summary>
    public void Remove(Peer peer)
    {
        var place = peer.SchedulePlace;
        if (place == Nowhere)
            return;
        peer.SchedulePlace = Nowhere;
        var last = _heap[--_count];
        _heap[_count] = null!;
        if (last == peer)
            return;
        Put(last, place);
        Rise(last);
        Sink(last);
    }

    private void Rise(Peer peer)
    {
        var place = peer.SchedulePlace;
        for (int above; place > 0 && _heap[above = (place - 1) / 2].WakeAt > peer.WakeAt; place = above)
            Put(_heap[above], place);
        Put(peer, place);
    }

    private void Sink(Peer peer)
    {
        var place = peer.SchedulePlace;
        for (int below; (below = 2 * place + 1) < _count; place = below)
        {
            if (below + 1 < _count && _heap[below + 1].WakeAt < _heap[below].WakeAt)
                below++;
            if (_heap[below].WakeAt >= peer.WakeAt)
                break;
            Put(_heap[below], place);
        }
        Put(peer, place);
    }

    private void Put(Peer peer, int place) => (_heap[place], peer.SchedulePlace) = (peer, place);
}
