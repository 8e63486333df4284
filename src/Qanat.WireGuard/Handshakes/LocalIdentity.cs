using Qanat.Crypto;

namespace Qanat.WireGuard;

/// <summary>Who this end is: its private key, and what is computed from it once. Disposing of it wipes the key.</summary>
public sealed class LocalIdentity : IDisposable
{
    private readonly SecretKey _privateKey;

    /// <summary>Takes a private key, which is copied.</summary>
    /// <param name="privateKey">32 bytes; wiping them is the caller's business.</param>
    /// <exception cref="ArgumentException">There are not 32 bytes.</exception>
    /// <exception cref="CryptoException">There is no libcrypto, or it refuses.</exception>
    public LocalIdentity(ReadOnlySpan<byte> privateKey)
    {
        using var key = new X25519(privateKey);
        Span<byte> publicKey = stackalloc byte[PublicKey.Size];
        key.CopyPublicKey(publicKey);
        PublicKey = new(publicKey);
        Hashes = new(PublicKey);
        _privateKey = new(privateKey);
    }

    /// <summary>The public key that peers know this end by.</summary>
    public PublicKey PublicKey { get; }

    internal IdentityHashes Hashes { get; }

    /// <summary>The private key, as libcrypto wants it. The caller disposes of it.</summary>
    internal X25519 OpenKey() => new(_privateKey.Bytes);

    /// <summary>Wipes the private key.</summary>
    public void Dispose() => _privateKey.Dispose();
}
