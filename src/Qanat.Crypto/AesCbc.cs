using static Qanat.Crypto.Interop.Evp;

namespace Qanat.Crypto;

/// <summary>
/// One AES key in cipher block chaining mode (NIST SP 800-38A, 6.2) in one direction, in place and without padding. It
/// authenticates nothing: that is what <see cref="Hmac"/> is for.
/// </summary>
/// <remarks>Not thread-safe: it belongs to one worker.</remarks>
public sealed unsafe class AesCbc : IDisposable
{
    /// <summary>Bytes of a block, and of an initialization vector.</summary>
    public const int BlockLength = 16;

    private const int KeepDirection = -1;

    private readonly SafeCipherContext _context;

    /// <summary>Makes the key schedule.</summary>
    /// <param name="key">16, 24 or 32 bytes; they are not needed afterwards.</param>
    /// <param name="direction">Whether packets are to be encrypted or decrypted.</param>
    /// <exception cref="ArgumentException">The key is of another length.</exception>
    /// <exception cref="CryptoException">There is no libcrypto, or it refuses.</exception>
    public AesCbc(ReadOnlySpan<byte> key, CipherDirection direction)
    {
        LibCrypto.Require();
        if (!TakesKey(key.Length))
            throw new ArgumentException($"AES takes no key of {key.Length} bytes.", nameof(key));
        _context = Ciphers.Start($"AES-{key.Length * 8}-CBC", key, direction);
        LibCrypto.Check(EVP_CIPHER_CTX_set_padding(Ciphers.Pointer(_context), 0), "padding");
    }

    /// <summary>True when AES takes a key of so many bytes.</summary>
    public static bool TakesKey(int keyLength) => keyLength is 16 or 24 or 32;

    /// <summary>Encrypts or decrypts in place.</summary>
    /// <param name="iv">The initialization vector, 16 bytes.</param>
    /// <param name="text">Whole blocks.</param>
    /// <exception cref="ArgumentException">There is a part of a block, or the vector is of another length.</exception>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public void Transform(ReadOnlySpan<byte> iv, Span<byte> text)
    {
        if (iv.Length != BlockLength || text.Length % BlockLength != 0)
            throw new ArgumentException($"Text and vector come in blocks of {BlockLength} bytes.");
        var context = Ciphers.Pointer(_context);
        int length;
        fixed (byte* vector = iv, bytes = text)
        {
            LibCrypto.Check(EVP_CipherInit_ex2(context, 0, null, vector, KeepDirection, null), "initialization vector");
            if (!text.IsEmpty)
                LibCrypto.Check(EVP_CipherUpdate(context, bytes, &length, bytes, text.Length), "AES-CBC");
        }
        GC.KeepAlive(_context);
    }

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();
}
