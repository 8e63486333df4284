using System.Buffers;

namespace Qanat.WireGuard;

/// <summary>
/// Inner packets that wait until there is a session with their peer. There is room for 128 a peer, and for 8 MiB in all; what
/// came first leaves first when there is no more, whosever it is.
/// </summary>
/// <remarks>
/// A packet is in two rows: in its peer's, and in that of all packets by age. The oldest of all is also the oldest of its peer.
/// </remarks>
internal sealed class StagedPackets
{
    /// <summary>Packets of one peer (MAX_STAGED_PACKETS).</summary>
    public const int MaxOfPeer = 128;

    /// <summary>Bytes of all packets.</summary>
    public const int MaxBytes = 8 << 20;

    private const int None = 0;

    private Slot[] _slots = new Slot[16]; // the first is none, and the end of the row by age
    private int _used = 1, _free, _bytes;

    /// <summary>Takes room for a packet, to be filled in. Older ones are dropped for it if need be.</summary>
    /// <param name="peer">Whose it is.</param>
    /// <param name="length">Its bytes.</param>
    public Span<byte> Add(Peer peer, int length)
    {
        while (peer.Staged.Count >= MaxOfPeer)
            Drop(peer);
        var bytes = ArrayPool<byte>.Shared.Rent(length);
        while (_bytes + bytes.Length > MaxBytes && _slots[None].Newer != None)
            Drop(_slots[_slots[None].Newer].Peer);

        var at = Take();
        var newest = _slots[None].Older;
        _slots[at] = new() { Peer = peer, Bytes = bytes, Length = length, Older = newest };
        _slots[newest].Newer = at;
        _slots[None].Older = at;
        _bytes += bytes.Length;
        if (peer.Staged.Last != None)
            _slots[peer.Staged.Last].Next = at;
        peer.Staged = new(peer.Staged.Count == 0 ? at : peer.Staged.First, at, peer.Staged.Count + 1);
        return bytes.AsSpan(0, length);
    }

    /// <summary>The packet of <paramref name="peer"/> that came first; empty when it has none.</summary>
    public ReadOnlySpan<byte> Peek(Peer peer) =>
        peer.Staged.Count == 0 ? default : _slots[peer.Staged.First].Bytes.AsSpan(0, _slots[peer.Staged.First].Length);

    /// <summary>Takes out the packet of <paramref name="peer"/> that came first; it has one.</summary>
    public void Remove(Peer peer)
    {
        var at = peer.Staged.First;
        ref var slot = ref _slots[at];
        var left = peer.Staged.Count - 1;
        peer.Staged = left == 0 ? default : new(slot.Next, peer.Staged.Last, left);
        _slots[slot.Older].Newer = slot.Newer;
        _slots[slot.Newer].Older = slot.Older;
        _bytes -= slot.Bytes.Length;
        ArrayPool<byte>.Shared.Return(slot.Bytes);
        slot = new() { Next = _free };
        _free = at;
    }

    /// <summary>Drops all packets of <paramref name="peer"/>.</summary>
    public void Clear(Peer peer)
    {
        while (peer.Staged.Count > 0)
            Drop(peer);
    }

    private void Drop(Peer peer)
    {
        Remove(peer);
        peer.Counters.Drop(DropReason.StagingFull);
    }

    private int Take()
    {
        var at = _free;
        if (at != None)
        {
            _free = _slots[at].Next;
            return at;
        }
        if (_used == _slots.Length)
            Array.Resize(ref _slots, 2 * _used);
        return _used++;
    }

    /// <summary>A peer's row: its first and last packet, and how many there are.</summary>
    internal readonly record struct Row(int First, int Last, int Count);

    private struct Slot
    {
        public Peer Peer;
        public byte[] Bytes;
        public int Length;
        public int Next; // of the same peer, or free
        public int Older, Newer; // of all
    }
}
