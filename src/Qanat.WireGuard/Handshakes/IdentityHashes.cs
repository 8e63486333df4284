using Qanat.Crypto;

namespace Qanat.WireGuard;

/// <summary>What is computed once from the public key of whoever a message is for. None of it is secret.</summary>
internal sealed class IdentityHashes
{
    private readonly byte[] _chainingKey = new byte[Blake2s.HashLength], _hash = new byte[Blake2s.HashLength];
    private readonly byte[] _mac1Key = new byte[Blake2s.HashLength], _cookieKey = new byte[Blake2s.HashLength];

    public IdentityHashes(PublicKey responder)
    {
        Span<byte> key = stackalloc byte[PublicKey.Size];
        responder.CopyTo(key);
        using var blake2s = new Blake2s();
        blake2s.Compute("Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"u8, [], _chainingKey);
        blake2s.Compute(_chainingKey, "WireGuard v1 zx2c4 Jason@zx2c4.com"u8, _hash);
        blake2s.Compute(_hash, key, _hash);
        blake2s.Compute("mac1----"u8, key, _mac1Key);
        blake2s.Compute("cookie--"u8, key, _cookieKey);
    }

    /// <summary>The chaining key that a handshake begins with.</summary>
    public ReadOnlySpan<byte> ChainingKey => _chainingKey;

    /// <summary>The hash that it begins with, with the responder's public key mixed in.</summary>
    public ReadOnlySpan<byte> Hash => _hash;

    /// <summary>The key of mac1.</summary>
    public ReadOnlySpan<byte> Mac1Key => _mac1Key;

    /// <summary>The key of cookie replies.</summary>
    public ReadOnlySpan<byte> CookieKey => _cookieKey;
}
