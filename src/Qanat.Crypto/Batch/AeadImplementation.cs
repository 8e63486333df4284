namespace Qanat.Crypto;

/// <summary>What <see cref="BatchAead"/> works with.</summary>
public enum AeadImplementation
{
    /// <summary>OpenSSL's libcrypto, packet by packet. There on every machine.</summary>
    LibCrypto,

    /// <summary>Vectors of 256 bits, four packets at a time: x86-64 with AVX2.</summary>
    Avx2,

    /// <summary>Vectors of 512 bits, eight packets at a time: x86-64 with AVX-512F.</summary>
    Avx512,
}
