using System.Runtime.InteropServices;

namespace Qanat.Crypto.Tests;

/// <summary>Packets of random bytes in memory that does not move, with random bytes between them that nobody may touch.</summary>
internal sealed unsafe class PinnedPackets : IDisposable
{
    private readonly byte* _memory;
    private readonly int _length;

    public PinnedPackets(int[] lengths, Random random)
    {
        Lengths = lengths;
        Offsets = new int[lengths.Length];
        for (var i = 0; i < lengths.Length; i++)
        {
            Offsets[i] = _length + random.Next(20);
            _length = Offsets[i] + lengths[i] + BatchAead.TagLength;
        }
        _length += 20;
        _memory = (byte*)NativeMemory.Alloc((nuint)_length);
        random.NextBytes(Bytes);
    }

    public int[] Lengths { get; }

    public int[] Offsets { get; }

    /// <summary>All of the memory.</summary>
    public Span<byte> Bytes => new(_memory, _length);

    /// <summary>The packets, with these counters.</summary>
    public AeadPacket[] With(ulong[] counters) =>
        [.. Lengths.Select((length, i) => new AeadPacket(_memory + Offsets[i], length, counters[i]))];

    public void Dispose() => NativeMemory.Free(_memory);
}
