namespace Qanat.Packets;

/// <summary>
/// Makes datagrams of IPv4 fragments (RFC 791, 3.2) within fixed memory, by the kernel's rules (net/ipv4/ip_fragment.c):
/// overlapping fragments discard the datagram, duplicates are ignored, and 30 seconds after the first fragment it is over.
/// </summary>
/// <remarks>
/// When there is no room the oldest datagram goes, not the newest: honest fragments come within milliseconds of each
/// other, so that a flood has to be that fast to do harm. Nothing is allocated once as many datagrams have been pending at
/// a time as ever will be. Not thread-safe.
/// </remarks>
public sealed class IPv4Reassembler
{
    /// <summary>Datagrams that may be pending unless told otherwise.</summary>
    public const int DefaultMaxDatagrams = 1024;

    /// <summary>Bytes that may be pending unless told otherwise: the kernel's ipfrag_high_thresh.</summary>
    public const int DefaultMaxBytes = 4 << 20;

    /// <summary>The least bytes that may be pending: a datagram of the largest size.</summary>
    public const int MinBytes = PendingDatagram.MaxChunks * ChunkPool.ChunkSize;

    private readonly TimeProvider _time;
    private readonly int _maxDatagrams;
    private readonly ChunkPool _pool;
    private readonly Dictionary<FragmentKey, PendingDatagram> _pending = [];
    private readonly LinkedList<PendingDatagram> _byAge = new();
    private readonly Stack<PendingDatagram> _unused = new();
    private readonly byte[] _datagram = new byte[PacketBatch.MaxPacketLength];
    private readonly long[] _failures = new long[Enum.GetValues<ReassemblyFailure>().Length];

    /// <summary>Makes one that holds nothing yet.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="maxDatagrams">The most datagrams that are pending.</param>
    /// <param name="maxBytes">The most memory for their payload, in bytes; at least <see cref="MinBytes"/>.</param>
    public IPv4Reassembler(TimeProvider time, int maxDatagrams = DefaultMaxDatagrams, int maxBytes = DefaultMaxBytes)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxDatagrams);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, MinBytes);
        _time = time;
        _maxDatagrams = maxDatagrams;
        _pool = new ChunkPool(maxBytes / ChunkPool.ChunkSize);
    }

    /// <summary>How long a datagram may take: the kernel's ipfrag_time.</summary>
    public static TimeSpan Timeout { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Datagrams that are pending.</summary>
    public int Pending => _pending.Count;

    /// <summary>Datagrams that became whole.</summary>
    public long Reassembled { get; private set; }

    /// <summary>Datagrams that were given up for <paramref name="reason"/> (of Malformed: packets too).</summary>
    public long Failed(ReassemblyFailure reason) => _failures[(int)reason];

    /// <summary>
    /// Takes a packet in. True with the datagram that it completes, valid until the next call, its header checksum right and
    /// its fragment fields clear; a packet that is no fragment is its own datagram. False when fragments are still missing, or
    /// the packet is dropped, with the reason counted. Header checksums of fragments are for the caller to check.
    /// </summary>
    public bool TryAdd(ReadOnlySpan<byte> packet, out ReadOnlySpan<byte> datagram)
    {
        datagram = default;
        if (!IPv4Header.TryParse(packet, out var fragment))
        {
            _failures[(int)ReassemblyFailure.Malformed]++;
            return false;
        }
        if (!fragment.IsFragment)
        {
            datagram = fragment.Packet;
            return true;
        }

        Expire();
        var pending = Find(fragment);
        MakeRoom(pending, fragment.Payload.Length);
        var failure = pending.Insert(fragment);
        if (failure is null && !pending.IsComplete)
            return false;
        var length = 0;
        failure ??= pending.Finish(_datagram, out length);
        if (failure is { } reason)
        {
            Drop(pending, reason);
            return false;
        }

        Remove(pending);
        Reassembled++;
        datagram = _datagram.AsSpan(0, length);
        return true;
    }

    /// <summary>Gives up the datagrams whose time is over. <see cref="TryAdd"/> does so too; call it when nothing comes.</summary>
    public void Expire()
    {
        while (_byAge.First is { Value: var oldest } && _time.GetElapsedTime(oldest.Started) >= Timeout)
            Drop(oldest, ReassemblyFailure.TimedOut);
    }

    private PendingDatagram Find(IPv4Header fragment)
    {
        var key = new FragmentKey(fragment.Source, fragment.Destination, fragment.Identification, fragment.Protocol);
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
