using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Qanat.Crypto;

/// <summary>
/// HChaCha20 (draft-irtf-cfrg-xchacha-03, 2.2), which libcrypto has not: ChaCha20's rounds make a key of a key and a nonce.
/// </summary>
internal static class HChaCha20
{
    public const int KeyLength = 32, NonceLength = 16;

    /// <summary>Writes the 32 bytes of the subkey.</summary>
    public static void Derive(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, Span<byte> subkey)
    {
        // The constants are "expand 32-byte k".
        Span<uint> state = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        for (var i = 0; i < 8; i++)
            state[4 + i] = BinaryPrimitives.ReadUInt32LittleEndian(key[(4 * i)..]);
        for (var i = 0; i < 4; i++)
            state[12 + i] = BinaryPrimitives.ReadUInt32LittleEndian(nonce[(4 * i)..]);

        for (var round = 0; round < 20; round += 2)
        {
            for (var column = 0; column < 4; column++)
                QuarterRound(ref state[column], ref state[4 + column], ref state[8 + column], ref state[12 + column]);
            for (var d = 0; d < 4; d++) // the diagonals
                QuarterRound(ref state[d], ref state[4 + (d + 1) % 4], ref state[8 + (d + 2) % 4], ref state[12 + (d + 3) % 4]);
        }

        for (var i = 0; i < 4; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(subkey[(4 * i)..], state[i]);
            BinaryPrimitives.WriteUInt32LittleEndian(subkey[(16 + 4 * i)..], state[12 + i]);
        }
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(state));
    }

    // RFC 8439, 2.1.
    private static void QuarterRound(ref uint a, ref uint b, ref uint c, ref uint d)
    {
        a += b;
        d = BitOperations.RotateLeft(d ^ a, 16);
        c += d;
        b = BitOperations.RotateLeft(b ^ c, 12);
        a += b;
        d = BitOperations.RotateLeft(d ^ a, 8);
        c += d;
        b = BitOperations.RotateLeft(b ^ c, 7);
    }
}
