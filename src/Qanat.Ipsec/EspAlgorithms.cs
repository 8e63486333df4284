using Qanat.Crypto;

namespace Qanat.Ipsec;

/// <summary>
/// What protects a state's packets, by the names that <c>ip xfrm</c> and the kernel have for it (net/xfrm/xfrm_algo.c):
/// one AEAD algorithm, or encryption with or without authentication.
/// </summary>
public sealed record EspAlgorithms
{
    /// <summary><c>aead</c>; null for the other two.</summary>
    public AeadKey? Aead { get; init; }

    /// <summary><c>enc</c>.</summary>
    public EncryptionKey? Encryption { get; init; }

    /// <summary><c>auth</c> or <c>auth-trunc</c>.</summary>
    public AuthenticationKey? Authentication { get; init; }

    /// <summary>Wipes the keys.</summary>
    internal void Wipe()
    {
        Aead?.Key.Dispose();
        Encryption?.Key.Dispose();
        Authentication?.Key.Dispose();
    }
}

/// <summary>An AEAD algorithm and its key.</summary>
/// <param name="Name"><c>rfc4106(gcm(aes))</c> or <c>rfc7539esp(chacha20,poly1305)</c>.</param>
/// <param name="Key">The key with the salt, 4 bytes, behind it.</param>
/// <param name="IcvBits">Bits of the integrity check value.</param>
public sealed record AeadKey(string Name, SecretKey Key, int IcvBits);

/// <summary>An encryption algorithm and its key.</summary>
/// <param name="Name"><c>cbc(aes)</c> or <c>ecb(cipher_null)</c>; short <c>aes</c>, <c>cipher_null</c>.</param>
/// <param name="Key">The key.</param>
public sealed record EncryptionKey(string Name, SecretKey Key);

/// <summary>An authentication algorithm and its key.</summary>
/// <param name="Name"><c>hmac(sha256)</c>, with sha1, sha384 and sha512 as well, or <c>digest_null</c>; short <c>sha256</c>.</param>
/// <param name="Key">The key.</param>
/// <param name="TruncatedBits">Bits of the integrity check value; 0 for the kernel's own choice: 96 for sha1 and sha256.</param>
public sealed record AuthenticationKey(string Name, SecretKey Key, int TruncatedBits = 0);
