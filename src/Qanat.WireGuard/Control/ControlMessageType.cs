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
}
