using System.Numerics;

namespace Qanat.Crypto.Batch;

/// <summary>
/// Which blocks each lane of <see cref="Poly1305Lanes{T}"/> takes, of the text, zeros up to 16 bytes, and the lengths (RFC 8439, 2.8,
/// without associated data).
/// </summary>
/// <remarks>
/// A text has one lane or, when there are fewer texts than lanes, 2, 4 or 8: with n lanes, lane i takes blocks i, i + n, ... All
/// lanes end with the same step: shorter texts begin later, with blocks of zeros in front, which leave a sum of zero as it is. It
/// holds addresses of its own: it stays where it is on the stack.
/// </remarks>
internal unsafe struct Poly1305Feed
{
    /// <summary>The most lanes there are.</summary>
    public const int MaxLanes = 8;

    /// <summary>Bytes of a block.</summary>
    public const int BlockLength = 16;

    // The bit behind each block, where the highest limb has it.
    private const ulong BlockBit = 1 << 24;

    /// <summary>Where each lane's next block is.</summary>
    public fixed ulong Addresses[MaxLanes];

    /// <summary>Bytes from a lane's block to its next.</summary>
    public fixed ulong Strides[MaxLanes];

    /// <summary>The bit that is added behind each block (RFC 8439, 2.5.1), in the limb of bits 104 to 129.</summary>
    public fixed ulong BlockBits[MaxLanes];

    private fixed ulong _texts[MaxLanes];
    private fixed int _wholeBlocks[MaxLanes];
    private fixed int _positions[MaxLanes];
    private fixed byte _zeros[BlockLength];

    // What is left of a text after its whole blocks, and its lengths: one block or two.
    private fixed byte _ends[MaxLanes * 2 * BlockLength];

    private int _lanes, _shift, _steps;

    /// <summary>How many lanes a text has.</summary>
    public readonly int LanesEach => 1 << _shift;

    /// <summary>Shares the lanes out, an equal number to each text.</summary>
    /// <param name="packets">The texts.</param>
    /// <param name="count">How many there are: from one to as many as lanes.</param>
    /// <param name="lanes">How many lanes there are.</param>
    public void Begin(AeadPacket* packets, int count, int lanes)
    {
        _lanes = lanes;
        for (var i = 0; i < BlockLength; i++)
            _zeros[i] = 0;

        var blocks = stackalloc int[MaxLanes];
        var most = 0;
        for (var i = 0; i < count; i++)
        {
            blocks[i] = (packets[i].Length / BlockLength) + WriteEnd(i, packets[i]);
            most = Math.Max(most, blocks[i]);
        }
        // To halve the steps takes two multiplications.
        _shift = BitOperations.Log2((uint)lanes) - BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)count));
        while (_shift > 0 && StepsFor(most, _shift - 1) <= StepsFor(most, _shift) + 2)
            _shift--;
        _steps = StepsFor(most, _shift);
        for (var lane = 0; lane < lanes; lane++)
        {
            var i = lane >> _shift;
            var used = i < count;
            _texts[lane] = used ? (ulong)packets[i].Text : 0;
            _wholeBlocks[lane] = used ? packets[i].Length / BlockLength : 0;
            _positions[lane] = (lane & (LanesEach - 1)) - (_steps << _shift) + (used ? blocks[i] : 0);
        }
    }

    /// <summary>Sets the lanes up. For how many steps that lasts, each lane going on by its stride; none when all is taken.</summary>
    public int Next()
    {
        var steps = _steps;
        fixed (byte* zeros = _zeros, ends = _ends)
            for (var lane = 0; lane < _lanes; lane++)
            {
                var (position, whole) = (_positions[lane], _wholeBlocks[lane]);
                (Strides[lane], BlockBits[lane]) = ((ulong)BlockLength << _shift, BlockBit);
                if (position < 0)
                {
                    (Addresses[lane], Strides[lane], BlockBits[lane]) = ((ulong)zeros, 0, 0);
                    steps = Math.Min(steps, StepsFor(-position, _shift));
                }
                else if (position < whole)
                {
                    Addresses[lane] = _texts[lane] + ((ulong)position * BlockLength);
                    steps = Math.Min(steps, StepsFor(whole - position, _shift));
                }
                else
                {
                    var end = ends + ((lane >> _shift) * 2 * BlockLength);
                    Addresses[lane] = (ulong)(end + ((position - whole) * BlockLength));
                }
            }
        for (var lane = 0; lane < _lanes; lane++)
            _positions[lane] += steps << _shift;
        _steps -= steps;
        return steps;
    }

    private static int StepsFor(int blocks, int shift) => (blocks + (1 << shift) - 1) >> shift;

    // The number of blocks written.
    private int WriteEnd(int index, in AeadPacket packet)
    {
        fixed (byte* ends = _ends)
        {
            var end = new Span<byte>(ends + (index * 2 * BlockLength), 2 * BlockLength);
            var left = packet.Length % BlockLength;
            end.Clear();
            new ReadOnlySpan<byte>(packet.Text + packet.Length - left, left).CopyTo(end);
            var at = left == 0 ? 0 : BlockLength;
            BitConverter.TryWriteBytes(end[(at + 8)..], (ulong)packet.Length);
            return left == 0 ? 1 : 2;
        }
    }
}
