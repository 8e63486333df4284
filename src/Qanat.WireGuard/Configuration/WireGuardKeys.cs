using System.Security.Cryptography;
using Qanat.Crypto;

namespace Qanat.WireGuard.Configuration;

/// <summary>Makes keys, as <c>wg genkey</c>, <c>wg genpsk</c> and <c>wg pubkey</c> do.</summary>
public static class WireGuardKeys
{
    /// <summary>A new private key.</summary>
    /// <exception cref="CryptoException">There is no randomness.</exception>
    public static SecretKey GeneratePrivate() => X25519.GeneratePrivateKey();

    /// <summary>A new preshared key.</summary>
    /// <exception cref="CryptoException">There is no randomness.</exception>
    public static SecretKey GeneratePreshared()
    {
        Span<byte> bytes = stackalloc byte[KeyText.KeySize];
        RandomBytes.Fill(bytes);
        var key = new SecretKey(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }

    /// <summary>The public key that goes with a private one (<c>wg pubkey</c>).</summary>
    /// <param name="key">32 bytes, clamped or not.</param>
    /// <exception cref="CryptoException">There is no libcrypto.</exception>
    public static PublicKey PublicOf(SecretKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        using var pair = new X25519(key.Bytes);
        Span<byte> bytes = stackalloc byte[PublicKey.Size];
        pair.CopyPublicKey(bytes);
        return new(bytes);
    }

    /// <summary>The key that stands for none.</summary>
    internal static SecretKey Zero() => new(stackalloc byte[KeyText.KeySize]);

    /// <summary>The key, unless it stands for none.</summary>
    internal static SecretKey? NoneIfZero(SecretKey key) =>
        CryptographicOperations.FixedTimeEquals(key.Bytes, stackalloc byte[KeyText.KeySize]) ? null : key;
}
