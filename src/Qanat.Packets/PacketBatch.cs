using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Qanat.Packets;

/// <summary>
/// What moves between ports: packets side by side in one block of native memory, each with headroom in front, so that
/// an outer header is written before the inner packet in place. A batch belongs to one worker and is used again and
/// again; memory that no packet has reached is never touched, so a large batch costs address space alone.
/// </summary>
/// <remarks>Not thread-safe. Nothing here allocates after construction.</remarks>
public sealed unsafe class PacketBatch : IDisposable
{
    /// <summary>Packets that a batch holds unless told otherwise.</summary>
    public const int DefaultCapacity = 128;

    /// <summary>The largest IP packet, in bytes.</summary>
    public const int MaxPacketLength = 65535;

    /// <summary>Headroom in bytes before each packet: room for a virtio-net header and the longest outer headers.</summary>
    public const int DefaultHeadroom = 128;

    private const int Alignment = 64;

    private readonly PacketInfo[] _packets;
    private readonly int _size;
    private byte* _memory;
    private int _used;

    /// <summary>Makes a batch for <paramref name="capacity"/> packets in <paramref name="size"/> bytes.</summary>
    /// <param name="capacity">The most packets it holds.</param>
    /// <param name="size">Bytes of its memory; by default room for each packet to be of the largest size.</param>
    public PacketBatch(int capacity = DefaultCapacity, int size = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        _size = size != 0 ? size : capacity * Aligned(MaxPacketLength + DefaultHeadroom);
        _packets = new PacketInfo[capacity];
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)_size, 4096);
    }

    /// <summary>Packets in the batch.</summary>
    public int Count { get; private set; }

    /// <summary>The most packets that it holds.</summary>
    public int Capacity => _packets.Length;

    /// <summary>The place and offload facts of packet <paramref name="index"/>.</summary>
    public ref PacketInfo this[int index] => ref _packets.AsSpan(0, Count)[index];

    /// <summary>The bytes of packet <paramref name="index"/>.</summary>
    public Span<byte> Bytes(int index)
    {
        ref var packet = ref this[index];
        return new Span<byte>(_memory + packet.Start, packet.Length);
    }

    /// <summary>The <paramref name="length"/> bytes in front of packet <paramref name="index"/>, no more than there are.</summary>
    public Span<byte> Headroom(int index, int length)
    {
        ref var packet = ref this[index];
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, packet.Start - packet.Floor);
        return new Span<byte>(_memory + packet.Start - length, length);
    }

    /// <summary>The address of the first byte of packet <paramref name="index"/>, for system calls.</summary>
    public byte* Address(int index) => _memory + this[index].Start;

    /// <summary>
    /// Adds a packet of <paramref name="length"/> bytes, its content and facts still to be filled in, behind
    /// <paramref name="headroom"/> bytes. False when the batch is full.
    /// </summary>
    public bool TryAdd(int length, int headroom, out int index)
    {
        index = Count;
        var end = (long)_used + headroom + length;
        if (Count == _packets.Length || end > _size)
            return false;
        _packets[Count++] = new PacketInfo { Floor = _used, Start = _used + headroom, Length = length };
        _used = Math.Min(_size, Aligned((int)end));
        return true;
    }

    /// <summary>Adds a copy of <paramref name="packet"/>. False when the batch is full.</summary>
    public bool TryAdd(ReadOnlySpan<byte> packet, int headroom = DefaultHeadroom)
    {
        if (!TryAdd(packet.Length, headroom, out var index))
            return false;
        packet.CopyTo(Bytes(index));
        return true;
    }

    /// <summary>Sets the length of the newest packet, giving back the memory behind it, or taking more of it if there is room.</summary>
    /// <param name="length">Bytes, from its start.</param>
    public void ResizeLast(int length)
    {
        ref var packet = ref this[Count - 1];
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _size - packet.Start);
        packet.Length = length;
        _used = Math.Min(_size, Aligned(packet.Start + length));
    }

    /// <summary>
    /// Makes the newest packet longer by <paramref name="bytes"/>, still to be filled in. False, and no change, when there is no room
    /// behind it.
    /// </summary>
    public bool TryGrowLast(int bytes)
    {
        ref var packet = ref this[Count - 1];
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        var end = (long)packet.Start + packet.Length + bytes;
        if (end > _size)
            return false;
        packet.Length += bytes;
        _used = Math.Min(_size, Aligned((int)end));
        return true;
    }

    /// <summary>Takes the newest packet out again.</summary>
    public void RemoveLast()
    {
        _used = this[Count - 1].Floor;
        Count--;
    }

    /// <summary>
    /// Moves the start of packet <paramref name="index"/> forward over a header (positive) or back into its headroom
    /// (negative), keeping its end and its checksum position. False, and no change, when there is no such room.
    /// </summary>
    public bool TryMoveStart(int index, int bytes)
    {
        ref var packet = ref this[index];
        if (bytes > packet.Length || packet.Start + bytes < packet.Floor)
            return false;
        packet.Start += bytes;
        packet.Length -= bytes;
        if (packet.Checksum == ChecksumState.Partial)
            packet.ChecksumStart = (ushort)(packet.ChecksumStart - bytes);
        return true;
    }

    /// <summary>Empties the batch; its memory is used again.</summary>
    public void Clear()
    {
        Count = 0;
        _used = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        Clear();
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory of a batch that nobody disposed.</summary>
    [ExcludeFromCodeCoverage]
    ~PacketBatch() => NativeMemory.AlignedFree(_memory);

    private static int Aligned(int bytes) => (bytes + Alignment - 1) & -Alignment;
}
