using System.Security.Cryptography;

namespace Qanat.Crypto;

/// <summary>
/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03, 2.3): ChaCha20-Poly1305 with a nonce so long that a random one will do. Each
/// message brings its key; none is kept, and nothing is allocated.
/// </summary>
/// <remarks>Not thread-safe: it belongs to one worker.</remarks>
public sealed class XChaCha20Poly1305 : IDisposable
{
    /// <summary>Bytes of a key, of a nonce and of a tag.</summary>
    public const int KeyLength = HChaCha20.KeyLength, NonceLength = 24, TagLength = Aead.MaxTagLength;

    private static readonly byte[] s_noKey = new byte[KeyLength];

    private readonly Aead _sealer = new(AeadAlgorithm.ChaCha20Poly1305, s_noKey, CipherDirection.Seal);
    private readonly Aead _opener = new(AeadAlgorithm.ChaCha20Poly1305, s_noKey, CipherDirection.Open);

    /// <summary>Encrypts in place.</summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="nonce">24 bytes, never the same twice with a key: random ones are not.</param>
    /// <param name="associatedData">What is authenticated only.</param>
    /// <param name="text">The cleartext, which becomes the ciphertext.</param>
    /// <param name="tag">Where the tag's 16 bytes go.</param>
    /// <exception cref="ArgumentException">A key or nonce of another length.</exception>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public void Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, Span<byte> text, Span<byte> tag)
    {
        Span<byte> rest = stackalloc byte[Aead.NonceLength];
        try
        {
            Begin(_sealer, key, nonce, rest);
            _sealer.Seal(rest, associatedData, text, tag);
        }
        finally
        {
            _sealer.SetKey(s_noKey);
        }
    }

    /// <summary>Decrypts in place. False when the tag does not match; what is in <paramref name="text"/> then has no meaning.</summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="nonce">The 24 bytes it was sealed with.</param>
    /// <param name="associatedData">What was authenticated only.</param>
    /// <param name="text">The ciphertext, which becomes the cleartext.</param>
    /// <param name="tag">The tag's 16 bytes.</param>
    /// <exception cref="ArgumentException">A key or nonce of another length.</exception>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public bool TryOpen(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, Span<byte> text, ReadOnlySpan<byte> tag)
    {
        Span<byte> rest = stackalloc byte[Aead.NonceLength];
        try
        {
            Begin(_opener, key, nonce, rest);
            return _opener.TryOpen(rest, associatedData, text, tag);
        }
        finally
        {
            _opener.SetKey(s_noKey);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sealer.Dispose();
        _opener.Dispose();
    }

    // The first 16 bytes of the nonce make the subkey, the other 8 the end of the inner nonce.
    private static void Begin(Aead aead, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, Span<byte> rest)
    {
        if (key.Length != KeyLength || nonce.Length != NonceLength)
            throw new ArgumentException($"A key has {KeyLength} bytes, a nonce {NonceLength}.");
        Span<byte> subkey = stackalloc byte[KeyLength];
        HChaCha20.Derive(key, nonce[..HChaCha20.NonceLength], subkey);
        aead.SetKey(subkey);
        CryptographicOperations.ZeroMemory(subkey);
        rest[..4].Clear();
        nonce[HChaCha20.NonceLength..].CopyTo(rest[4..]);
    }
}
