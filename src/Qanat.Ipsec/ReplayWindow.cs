namespace Qanat.Ipsec;

/// <summary>What a replay window thinks of a sequence number.</summary>
internal enum ReplayVerdict
{
    /// <summary>It was not there before.</summary>
    New,

    /// <summary>It was.</summary>
    Seen,

    /// <summary>It is left of the window, or 0: nobody can tell.</summary>
    Outside,
}

/// <summary>
/// The sequence numbers that have arrived: a bitmap in a ring, in which moving on clears whole words (RFC 6479). Numbers are
/// those of 64 bits; without extended sequence numbers their upper half is 0.
/// </summary>
/// <param name="size">How far back it looks, 0 to 4,096 numbers; with 0 everything is new.</param>
internal sealed class ReplayWindow(int size)
{
    /// <summary>The largest window (XFRMA_REPLAY_ESN_MAX).</summary>
    public const int MaxSize = 4096;

    private const int WordBits = 64;

    // One word more than the window has, so that the words that are being cleared are never in it.
    private readonly ulong[] _bitmap = size == 0 ? [] : new ulong[RoundUp((size + WordBits - 1) / WordBits + 1)];

    /// <summary>How far back it looks.</summary>
    public int Size { get; } = size;

    /// <summary>The highest number that has arrived.</summary>
    public ulong Highest { get; private set; }

    /// <summary>Starts behind a number that has arrived in an earlier life; all before it count as seen.</summary>
    public void Resume(ulong highest)
    {
        Highest = highest;
        if (Size == 0)
            return;
        Array.Fill(_bitmap, ulong.MaxValue);
        Word(highest) = ulong.MaxValue >> (WordBits - 1 - (int)(highest % WordBits));
    }

    /// <summary>What it thinks of <paramref name="sequence"/>.</summary>
    public ReplayVerdict Judge(ulong sequence)
    {
        if (Size == 0)
            return ReplayVerdict.New;
        if (sequence > Highest)
            return ReplayVerdict.New;
        if (sequence == 0 || Highest - sequence >= (ulong)Size)
            return ReplayVerdict.Outside;
        return (Word(sequence) & Bit(sequence)) != 0 ? ReplayVerdict.Seen : ReplayVerdict.New;
    }

    /// <summary>Notes that <paramref name="sequence"/>, which is new, has arrived.</summary>
    public void Accept(ulong sequence)
    {
        if (Size == 0)
            return;
        if (sequence > Highest)
        {
            var words = Math.Min(sequence / WordBits - Highest / WordBits, (ulong)_bitmap.Length);
            for (var i = 0UL; i < words; i++)
                Word(sequence - i * WordBits) = 0;
            Highest = sequence;
        }
        Word(sequence) |= Bit(sequence);
    }

    /// <summary>
    /// The number of 64 bits that <paramref name="low"/> is the lower half of, judged by the window (RFC 4303, A2.1). False when
    /// it would be one before the first.
    /// </summary>
    public bool TryExtend(uint low, out ulong sequence)
    {
        var (topHigh, topLow) = ((uint)(Highest >> 32), (uint)Highest);
        var bottom = unchecked(topLow - (uint)Size + 1);
        var spansTwo = topLow < Size - 1;
        sequence = (ulong)topHigh << 32 | low;
        if (!spansTwo && low < bottom)
            sequence += 1UL << 32;
        else if (spansTwo && low >= bottom)
        {
            if (topHigh == 0)
                return false;
            sequence -= 1UL << 32;
        }
        return true;
    }

    private static int RoundUp(int words) => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)words);

    private static ulong Bit(ulong sequence) => 1UL << (int)(sequence % WordBits);

    private ref ulong Word(ulong sequence) => ref _bitmap[sequence / WordBits & (ulong)(_bitmap.Length - 1)];
}
