using System.Security.Cryptography;
using Qanat.Crypto;

namespace Qanat.WireGuard;

/// <summary>
/// What a key exchange comes to: a preshared key, and two codes by which the ends show each other that they have it. All of them
/// follow from the configured preshared key, the shared secret, and what was said by whom.
/// </summary>
/// <remarks>
/// <code>
/// h = H(H(H(H(label || initiator) || responder) || offer) || ciphertext)
/// c = KDF1(KDF1(H(label), configured key), shared secret)
/// (preshared key, code of the answer, code of the confirmation) = KDF3(c, h)
/// </code>
/// H is BLAKE2s, KDF Noise's (whitepaper, 5.4); of the codes the first 16 bytes count.
/// </remarks>
internal sealed class ExchangeSecrets : IDisposable
{
    /// <summary>Bytes of a code.</summary>
    public const int CodeLength = 16;

    private const int Length = Blake2s.HashLength;

    private readonly byte[] _bytes = GC.AllocateArray<byte>(3 * Length, pinned: true);
    private readonly Blake2s _blake2s = new();
    private readonly NoiseKdf _kdf = new();

    private static ReadOnlySpan<byte> Label => "Qanat v1 ML-KEM-768 preshared key"u8;

    /// <summary>The preshared key.</summary>
    public Span<byte> PresharedKey => _bytes.AsSpan(0, Length);

    /// <summary>What goes with the answer.</summary>
    public ReadOnlySpan<byte> AnswerCode => _bytes.AsSpan(Length, CodeLength);

    /// <summary>What confirms the answer.</summary>
    public ReadOnlySpan<byte> ConfirmationCode => _bytes.AsSpan(2 * Length, CodeLength);

    /// <summary>Derives them.</summary>
    /// <param name="configuredKey">The preshared key that both ends are configured with; zeros for none.</param>
    /// <param name="sharedSecret">The secret of the key encapsulation.</param>
    /// <param name="initiator">Who began the session, and offered.</param>
    /// <param name="responder">Who answered.</param>
    /// <param name="offer">The encapsulation key.</param>
    /// <param name="ciphertext">The ciphertext.</param>
    public void Derive(
        ReadOnlySpan<byte> configuredKey, ReadOnlySpan<byte> sharedSecret, PublicKey initiator, PublicKey responder,
        ReadOnlySpan<byte> offer, ReadOnlySpan<byte> ciphertext)
    {
        Span<byte> hash = stackalloc byte[Length], publicKey = stackalloc byte[PublicKey.Size];
        initiator.CopyTo(publicKey);
        _blake2s.Compute(Label, publicKey, hash);
        responder.CopyTo(publicKey);
        _blake2s.Compute(hash, publicKey, hash);
        _blake2s.Compute(hash, offer, hash);
        _blake2s.Compute(hash, ciphertext, hash);
        _blake2s.Compute(Label, [], PresharedKey);
        _kdf.Derive(PresharedKey, configuredKey, PresharedKey);
        _kdf.Derive(PresharedKey, sharedSecret, PresharedKey);
        _kdf.Derive(PresharedKey, hash, PresharedKey, _bytes.AsSpan(Length, Length), _bytes.AsSpan(2 * Length, Length));
    }

    /// <summary>Forgets them.</summary>
    public void Wipe() => CryptographicOperations.ZeroMemory(_bytes);

    /// <inheritdoc/>
    public void Dispose()
    {
        Wipe();
        _blake2s.Dispose();
        _kdf.Dispose();
    }
}
