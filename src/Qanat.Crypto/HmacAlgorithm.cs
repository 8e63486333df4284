namespace Qanat.Crypto;

/// <summary>The hash functions that HMAC (RFC 2104) is used with.</summary>
public enum HmacAlgorithm
{
    /// <summary>SHA-1, 20 bytes: for old peers.</summary>
    Sha1,

    /// <summary>SHA-256, 32 bytes.</summary>
    Sha256,

    /// <summary>SHA-384, 48 bytes.</summary>
    Sha384,

    /// <summary>SHA-512, 64 bytes.</summary>
    Sha512,

    /// <summary>BLAKE2s (RFC 7693), 32 bytes: WireGuard's.</summary>
    Blake2s,
}
