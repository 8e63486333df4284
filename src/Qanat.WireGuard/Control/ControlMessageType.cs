namespace Qanat.WireGuard;

/// <summary>What a control message is, by the low half of its first byte.</summary>
public enum ControlMessageType : byte
{
    /// <summary>No control message: nothing but padding.</summary>
    None,

    /// <summary>
    /// Asks whether a message of this length arrives; nothing but the header, and padding. Answered by <see cref="ProbeAnswer"/>.
    /// </summary>
    Probe,

    /// <summary>Says that the probe with this identifier has arrived. Its body is empty.</summary>
    ProbeAnswer,

    /// <summary>
    /// Offers a key by which both ends may come to a post-quantum preshared key: 1,184 bytes. Answered by <see cref="KeyAnswer"/>.
    /// </summary>
    KeyOffer,

    /// <summary>Answers an offer: 1,088 bytes of ciphertext, and 16 that show what follows from it.</summary>
    KeyAnswer,

    /// <summary>Says that the answer has arrived, and that the key may be used: 16 bytes that show it.</summary>
    KeyConfirmation,
}
