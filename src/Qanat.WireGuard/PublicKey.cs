using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Qanat.WireGuard;

/// <summary>A peer's Curve25519 public key: who it is. 32 bytes; all zeros stand for none.</summary>
public readonly record struct PublicKey
{
    /// <summary>Bytes of a key.</summary>
    public const int Size = 32;

    private readonly Int128 _low, _high;

    /// <summary>Takes the key's 32 bytes.</summary>
    public PublicKey(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new ArgumentException($"A public key has {Size} bytes.", nameof(bytes));
        (_low, _high) = (MemoryMarshal.Read<Int128>(bytes), MemoryMarshal.Read<Int128>(bytes[16..]));
    }

    /// <summary>True when it is no key.</summary>
    public bool IsNone => this == default;

    /// <summary>Reads the usual text: 44 characters of base64.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out PublicKey key)
    {
        Span<byte> bytes = stackalloc byte[Size + 1];
        var valid = text is { Length: 44 } && Convert.TryFromBase64String(text, bytes, out var length) && length == Size;
        key = valid ? new(bytes[..Size]) : default;
        if (valid && key.ToString() == text) // a key has one spelling, whatever base64 allows
            return true;
        key = default;
        return false;
    }

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        MemoryMarshal.Write(destination, _low);
        MemoryMarshal.Write(destination[16..], _high);
    }

    /// <summary>44 characters of base64.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToBase64String(bytes);
    }
}
