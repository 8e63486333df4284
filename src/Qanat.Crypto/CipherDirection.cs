namespace Qanat.Crypto;

/// <summary>What a cipher's context is for: it does one of the two for life.</summary>
public enum CipherDirection
{
    /// <summary>Cleartext becomes ciphertext.</summary>
    Seal,

    /// <summary>Ciphertext becomes cleartext.</summary>
    Open,
}
