using System.Security.Cryptography;
using Qanat.Crypto;

namespace Qanat.WireGuard;

/// <summary>
/// What handshakes with a peer need and leave behind: who it is, the secrets shared with it, the newest times it and we have
/// sent, its cookie, and the initiation that waits for a response. Disposing of it wipes all of them.
/// </summary>
/// <remarks>Not thread-safe: it belongs to the worker of its <see cref="Handshake"/>.</remarks>
public sealed class HandshakePeer : IDisposable
{
    private readonly byte[] _publicKey = new byte[PublicKey.Size];
    private SecretKey? _staticSecret;
    private PendingInitiation? _pending;
    private bool _disposed;

    /// <summary>Computes what this end and the peer share.</summary>
    /// <param name="local">Who this end is.</param>
    /// <param name="publicKey">Who the peer is.</param>
    /// <exception cref="CryptoException">There is no libcrypto, or it refuses.</exception>
    public HandshakePeer(LocalIdentity local, PublicKey publicKey)
    {
        PublicKey = publicKey;
        publicKey.CopyTo(_publicKey);
        Hashes = new(publicKey);
        Adopt(local);
    }

    /// <summary>Bytes of a preshared key.</summary>
    public const int PresharedKeyLength = 32;

    /// <summary>Who the peer is.</summary>
    public PublicKey PublicKey { get; }

    /// <summary>True while an initiation waits for its response.</summary>
    public bool IsWaiting => _pending is not null;

    internal IdentityHashes Hashes { get; }

    internal CookieJar Cookies { get; } = new();

    internal ReadOnlySpan<byte> StaticKey => _publicKey;

    /// <summary>The preshared keys that a handshake may go by.</summary>
    internal PresharedKeys PresharedKeys { get; } = new();

    /// <summary>The one that is configured; zeros for none.</summary>
    internal ReadOnlySpan<byte> PresharedKey => PresharedKeys[PresharedKeys.Configured];

    /// <summary>The secret of the two lasting keys; null when the peer's is of small order, so that no handshake can succeed.</summary>
    internal SecretKey? StaticSecret
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _staticSecret;
        }
    }

    internal PendingInitiation? Pending => _pending;

    /// <summary>The time of the newest initiation from the peer; a new one must be newer.</summary>
    internal Tai64n NewestReceived { get; set; }

    /// <summary>The time of the last initiation to the peer.</summary>
    internal Tai64n NewestSent { get; set; }

    /// <summary>
    /// This end has another private key. What is remembered of initiations from the peer stays, so that none is replayed; one
    /// that is under way is given up.
    /// </summary>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public void Adopt(LocalIdentity local)
    {
        ArgumentNullException.ThrowIfNull(local);
        ObjectDisposedException.ThrowIf(_disposed, this);
        GiveUp();
        _staticSecret?.Dispose();
        _staticSecret = null;
        Span<byte> secret = stackalloc byte[X25519.KeyLength];
        if (local.Key.TryAgree(_publicKey, secret))
            _staticSecret = new(secret);
        CryptographicOperations.ZeroMemory(secret);
    }

    /// <summary>
    /// Takes a preshared key, which the next message that is made or read goes by. Those derived from the last are wiped.
    /// </summary>
    /// <param name="key">32 bytes, which are copied; none, or only zeros, stand for no key.</param>
    /// <exception cref="ArgumentException">It has another length.</exception>
    public void SetPresharedKey(ReadOnlySpan<byte> key)
    {
        if (key.Length is not (0 or PresharedKeyLength))
            throw new ArgumentException($"A preshared key has {PresharedKeyLength} bytes, not {key.Length}.", nameof(key));
        ObjectDisposedException.ThrowIf(_disposed, this);
        PresharedKeys.Configure(key);
    }

    /// <summary>Gives up the initiation that waits for a response, and wipes what was kept for it.</summary>
    public void GiveUp() => Await(null);

    internal void Await(PendingInitiation? initiation)
    {
        _pending?.Dispose();
        _pending = initiation;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        GiveUp();
        PresharedKeys.Dispose();
        _staticSecret?.Dispose();
        Cookies.Dispose();
    }
}
