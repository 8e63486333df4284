using System.Diagnostics.CodeAnalysis;
using Qanat.Crypto;

namespace Qanat.WireGuard;

/// <summary>libcrypto's ML-KEM-768. What it refuses is no failure of the tunnel, which goes on with the keys that it has.</summary>
public sealed class MlKemEncapsulation : IKeyEncapsulation
{
    /// <inheritdoc/>
    public bool TryGenerate(Span<byte> encapsulationKey, [NotNullWhen(true)] out IDecapsulationKey? decapsulationKey)
    {
        decapsulationKey = null;
        MlKem? pair = null;
        try
        {
            pair = new();
            pair.CopyEncapsulationKey(encapsulationKey);
            decapsulationKey = new DecapsulationKey(pair);
            return true;
        }
        catch (CryptoException)
        {
            pair?.Dispose();
            return false;
        }
    }

    /// <inheritdoc/>
    public bool TryEncapsulate(ReadOnlySpan<byte> encapsulationKey, Span<byte> ciphertext, Span<byte> sharedSecret)
    {
        try
        {
            return MlKem.TryEncapsulate(encapsulationKey, ciphertext, sharedSecret);
        }
        catch (CryptoException)
        {
            return false;
        }
    }

    private sealed class DecapsulationKey(MlKem pair) : IDecapsulationKey
    {
        public bool TryDecapsulate(ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret)
        {
            try
            {
                pair.Decapsulate(ciphertext, sharedSecret);
                return true;
            }
            catch (CryptoException)
            {
                return false;
            }
        }

        public void Dispose() => pair.Dispose();
    }
}
