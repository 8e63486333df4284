using System.Buffers.Binary;

namespace Qanat.Ipsec;

/// <summary>
/// What a state's algorithms do to a packet in place, in one direction. A packet here is all of ESP, header to integrity
/// check value:
/// <code>
/// +-------------------------------+-------------------------------+
/// |                Security Parameters Index (SPI)                |
/// +---------------------------------------------------------------+
/// |                        Sequence Number                        |
/// +---------------------------------------------------------------+
/// |             Initialization Vector, if there is one            |
/// +---------------------------------------------------------------+
/// |      Payload, padding, pad length, next header: encrypted     |
/// +---------------------------------------------------------------+
/// |                  Integrity Check Value (ICV)                  |
/// +---------------------------------------------------------------+
/// </code>
/// </summary>
internal abstract class EspTransform : IDisposable
{
    /// <summary>Seals: writes the initialization vector, encrypts, and writes the integrity check value.</summary>
    /// <param name="packet">The packet, cleartext.</param>
    /// <param name="high">The upper half of the sequence number; null when it is not authenticated.</param>
    /// <param name="unique">A number that no other packet of this state has: what vectors are made of.</param>
    public abstract void Seal(Span<byte> packet, uint? high, UInt128 unique);

    /// <summary>Opens: false when the integrity check value is wrong, or the length is none that can be.</summary>
    /// <param name="packet">The packet, ciphertext; longer than header, vector and check value together.</param>
    /// <param name="high">As it was sealed with.</param>
    public abstract bool TryOpen(Span<byte> packet, uint? high);

    public abstract void Dispose();

    /// <summary>The upper half of a sequence number, as it is authenticated.</summary>
    protected static int WriteHigh(Span<byte> destination, uint? high)
    {
        if (high is not { } value)
            return 0;
        BinaryPrimitives.WriteUInt32BigEndian(destination, value);
        return sizeof(uint);
    }
}
