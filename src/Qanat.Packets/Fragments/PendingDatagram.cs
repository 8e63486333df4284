namespace Qanat.Packets;

/// <summary>A datagram of which fragments are missing. Used again for another when it is done with.</summary>
/// <remarks>Its payload is in chunks that are taken as fragments reach them; the rules are those of ip_frag_queue.</remarks>
internal sealed class PendingDatagram
{
    /// <summary>The most chunks of a datagram.</summary>
    public const int MaxChunks = (PacketBatch.MaxPacketLength + ChunkPool.ChunkSize - 1) / ChunkPool.ChunkSize;

    /// <summary>The longest header: those of IPv4 are far shorter; the unfragmentable part of IPv6 could be longer, but never is.</summary>
    public const int MaxHeaderLength = 512;

    private const int NoChunk = -1;
    private const int NotEctSeen = 1 << (int)Ecn.NotEct, CeSeen = 1 << (int)Ecn.Ce;

    private readonly ChunkPool _pool;
    private readonly FragmentRuns _runs = new();
    private readonly int[] _chunks = new int[MaxChunks];
    private readonly byte[] _header = new byte[MaxHeaderLength];
    private int _headerLength;
    private int _length;
    private bool _hasLast;
    private int _received;
    private int _ecnSeen;
    private int _longest;
    private int _longestUncut;

    public PendingDatagram(ChunkPool pool)
    {
        _pool = pool;
        Place = new LinkedListNode<PendingDatagram>(this);
        Array.Fill(_chunks, NoChunk);
    }

    /// <summary>Its place among the others by age.</summary>
    public LinkedListNode<PendingDatagram> Place { get; }

    /// <summary>Whose fragments it is made of.</summary>
    public FragmentKey Key { get; private set; }

    /// <summary>When the first fragment came, in the units of the clock.</summary>
    public long Started { get; private set; }

    /// <summary>True when no byte is missing.</summary>
    public bool IsComplete => _hasLast && _received == _length;

    /// <summary>True when a router marked a fragment: the datagram is to be marked too (RFC 3168, 5.3).</summary>
    public bool CongestionExperienced => (_ecnSeen & CeSeen) != 0;

    /// <summary>True when the longest fragment had DF: the datagram has it too, as in ip_frag_reasm.</summary>
    public bool DontFragment => _longestUncut == _longest;

    /// <summary>Begins a datagram of <paramref name="key"/>.</summary>
    public void Begin(FragmentKey key, long now)
    {
        Key = key;
        Started = now;
        _runs.Clear();
        _hasLast = false;
        _headerLength = _length = _received = _ecnSeen = _longest = _longestUncut = 0;
    }

    /// <summary>Gives the memory back.</summary>
    public void End()
    {
        foreach (ref var chunk in _chunks.AsSpan())
        {
            if (chunk != NoChunk)
                _pool.Return(chunk);
            chunk = NoChunk;
        }
    }

    /// <summary>
    /// Puts a fragment in its place, for which the pool has the chunks; a duplicate changes nothing. Null, or why the whole
    /// datagram is to be dropped.
    /// </summary>
    public ReassemblyFailure? Insert(in Fragment fragment)
    {
        var payload = fragment.Payload;
        if (fragment.MoreFragments)
            payload = payload[..(payload.Length & ~7)];
        var start = fragment.Offset;
        var end = start + payload.Length;

        if (payload.IsEmpty || fragment.Header.Length > MaxHeaderLength)
            return ReassemblyFailure.Malformed;
        if (end > PacketBatch.MaxPacketLength - IPv4Header.MinSize)
            return ReassemblyFailure.Oversized;
        var agrees = fragment.MoreFragments ? !_hasLast || end <= _length : _hasLast ? end == _length : end >= _length;
        if (!agrees)
            return ReassemblyFailure.InconsistentLength;
        _length = Math.Max(_length, end);
        _hasLast |= !fragment.MoreFragments;

        switch (_runs.Add(start, end))
        {
            case RangeResult.Overlap:
                return ReassemblyFailure.Overlap;
            case RangeResult.Full:
                return ReassemblyFailure.TooManyHoles;
            case RangeResult.Added:
                Keep(fragment, payload);
                break;
        }
        return null;
    }

    /// <summary>
    /// Writes the complete datagram behind the header of its first fragment; it is never longer than 65,535 bytes. Null, or
    /// why it is to be dropped.
    /// </summary>
    public ReassemblyFailure? Finish(Span<byte> datagram, out int length)
    {
        length = _headerLength + _length;
        if (length > PacketBatch.MaxPacketLength)
            return ReassemblyFailure.Oversized;
        if ((_ecnSeen & NotEctSeen) != 0 && _ecnSeen != NotEctSeen)
            return ReassemblyFailure.EcnMismatch;

        datagram = datagram[..length];
        _header.AsSpan(0, _headerLength).CopyTo(datagram);
        var payload = datagram[_headerLength..];
        for (var i = 0; !payload.IsEmpty; i++)
        {
            var part = _pool[_chunks[i]];
            part = part[..Math.Min(part.Length, payload.Length)];
            part.CopyTo(payload);
            payload = payload[part.Length..];
        }
        return null;
    }

    private void Keep(in Fragment fragment, ReadOnlySpan<byte> payload)
    {
        if (fragment.Offset == 0)
        {
            _headerLength = fragment.Header.Length;
            fragment.Header.CopyTo(_header);
        }
        var size = fragment.Header.Length + payload.Length;
        _longest = Math.Max(_longest, size);
        if (fragment.DontFragment)
            _longestUncut = Math.Max(_longestUncut, size);
        _ecnSeen |= 1 << (int)fragment.Ecn;
        _received += payload.Length;

        for (var offset = fragment.Offset; !payload.IsEmpty;)
        {
            ref var chunk = ref _chunks[offset / ChunkPool.ChunkSize];
            if (chunk == NoChunk)
                chunk = _pool.Take();
            var room = _pool[chunk][(offset % ChunkPool.ChunkSize)..];
            var part = payload[..Math.Min(room.Length, payload.Length)];
            part.CopyTo(room);
            payload = payload[part.Length..];
            offset += part.Length;
        }
    }
}
