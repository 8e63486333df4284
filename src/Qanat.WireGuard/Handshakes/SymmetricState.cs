using System.Security.Cryptography;
using Qanat.Crypto;

namespace Qanat.WireGuard;

/// <summary>
/// The state of a handshake under way (Noise, 5.2: SymmetricState; whitepaper, 5.4: C, H and k), with the primitives that change
/// it. It serves one handshake after another; <see cref="Wipe"/> ends each of them.
/// </summary>
internal sealed class SymmetricState : IDisposable
{
    /// <summary>Bytes of all of it.</summary>
    public const int Size = 3 * Length;

    private const int Length = Blake2s.HashLength;

    private static readonly byte[] s_zeros = new byte[Length]; // a key to forget another by, and the nonce, which is always 0

    private readonly byte[] _bytes = GC.AllocateArray<byte>(Size, pinned: true);
    private readonly Blake2s _blake2s = new();
    private readonly NoiseKdf _kdf = new();
    private readonly Aead _sealer = new(AeadAlgorithm.ChaCha20Poly1305, s_zeros, CipherDirection.Seal);
    private readonly Aead _opener = new(AeadAlgorithm.ChaCha20Poly1305, s_zeros, CipherDirection.Open);

    public Span<byte> ChainingKey => _bytes.AsSpan(0, Length);

    public Span<byte> Hash => _bytes.AsSpan(Length, Length);

    private Span<byte> Key => _bytes.AsSpan(2 * Length, Length);

    private static ReadOnlySpan<byte> Nonce => s_zeros.AsSpan(0, Aead.NonceLength);

    public void Begin(ReadOnlySpan<byte> chainingKey, ReadOnlySpan<byte> hash)
    {
        chainingKey.CopyTo(ChainingKey);
        hash.CopyTo(Hash);
    }

    public void MixHash(ReadOnlySpan<byte> data) => _blake2s.Compute(Hash, data, Hash);

    /// <summary>Mixes in an ephemeral public key: C and H.</summary>
    public void MixEphemeral(ReadOnlySpan<byte> publicKey)
    {
        MixHash(publicKey);
        _kdf.Derive(ChainingKey, publicKey, ChainingKey);
    }

    /// <summary>Mixes in a secret, and makes k of it: KDF2, whose first key is that of KDF1.</summary>
    public void MixKey(ReadOnlySpan<byte> secret) => _kdf.Derive(ChainingKey, secret, ChainingKey, Key);

    /// <summary>Mixes in the secret that two keys share, and makes k of it. False when the public key is of small order.</summary>
    public bool TryMixAgreement(X25519 privateKey, ReadOnlySpan<byte> publicKey)
    {
        Span<byte> secret = stackalloc byte[X25519.KeyLength];
        try
        {
            if (!privateKey.TryAgree(publicKey, secret))
                return false;
            MixKey(secret);
            return true;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>Mixes in a preshared key: C, H and k.</summary>
    public void MixPresharedKey(ReadOnlySpan<byte> presharedKey)
    {
        Span<byte> mixed = stackalloc byte[Length];
        try
        {
            _kdf.Derive(ChainingKey, presharedKey, ChainingKey, mixed, Key);
            MixHash(mixed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(mixed);
        }
    }

    /// <summary>Seals all but the last 16 bytes with k, writes the tag there, and mixes both in.</summary>
    public void Seal(Span<byte> sealedText)
    {
        _sealer.SetKey(Key);
        _sealer.Seal(Nonce, Hash, sealedText[..^Aead.MaxTagLength], sealedText[^Aead.MaxTagLength..]);
        _sealer.SetKey(s_zeros);
        MixHash(sealedText);
    }

    /// <summary>Opens what was sealed with k into <paramref name="text"/>, and mixes it in. False when it is forged.</summary>
    public bool TryOpen(ReadOnlySpan<byte> sealedText, Span<byte> text)
    {
        sealedText[..^Aead.MaxTagLength].CopyTo(text);
        _opener.SetKey(Key);
        var genuine = _opener.TryOpen(Nonce, Hash, text, sealedText[^Aead.MaxTagLength..]);
        _opener.SetKey(s_zeros);
        MixHash(sealedText);
        return genuine;
    }

    /// <summary>The two keys that the handshake comes to, and its end.</summary>
    public (SecretKey Initiators, SecretKey Responders) Split()
    {
        Span<byte> keys = stackalloc byte[2 * Length];
        try
        {
            _kdf.Derive(ChainingKey, [], keys[..Length], keys[Length..]);
            return (new(keys[..Length]), new(keys[Length..]));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(keys);
            Wipe();
        }
    }

    /// <summary>Copies it, to come back to it; wiping the copy is the caller's business.</summary>
    public void CopyTo(Span<byte> copy) => _bytes.CopyTo(copy);

    /// <summary>Comes back to a copy.</summary>
    public void Restore(ReadOnlySpan<byte> copy) => copy.CopyTo(_bytes);

    public void Wipe() => CryptographicOperations.ZeroMemory(_bytes);

    public void Dispose()
    {
        Wipe();
        _blake2s.Dispose();
        _kdf.Dispose();
        _sealer.Dispose();
        _opener.Dispose();
    }
}
