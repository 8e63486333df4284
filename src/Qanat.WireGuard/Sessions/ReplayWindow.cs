using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Qanat.WireGuard;

/// <summary>
/// The counters that have arrived under a key: a bitmap in a ring, in which moving on clears whole words (RFC 6479). It lies
/// in its session, 1 KiB.
/// </summary>
/// <remarks>
/// ESP's window has another shape: its size is a user's choice, its numbers begin at 1, may be resumed, and travel in 32 bits.
/// </remarks>
internal struct ReplayWindow
{
    /// <summary>
    /// How far behind the highest counter one may be (COUNTER_WINDOW_SIZE): all of the ring but the word that is being filled.
    /// </summary>
    public const int Size = Bits - WordBits;

    private const int Bits = 8192, WordBits = 64, Words = Bits / WordBits;

    private Ring _ring;
    private ulong _highest;

    /// <summary>Notes that <paramref name="counter"/> has arrived. False when it had, or is too far behind to tell.</summary>
    public bool TryAccept(ulong counter)
    {
        if (counter > _highest)
        {
            var words = Math.Min(counter / WordBits - _highest / WordBits, Words);
            for (var i = 0UL; i < words; i++)
                Word(counter - i * WordBits) = 0;
            _highest = counter;
        }
        else if (_highest - counter > Size)
        {
            return false;
        }
        ref var word = ref Word(counter);
        var bit = 1UL << (int)(counter % WordBits);
        var isNew = (word & bit) == 0;
        word |= bit;
        return isNew;
    }

    [UnscopedRef]
    private ref ulong Word(ulong counter) => ref _ring[(int)(counter / WordBits % Words)];

    [InlineArray(Words)]
    private struct Ring
    {
        private ulong _word;
    }
}
