namespace Qanat.Packets;

/// <summary>
/// A block of memory in chunks of one size, which are taken and given back by number. Pages that no chunk has reached are
/// never touched.
/// </summary>
internal sealed class ChunkPool
{
    /// <summary>Bytes of a chunk.</summary>
    public const int ChunkSize = 2048;

    private readonly byte[] _memory;
    private readonly int[] _free;

    /// <summary>Makes a pool of <paramref name="count"/> chunks.</summary>
    public ChunkPool(int count)
    {
        _memory = GC.AllocateUninitializedArray<byte>(count * ChunkSize);
        _free = new int[count];
        while (Free < count)
            _free[Free++] = count - Free;
    }

    /// <summary>Chunks that may be taken.</summary>
    public int Free { get; private set; }

    /// <summary>The bytes of chunk <paramref name="number"/>.</summary>
    public Span<byte> this[int number] => _memory.AsSpan(number * ChunkSize, ChunkSize);

    /// <summary>Takes a chunk, the one given back last; there must be one.</summary>
    public int Take() => _free[--Free];

    /// <summary>Gives chunk <paramref name="number"/> back.</summary>
    public void Return(int number) => _free[Free++] = number;
}
