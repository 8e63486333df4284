namespace Qanat.Packets;

/// <summary>
/// The datagrams of which fragments are missing, of one IP version, within fixed memory. When there is no room the oldest
/// goes; all go when their time is over.
/// </summary>
internal sealed class PendingDatagrams
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly int _maxDatagrams;
    private readonly ChunkPool _pool;
    private readonly Dictionary<FragmentKey, PendingDatagram> _pending = [];
    private readonly LinkedList<PendingDatagram> _byAge = new();
    private readonly Stack<PendingDatagram> _unused = new();
    private readonly long[] _failures = new long[Enum.GetValues<ReassemblyFailure>().Length];

    /// <summary>Makes an empty set.</summary>
    public PendingDatagrams(TimeProvider time, TimeSpan timeout, int maxDatagrams, int maxBytes)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxDatagrams);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, IPv4Reassembler.MinBytes);
        _time = time;
        _timeout = timeout;
        _maxDatagrams = maxDatagrams;
        _pool = new ChunkPool(maxBytes / ChunkPool.ChunkSize);
    }

    /// <summary>Datagrams that are pending.</summary>
    public int Count => _pending.Count;

    /// <summary>Datagrams that became whole.</summary>
    public long Reassembled { get; private set; }

    /// <summary>Datagrams that were given up for a reason.</summary>
    public long Failed(ReassemblyFailure reason) => _failures[(int)reason];

    /// <summary>Counts a packet that is no fragment of anything.</summary>
    public void CountMalformed() => _failures[(int)ReassemblyFailure.Malformed]++;

    /// <summary>
    /// Takes a fragment in. True when it completes its datagram, which is then written, header as the first fragment had it,
    /// and no longer pending; <paramref name="whole"/> knows about it until the next call.
    /// </summary>
    public bool TryAdd(in FragmentKey key, in Fragment fragment, Span<byte> datagram, out PendingDatagram whole, out int length)
    {
        Expire();
        length = 0;
        whole = Find(key);
        MakeRoom(whole, fragment.Payload.Length);
        var failure = whole.Insert(fragment);
        if (failure is null && !whole.IsComplete)
            return false;
        failure ??= whole.Finish(datagram, out length);
        if (failure is { } reason)
        {
            Drop(whole, reason);
            return false;
        }

        Remove(whole);
        Reassembled++;
        return true;
    }

    /// <summary>Gives up the datagrams whose time is over.</summary>
    public void Expire()
    {
        while (_byAge.First is { Value: var oldest } && _time.GetElapsedTime(oldest.Started) >= _timeout)
            Drop(oldest, ReassemblyFailure.TimedOut);
    }

    private PendingDatagram Find(in FragmentKey key)
    {
        if (_pending.TryGetValue(key, out var pending))
            return pending;
        if (_pending.Count == _maxDatagrams)
            Drop(_byAge.First!.Value, ReassemblyFailure.Evicted);
        if (!_unused.TryPop(out pending))
            pending = new PendingDatagram(_pool);
        pending.Begin(key, _time.GetTimestamp());
        _pending.Add(key, pending);
        _byAge.AddLast(pending.Place);
        return pending;
    }

    // Sees to it that a fragment of so many bytes finds its chunks: a whole datagram fits when all others are gone.
    private void MakeRoom(PendingDatagram pending, int length)
    {
        var needed = Math.Min(length / ChunkPool.ChunkSize + 2, PendingDatagram.MaxChunks);
        while (_pool.Free < needed && _byAge.Count > 1)
        {
            var oldest = _byAge.First!.Value;
            Drop(oldest != pending ? oldest : _byAge.First.Next!.Value, ReassemblyFailure.Evicted);
        }
    }

    private void Drop(PendingDatagram pending, ReassemblyFailure reason)
    {
        _failures[(int)reason]++;
        Remove(pending);
    }

    private void Remove(PendingDatagram pending)
    {
        pending.End();
        _pending.Remove(pending.Key);
        _byAge.Remove(pending.Place);
        _unused.Push(pending);
    }
}
