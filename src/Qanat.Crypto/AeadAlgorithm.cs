namespace Qanat.Crypto;

/// <summary>Authenticated encryption with associated data (RFC 5116). All of them take a nonce of 12 bytes.</summary>
public enum AeadAlgorithm
{
    /// <summary>AES in Galois/Counter mode (NIST SP 800-38D), with a key of 16, 24 or 32 bytes.</summary>
    AesGcm,

    /// <summary>ChaCha20 with Poly1305 (RFC 8439), with a key of 32 bytes.</summary>
    ChaCha20Poly1305,
}
