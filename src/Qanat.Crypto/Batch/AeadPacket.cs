namespace Qanat.Crypto;

/// <summary>
/// A packet that <see cref="BatchAead"/> seals or opens in place: its text, and the tag behind it.
/// </summary>
public unsafe struct AeadPacket
{
    /// <summary>The first byte of the text, in memory that does not move: native or pinned.</summary>
    public readonly byte* Text;

    /// <summary>Bytes of text, the tag not among them.</summary>
    public readonly int Length;

    /// <summary>
    /// What the nonce counts: its last eight bytes are this number, little-endian. Never the same twice under a key that seals.
    /// </summary>
    public readonly ulong Counter;

    /// <summary>Says where a packet is.</summary>
    /// <param name="text">The first byte of the text. Behind the text are <see cref="BatchAead.TagLength"/> bytes of tag.</param>
    /// <param name="length">Bytes of text; there may be none.</param>
    /// <param name="counter">What the nonce counts.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
    public AeadPacket(byte* text, int length, ulong counter)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        (Length, Counter) = (length, counter);
        Text = text;
    }

    /// <summary>Whether the tag was right when the packet was last opened.</summary>
    public bool IsValid { get; internal set; }
}
