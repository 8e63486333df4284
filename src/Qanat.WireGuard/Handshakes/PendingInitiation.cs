using Qanat.Crypto;

namespace Qanat.WireGuard;

/// <summary>What an initiator keeps until the response arrives. Disposing of it wipes it.</summary>
internal sealed class PendingInitiation(uint sender, X25519 ephemeral, ReadOnlySpan<byte> chainingKey, ReadOnlySpan<byte> hash)
    : IDisposable
{
    public uint Sender { get; } = sender;

    public X25519 Ephemeral { get; } = ephemeral;

    public SecretKey ChainingKey { get; } = new(chainingKey);

    public SecretKey Hash { get; } = new(hash);

    public void Dispose()
    {
        Ephemeral.Dispose();
        ChainingKey.Dispose();
        Hash.Dispose();
    }
}
