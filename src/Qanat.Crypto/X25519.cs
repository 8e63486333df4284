using System.Security.Cryptography;
using static Qanat.Crypto.Interop.Evp;

namespace Qanat.Crypto;

/// <summary>
/// One private key of the Diffie-Hellman function on Curve25519 (RFC 7748, 5 and 6.1). It is in libcrypto's memory, which is
/// wiped when the key is disposed of; agreeing with a public key allocates nothing that the collector sees.
/// </summary>
/// <remarks>Not thread-safe: it belongs to one worker.</remarks>
public sealed unsafe class X25519 : IDisposable
{
    /// <summary>Bytes of a private key, a public key and a shared secret.</summary>
    public const int KeyLength = 32;

    private readonly SafeKeyHandle _key;
    private readonly SafeKeyContext _context;

    /// <summary>Takes a private key in.</summary>
    /// <param name="privateKey">32 bytes, clamped or not: the function clamps them. They are not needed afterwards.</param>
    /// <exception cref="ArgumentException">There are not 32 bytes.</exception>
    /// <exception cref="CryptoException">There is no libcrypto, or it refuses.</exception>
    public X25519(ReadOnlySpan<byte> privateKey)
    {
        LibCrypto.Require();
        RequireLength(privateKey.Length, nameof(privateKey));
        fixed (byte* bytes = privateKey)
            _key = new SafeKeyHandle(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, 0, bytes, KeyLength));
        if (_key.IsInvalid)
            throw LibCrypto.Failure("X25519");
        _context = new SafeKeyContext(_key.DangerousGetHandle());
        if (_context.IsInvalid)
            throw LibCrypto.Failure("X25519");
        LibCrypto.Check(EVP_PKEY_derive_init(_context.DangerousGetHandle()), "X25519");
    }

    /// <summary>A new private key, clamped (RFC 7748, 5), so that all programs show it the same.</summary>
    /// <exception cref="CryptoException">There is no libcrypto, or it has no randomness.</exception>
    public static SecretKey GeneratePrivateKey()
    {
        Span<byte> key = stackalloc byte[KeyLength];
        RandomBytes.Fill(key);
        Clamp(key);
        var secret = new SecretKey(key);
        CryptographicOperations.ZeroMemory(key);
        return secret;
    }

    /// <summary>Clears and sets the bits that every private key has so (RFC 7748, 5: decodeScalar25519).</summary>
    public static void Clamp(Span<byte> privateKey)
    {
        privateKey[0] &= 0xF8;
        privateKey[31] = (byte)(privateKey[31] & 0x7F | 0x40);
    }

    /// <summary>Writes the public key that goes with the private one.</summary>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public void CopyPublicKey(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, KeyLength);
        ObjectDisposedException.ThrowIf(_key.IsClosed, this);
        nuint length = KeyLength;
        fixed (byte* bytes = destination)
            LibCrypto.Check(EVP_PKEY_get_raw_public_key(_key.DangerousGetHandle(), bytes, &length), "X25519");
        GC.KeepAlive(_key);
    }

    /// <summary>
    /// The secret that is shared with the owner of a public key. False, and zeros, when the key is of small order, so that the
    /// secret would be all zero and no secret at all (RFC 7748, 6.1).
    /// </summary>
    /// <param name="publicKey">The other's public key; any 32 bytes are one.</param>
    /// <param name="sharedSecret">Where the 32 bytes go.</param>
    /// <exception cref="ArgumentException">A key has not 32 bytes.</exception>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public bool TryAgree(ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret)
    {
        RequireLength(publicKey.Length, nameof(publicKey));
        ArgumentOutOfRangeException.ThrowIfLessThan(sharedSecret.Length, KeyLength);
        ObjectDisposedException.ThrowIf(_context.IsClosed, this);
        var context = _context.DangerousGetHandle();
        nuint length = KeyLength;
        fixed (byte* bytes = publicKey, secret = sharedSecret)
        {
            var peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, 0, bytes, KeyLength);
            if (peer == 0)
                throw LibCrypto.Failure("X25519");
            var set = EVP_PKEY_derive_set_peer_ex(context, peer, 0);
            EVP_PKEY_free(peer); // the context has it
            LibCrypto.Check(set, "X25519");
            var agreed = EVP_PKEY_derive(context, secret, &length) == 1;
            GC.KeepAlive(_context);
            if (agreed)
                return true;
        }
        Interop.Err.ERR_clear_error();
        sharedSecret[..KeyLength].Clear();
        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _context.Dispose();
        _key.Dispose();
    }

    private static void RequireLength(int length, string name)
    {
        if (length != KeyLength)
            throw new ArgumentException($"A key has {KeyLength} bytes, not {length}.", name);
    }
}
