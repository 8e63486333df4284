using System.Diagnostics;
using System.Runtime.CompilerServices;
using static Qanat.Crypto.Interop.Core;
using static Qanat.Crypto.Interop.Evp;

namespace Qanat.Crypto;

/// <summary>
/// One key of an AEAD algorithm in one direction: the key schedule is made once, packets are sealed or opened in place,
/// and nothing is allocated for them.
/// </summary>
/// <remarks>Not thread-safe: it belongs to one worker.</remarks>
public sealed unsafe class Aead : IDisposable
{
    /// <summary>Bytes of a nonce.</summary>
    public const int NonceLength = 12;

    /// <summary>Bytes of a whole tag, and the most there can be.</summary>
    public const int MaxTagLength = 16;

    private const int KeepDirection = -1;

    private readonly SafeCipherContext _context;
    private readonly int _keyLength;

    /// <summary>Makes the key schedule.</summary>
    /// <param name="algorithm">The algorithm.</param>
    /// <param name="key">The key; it is not needed afterwards.</param>
    /// <param name="direction">Whether packets are to be sealed or opened.</param>
    /// <exception cref="ArgumentException">The key is not of a length that the algorithm takes.</exception>
    /// <exception cref="CryptoException">There is no libcrypto, or it refuses.</exception>
    public Aead(AeadAlgorithm algorithm, ReadOnlySpan<byte> key, CipherDirection direction)
    {
        LibCrypto.Require();
        if (!TakesKey(algorithm, key.Length))
            throw new ArgumentException($"{algorithm} takes no key of {key.Length} bytes.", nameof(key));
        var name = algorithm == AeadAlgorithm.ChaCha20Poly1305 ? "ChaCha20-Poly1305" : $"AES-{key.Length * 8}-GCM";
        _context = Ciphers.Start(name, key, direction);
        _keyLength = key.Length;
        Direction = direction;
    }

    /// <summary>Whether packets are sealed or opened.</summary>
    public CipherDirection Direction { get; }

    /// <summary>True when the algorithm takes a key of so many bytes.</summary>
    public static bool TakesKey(AeadAlgorithm algorithm, int keyLength) =>
        algorithm == AeadAlgorithm.AesGcm ? keyLength is 16 or 24 or 32 : keyLength == 32;

    /// <summary>Forgets the key for another of the same length: for keys that are used once, and zeros when they have been.</summary>
    /// <exception cref="ArgumentException">It is of another length.</exception>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public void SetKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != _keyLength)
            throw new ArgumentException($"The key has {key.Length} bytes, not {_keyLength}.", nameof(key));
        fixed (byte* bytes = key)
            LibCrypto.Check(EVP_CipherInit_ex2(Ciphers.Pointer(_context), 0, bytes, null, KeepDirection, null), "key");
        GC.KeepAlive(_context);
    }

    /// <summary>Encrypts in place.</summary>
    /// <param name="nonce">12 bytes, never the same twice with a key.</param>
    /// <param name="associatedData">What is authenticated only.</param>
    /// <param name="text">The cleartext, which becomes the ciphertext.</param>
    /// <param name="tag">Where the tag goes, cut to this length: 1 to 16 bytes.</param>
    /// <exception cref="CryptoException">libcrypto refuses, or it is a context that opens.</exception>
    public void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, Span<byte> text, Span<byte> tag)
    {
        Debug.Assert(Direction == CipherDirection.Seal && tag.Length is > 0 and <= MaxTagLength);
        var context = Ciphers.Pointer(_context);
        Start(context, nonce, associatedData);
        var length = 0;
        fixed (byte* bytes = text, tagBytes = tag, tagName = OSSL_CIPHER_PARAM_AEAD_TAG)
        {
            if (!text.IsEmpty)
                LibCrypto.Check(EVP_CipherUpdate(context, bytes, &length, bytes, text.Length), "seal");
            byte end;
            LibCrypto.Check(EVP_CipherFinal_ex(context, &end, &length), "seal");
            var parameters = stackalloc OSSL_PARAM[2];
            parameters[0] = TagParameter(tagName, tagBytes, tag.Length);
            parameters[1] = default;
            LibCrypto.Check(EVP_CIPHER_CTX_get_params(context, parameters), "seal: tag");
        }
        GC.KeepAlive(_context);
    }

    /// <summary>Decrypts in place. False when the tag does not match; what is in <paramref name="text"/> then has no meaning.</summary>
    /// <param name="nonce">The 12 bytes it was sealed with.</param>
    /// <param name="associatedData">What was authenticated only.</param>
    /// <param name="text">The ciphertext, which becomes the cleartext.</param>
    /// <param name="tag">The tag, 1 to 16 bytes.</param>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, Span<byte> text, ReadOnlySpan<byte> tag)
    {
        Debug.Assert(Direction == CipherDirection.Open && tag.Length is > 0 and <= MaxTagLength);
        var context = Ciphers.Pointer(_context);
        Start(context, nonce, associatedData);
        var length = 0;
        fixed (byte* bytes = text, tagBytes = tag, tagName = OSSL_CIPHER_PARAM_AEAD_TAG)
        {
            var parameters = stackalloc OSSL_PARAM[2];
            parameters[0] = TagParameter(tagName, tagBytes, tag.Length);
            parameters[1] = default;
            LibCrypto.Check(EVP_CIPHER_CTX_set_params(context, parameters), "open: tag");
            if (!text.IsEmpty)
                LibCrypto.Check(EVP_CipherUpdate(context, bytes, &length, bytes, text.Length), "open");
            byte end;
            var valid = EVP_CipherFinal_ex(context, &end, &length) == 1;
            GC.KeepAlive(_context);
            return valid;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();

    private static void Start(nint context, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData)
    {
        if (nonce.Length != NonceLength)
            throw new ArgumentException($"A nonce has {NonceLength} bytes.", nameof(nonce));
        int length;
        fixed (byte* iv = nonce, associated = associatedData)
        {
            LibCrypto.Check(EVP_CipherInit_ex2(context, 0, null, iv, KeepDirection, null), "nonce");
            if (!associatedData.IsEmpty)
                LibCrypto.Check(EVP_CipherUpdate(context, null, &length, associated, associatedData.Length), "associated data");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static OSSL_PARAM TagParameter(byte* name, byte* tag, int length) =>
        new() { key = name, data_type = OSSL_PARAM_OCTET_STRING, data = tag, data_size = (nuint)length };
}
