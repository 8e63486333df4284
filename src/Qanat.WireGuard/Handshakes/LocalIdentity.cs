using Qanat.Crypto;

namespace Qanat.WireGuard;

/// <summary>Who this end is: its private key, and what is computed from it once. Disposing of it wipes the key.</summary>
/// <remarks>Not thread-safe: it belongs to one worker.</remarks>
public sealed class LocalIdentity : IDisposable
{
    private readonly X25519 _key;
    private bool _disposed;

    /// <summary>Takes a private key, which is copied.</summary>
    /// <param name="privateKey">32 bytes; wiping them is the caller's business.</param>
    /// <exception cref="ArgumentException">There are not 32 bytes.</exception>
    /// <exception cref="CryptoException">There is no libcrypto, or it refuses.</exception>
    public LocalIdentity(ReadOnlySpan<byte> privateKey)
    {
        _key = new(privateKey);
        Span<byte> publicKey = stackalloc byte[PublicKey.Size];
        _key.CopyPublicKey(publicKey);
        PublicKey = new(publicKey);
        Hashes = new(PublicKey);
    }

    /// <summary>The public key that peers know this end by.</summary>
    public PublicKey PublicKey { get; }

    internal IdentityHashes Hashes { get; }

    /// <summary>The private key, which libcrypto alone has.</summary>
    internal X25519 Key
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _key;
        }
    }

    /// <summary>Wipes the private key.</summary>
    public void Dispose()
    {
        _disposed = true;
        _key.Dispose();
    }
}
