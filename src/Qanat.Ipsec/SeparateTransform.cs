using System.Buffers.Binary;
using System.Security.Cryptography;
using Qanat.Crypto;

namespace Qanat.Ipsec;

/// <summary>
/// Encryption and authentication by two algorithms: AES-CBC (RFC 3602) or NULL (RFC 2410), then HMAC (RFC 2404, 4868) or
/// none. The upper half of an extended sequence number is authenticated behind the packet, and not sent (RFC 4303, 2.2.1).
/// </summary>
/// <param name="cipher">The cipher, which it owns; null for NULL.</param>
/// <param name="hmac">The authentication, which it owns; null for none.</param>
/// <param name="icvLength">Bytes of the integrity check value.</param>
internal sealed class SeparateTransform(AesCbc? cipher, Hmac? hmac, int icvLength) : EspTransform
{
    private const int LongestIcv = 64;

    private static ReadOnlySpan<byte> ZeroIv => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public override void Seal(Span<byte> packet, uint? high, UInt128 unique)
    {
        if (cipher is not null)
        {
            // A vector that nobody can foretell is the encryption of a unique block (NIST SP 800-38A, C), and chaining begins with it
            // when that block is put in front of the text: one call does both.
            BinaryPrimitives.WriteUInt128BigEndian(packet[EspHeader.Size..], unique);
            cipher.Transform(ZeroIv, packet[EspHeader.Size..^icvLength]);
        }
        if (hmac is not null)
            Authenticate(packet, high, packet[^icvLength..]);
    }

    public override bool TryOpen(Span<byte> packet, uint? high)
    {
        Span<byte> icv = stackalloc byte[LongestIcv];
        icv = icv[..icvLength];
        if (hmac is not null)
        {
            Authenticate(packet, high, icv);
            if (!CryptographicOperations.FixedTimeEquals(icv, packet[^icvLength..]))
                return false;
        }
        if (cipher is null)
            return true;
        var text = packet[(EspHeader.Size + AesCbc.BlockLength)..^icvLength];
        if (text.Length % AesCbc.BlockLength != 0)
            return false;
        cipher.Transform(packet.Slice(EspHeader.Size, AesCbc.BlockLength), text);
        return true;
    }

    public override void Dispose()
    {
        cipher?.Dispose();
        hmac?.Dispose();
    }

    private void Authenticate(ReadOnlySpan<byte> packet, uint? high, Span<byte> icv)
    {
        Span<byte> behind = stackalloc byte[sizeof(uint)];
        hmac!.Compute(packet[..^icvLength], behind[..WriteHigh(behind, high)], icv);
    }
}
