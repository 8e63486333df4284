using System.Runtime.CompilerServices;

namespace Qanat.WireGuard;

/// <summary>
/// Handshake messages that wait: they cost a thousand times as much as a packet, so packets go first, and of handshakes there
/// is a limit. It takes memory once there are some.
/// </summary>
internal sealed class HandshakeQueue
{
    /// <summary>The most that wait (MAX_QUEUED_INCOMING_HANDSHAKES).</summary>
    public const int Limit = 4096;

    private Slot[] _slots = new Slot[32];
    private int _first;

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a copy of a message, 148 bytes at most. False when there is no room.</summary>
    public bool TryAdd(ReadOnlySpan<byte> message, in Endpoint source)
    {
        if (Count == Limit)
            return false;
        if (Count == _slots.Length)
            Grow();
        ref var slot = ref _slots[(_first + Count) % _slots.Length];
        (slot.Source, slot.Length) = (source, message.Length);
        message.CopyTo(slot.Message);
        Count++;
        return true;
    }

    /// <summary>Takes out the message that came first; there is one.</summary>
    /// <param name="source">Where it came from.</param>
    /// <param name="buffer">148 bytes, in which it is returned.</param>
    public ReadOnlySpan<byte> Take(out Endpoint source, Span<byte> buffer)
    {
        ref readonly var slot = ref _slots[_first];
        source = slot.Source;
        ((ReadOnlySpan<byte>)slot.Message)[..slot.Length].CopyTo(buffer);
        _first = (_first + 1) % _slots.Length;
        Count--;
        return buffer[..slot.Length];
    }

    private void Grow()
    {
        var larger = new Slot[2 * _slots.Length];
        for (var i = 0; i < Count; i++)
            larger[i] = _slots[(_first + i) % _slots.Length];
        (_slots, _first) = (larger, 0);
    }

    private struct Slot
    {
        public Endpoint Source;
        public int Length;
        public Bytes Message;
    }

    [InlineArray(InitiationMessage.Size)]
    private struct Bytes
    {
        private byte _byte;
    }
}
