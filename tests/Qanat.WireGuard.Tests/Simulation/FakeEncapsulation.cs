using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Qanat.WireGuard.Tests.Simulation;

/// <summary>
/// A key encapsulation that hides nothing, but is right about who comes to which secret: the same of what was said, and another of
/// anything else. Keys that begin with a zero are none. It counts what it is asked to do.
/// </summary>
internal sealed class FakeEncapsulation(int seed) : IKeyEncapsulation
{
    private readonly Random _random = new(seed);

    public int Generated { get; private set; }

    public int Encapsulated { get; private set; }

    public int Decapsulated { get; private set; }

    /// <summary>Pairs of keys that are not yet disposed of.</summary>
    public int Kept { get; private set; }

    public bool TryGenerate(Span<byte> encapsulationKey, [NotNullWhen(true)] out IDecapsulationKey? decapsulationKey)
    {
        Generated++;
        Kept++;
        _random.NextBytes(encapsulationKey);
        encapsulationKey[0] = 1;
        decapsulationKey = new Key(this, encapsulationKey.ToArray());
        return true;
    }

    public bool TryEncapsulate(ReadOnlySpan<byte> encapsulationKey, Span<byte> ciphertext, Span<byte> sharedSecret)
    {
        Encapsulated++;
        _random.NextBytes(ciphertext);
        SHA256.HashData([.. encapsulationKey, .. ciphertext], sharedSecret);
        return encapsulationKey[0] != 0;
    }

    private sealed class Key(FakeEncapsulation owner, byte[] encapsulationKey) : IDecapsulationKey
    {
        private bool _disposed;

        public bool TryDecapsulate(ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            owner.Decapsulated++;
            SHA256.HashData([.. encapsulationKey, .. ciphertext], sharedSecret);
            return true;
        }

        public void Dispose()
        {
            owner.Kept -= _disposed ? 0 : 1;
            _disposed = true;
        }
    }
}
