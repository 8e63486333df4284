using System.Security.Cryptography;

namespace Qanat.Crypto;

/// <summary>
/// A key: bytes that the collector neither moves nor copies, and that are overwritten with zeros when it is disposed of.
/// It never shows them by itself.
/// </summary>
public sealed class SecretKey : IDisposable, IEquatable<SecretKey>
{
    private readonly byte[] _bytes;
    private bool _disposed;

    /// <summary>Copies <paramref name="bytes"/>; wiping the original is the caller's business.</summary>
    public SecretKey(ReadOnlySpan<byte> bytes)
    {
        _bytes = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(_bytes);
    }

    /// <summary>Bytes of the key.</summary>
    public int Length => _bytes.Length;

    /// <summary>The key itself.</summary>
    /// <exception cref="ObjectDisposedException">It is wiped.</exception>
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _bytes;
        }
    }

    /// <summary>True when the other is the same key. Takes as long for every key of the length.</summary>
    public bool Equals(SecretKey? other) => other is not null && CryptographicOperations.FixedTimeEquals(_bytes, other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SecretKey);

    /// <summary>Says nothing of the key but its length.</summary>
    public override int GetHashCode() => Length;

    /// <summary>Says nothing of the key but its length.</summary>
    public override string ToString() => $"{Length * 8} bits";

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_bytes);
    }
}
