using System.Security.Cryptography;

namespace Qanat.Crypto;

/// <summary>
/// The key derivation of Noise (The Noise Protocol Framework, 4.3: HKDF, which is RFC 5869's with an empty info) over
/// HMAC-BLAKE2s: KDF1, KDF2 and KDF3 of WireGuard's whitepaper, 5.4. It keeps no key.
/// </summary>
/// <remarks>Not thread-safe: it belongs to one worker.</remarks>
public sealed class NoiseKdf : IDisposable
{
    /// <summary>Bytes of a chaining key, and of each key that is derived.</summary>
    public const int KeyLength = 32;

    private readonly Hmac _hmac = new(HmacAlgorithm.Blake2s, []);

    /// <summary>Derives one key, two or three.</summary>
    /// <param name="chainingKey">The chaining key, 32 bytes.</param>
    /// <param name="input">The key material, of any length.</param>
    /// <param name="first">The first key, 32 bytes; it may be the chaining key's own place.</param>
    /// <param name="second">The second, or nothing.</param>
    /// <param name="third">The third, or nothing.</param>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public void Derive(
        ReadOnlySpan<byte> chainingKey, ReadOnlySpan<byte> input, Span<byte> first, Span<byte> second = default, Span<byte> third = default)
    {
        Span<byte> extracted = stackalloc byte[KeyLength];
        try
        {
            _hmac.SetKey(chainingKey);
            _hmac.Compute(input, [], extracted);
            _hmac.SetKey(extracted);
            _hmac.Compute([1], [], first[..KeyLength]);
            if (!second.IsEmpty)
                _hmac.Compute(first[..KeyLength], [2], second[..KeyLength]);
            if (!third.IsEmpty)
                _hmac.Compute(second[..KeyLength], [3], third[..KeyLength]);
        }
        finally
        {
            _hmac.SetKey([]);
            CryptographicOperations.ZeroMemory(extracted);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _hmac.Dispose();
}
