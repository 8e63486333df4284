using System.Diagnostics.CodeAnalysis;

namespace Qanat.WireGuard;

/// <summary>
/// A key encapsulation of ML-KEM-768's sizes (FIPS 203), by which two ends come to a secret that nobody learns who has recorded all
/// they said, a quantum computer or not. It belongs to the worker of its device.
/// </summary>
public interface IKeyEncapsulation
{
    /// <summary>Bytes of an encapsulation key.</summary>
    const int EncapsulationKeyLength = 1184;

    /// <summary>Bytes of a ciphertext.</summary>
    const int CiphertextLength = 1088;

    /// <summary>Bytes of a shared secret.</summary>
    const int SharedSecretLength = 32;

    /// <summary>Makes a pair of keys. False when that cannot be done now.</summary>
    /// <param name="encapsulationKey">Where the key goes that the other end needs.</param>
    /// <param name="decapsulationKey">The key that stays here; disposing of it wipes it.</param>
    bool TryGenerate(Span<byte> encapsulationKey, [NotNullWhen(true)] out IDecapsulationKey? decapsulationKey);

    /// <summary>Makes a secret for the owner of a key. False when the key is none, or it cannot be done now.</summary>
    /// <param name="encapsulationKey">The key, from the other end.</param>
    /// <param name="ciphertext">Where that goes which the other end needs.</param>
    /// <param name="sharedSecret">Where the secret goes.</param>
    bool TryEncapsulate(ReadOnlySpan<byte> encapsulationKey, Span<byte> ciphertext, Span<byte> sharedSecret);
}

/// <summary>The half of a pair of keys that its owner keeps.</summary>
public interface IDecapsulationKey : IDisposable
{
    /// <summary>
    /// The secret that a ciphertext was made with; of one that was changed, another one. False when it cannot be done.
    /// </summary>
    /// <param name="ciphertext">The ciphertext, from the other end.</param>
    /// <param name="sharedSecret">Where the secret goes.</param>
    bool TryDecapsulate(ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret);
}
