using System.Security.Cryptography;
using Qanat.Crypto;

namespace Qanat.WireGuard.Configuration;

/// <summary>Makes keys, as <c>wg genkey</c> and <c>wg genpsk</c> do.</summary>
public static class WireGuardKeys
{
    /// <summary>A new private key.</summary>
    /// <exception cref="CryptoException">There is no randomness.</exception>
    public static SecretKey GeneratePrivate() => Generate(isPrivate: true);

    /// <summary>A new preshared key.</summary>
    /// <exception cref="CryptoException">There is no randomness.</exception>
    public static SecretKey GeneratePreshared() => Generate(isPrivate: false);

    /// <summary>Makes a Curve25519 scalar of 32 bytes (RFC 7748, section 5).</summary>
    internal static void Clamp(Span<byte> key)
    {
        key[0] &= 0b1111_1000;
        key[31] = (byte)(key[31] & 0b0111_1111 | 0b0100_0000);
    }

    /// <summary>The key that stands for none.</summary>
    internal static SecretKey Zero() => new(stackalloc byte[KeyText.KeySize]);

    /// <summary>The key, unless it stands for none.</summary>
    internal static SecretKey? NoneIfZero(SecretKey key) =>
        CryptographicOperations.FixedTimeEquals(key.Bytes, stackalloc byte[KeyText.KeySize]) ? null : key;

    private static SecretKey Generate(bool isPrivate)
    {
        Span<byte> bytes = stackalloc byte[KeyText.KeySize];
        RandomBytes.Fill(bytes);
        if (isPrivate)
            Clamp(bytes);
        var key = new SecretKey(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }
}
