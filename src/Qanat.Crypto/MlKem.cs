using static Qanat.Crypto.Interop.Core;
using static Qanat.Crypto.Interop.Evp;

namespace Qanat.Crypto;

/// <summary>
/// A pair of keys of ML-KEM-768, the key encapsulation that withstands quantum computers (FIPS 203): whoever has the encapsulation
/// key makes a secret and a ciphertext of it, from which the decapsulation key makes the secret again. That key is in libcrypto's
/// memory, which is wiped when the pair is disposed of.
/// </summary>
/// <remarks>Not thread-safe: it belongs to one worker.</remarks>
public sealed unsafe class MlKem : IDisposable
{
    /// <summary>Bytes of an encapsulation key.</summary>
    public const int EncapsulationKeyLength = 1184;

    /// <summary>Bytes of a ciphertext.</summary>
    public const int CiphertextLength = 1088;

    /// <summary>Bytes of a shared secret.</summary>
    public const int SharedSecretLength = 32;

    private const string Algorithm = "ML-KEM-768";

    private const int SeedLength = 64, RandomnessLength = 32;

    private static readonly Lazy<bool> s_isSupported = new(Try);

    private readonly SafeKeyHandle _key;
    private readonly SafeKeyContext _context;

    /// <summary>Makes a new pair (FIPS 203, algorithm 19).</summary>
    /// <exception cref="CryptoException">There is no libcrypto, or it has no ML-KEM, or refuses.</exception>
    public MlKem()
        : this([])
    {
    }

    /// <summary>Makes the pair of a seed, d and z (FIPS 203, algorithm 16), or a new one of none.</summary>
    internal MlKem(ReadOnlySpan<byte> seed)
    {
        LibCrypto.Require();
        if (seed.Length is not (0 or SeedLength))
            throw new ArgumentException($"A seed has {SeedLength} bytes, not {seed.Length}.", nameof(seed));
        _key = new(Generate(seed));
        _context = new(_key.DangerousGetHandle());
        if (_context.IsInvalid)
            throw LibCrypto.Failure(Algorithm);
        LibCrypto.Check(EVP_PKEY_decapsulate_init(_context.DangerousGetHandle(), null), Algorithm);
    }

    /// <summary>Whether libcrypto has ML-KEM: OpenSSL has from 3.5 on. It is tried, once.</summary>
    public static bool IsSupported => s_isSupported.Value;

    /// <summary>
    /// Makes a secret that is shared with the owner of an encapsulation key (FIPS 203, algorithm 20). False, and zeros, when that
    /// is none: its length is another, or a number in it too large (7.2).
    /// </summary>
    /// <param name="encapsulationKey">The other's key.</param>
    /// <param name="ciphertext">Where the 1,088 bytes go that the other needs.</param>
    /// <param name="sharedSecret">Where the 32 bytes go.</param>
    /// <exception cref="CryptoException">There is no libcrypto, or it has no ML-KEM, or refuses.</exception>
    public static bool TryEncapsulate(ReadOnlySpan<byte> encapsulationKey, Span<byte> ciphertext, Span<byte> sharedSecret) =>
        TryEncapsulate(encapsulationKey, ciphertext, sharedSecret, []);

    /// <summary>Writes the encapsulation key, which is no secret.</summary>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public void CopyEncapsulationKey(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, EncapsulationKeyLength);
        ObjectDisposedException.ThrowIf(_key.IsClosed, this);
        nuint length = EncapsulationKeyLength;
        fixed (byte* bytes = destination)
            LibCrypto.Check(EVP_PKEY_get_raw_public_key(_key.DangerousGetHandle(), bytes, &length), Algorithm);
        GC.KeepAlive(_key);
    }

    /// <summary>
    /// The secret that a ciphertext was made with (FIPS 203, algorithm 21). One that was changed gives another secret, which nobody
    /// knows: that it is the same at both ends has to be shown.
    /// </summary>
    /// <param name="ciphertext">The ciphertext.</param>
    /// <param name="sharedSecret">Where the 32 bytes go.</param>
    /// <exception cref="ArgumentException">The ciphertext has not 1,088 bytes.</exception>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public void Decapsulate(ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret)
    {
        if (ciphertext.Length != CiphertextLength)
            throw new ArgumentException($"A ciphertext has {CiphertextLength} bytes, not {ciphertext.Length}.", nameof(ciphertext));
        ArgumentOutOfRangeException.ThrowIfLessThan(sharedSecret.Length, SharedSecretLength);
        ObjectDisposedException.ThrowIf(_context.IsClosed, this);
        nuint length = SharedSecretLength;
        fixed (byte* wrapped = ciphertext, secret = sharedSecret)
            LibCrypto.Check(
                EVP_PKEY_decapsulate(_context.DangerousGetHandle(), secret, &length, wrapped, CiphertextLength), Algorithm);
        GC.KeepAlive(_context);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _context.Dispose();
        _key.Dispose();
    }

    /// <summary>The same with randomness that is given (FIPS 203, algorithm 17), or new for none.</summary>
    internal static bool TryEncapsulate(
        ReadOnlySpan<byte> encapsulationKey, Span<byte> ciphertext, Span<byte> sharedSecret, ReadOnlySpan<byte> randomness)
    {
        LibCrypto.Require();
        ArgumentOutOfRangeException.ThrowIfLessThan(ciphertext.Length, CiphertextLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(sharedSecret.Length, SharedSecretLength);
        if (randomness.Length is not (0 or RandomnessLength))
            throw new ArgumentException($"Randomness has {RandomnessLength} bytes, not {randomness.Length}.", nameof(randomness));
        nuint wrappedLength = CiphertextLength, secretLength = SharedSecretLength;
        fixed (byte* bytes = encapsulationKey, wrapped = ciphertext, secret = sharedSecret, name = OSSL_KEM_PARAM_IKME, m = randomness)
        {
            using var key = new SafeKeyHandle(
                EVP_PKEY_new_raw_public_key_ex(0, Algorithm, null, bytes, (nuint)encapsulationKey.Length));
            if (key.IsInvalid)
            {
                if (!IsSupported)
                    throw LibCrypto.Failure(Algorithm);
                Interop.Err.ERR_clear_error();
                ciphertext[..CiphertextLength].Clear();
                sharedSecret[..SharedSecretLength].Clear();
                return false;
            }
            using var context = new SafeKeyContext(key.DangerousGetHandle());
            if (context.IsInvalid)
                throw LibCrypto.Failure(Algorithm);
            var parameters = stackalloc OSSL_PARAM[2];
            LibCrypto.Check(
                EVP_PKEY_encapsulate_init(context.DangerousGetHandle(), Describe(parameters, name, m, randomness.Length)), Algorithm);
            LibCrypto.Check(
                EVP_PKEY_encapsulate(context.DangerousGetHandle(), wrapped, &wrappedLength, secret, &secretLength), Algorithm);
            return true;
        }
    }

    private static nint Generate(ReadOnlySpan<byte> seed)
    {
        using var context = new SafeKeyContext(Algorithm);
        if (context.IsInvalid)
            throw LibCrypto.Failure(Algorithm);
        LibCrypto.Check(EVP_PKEY_keygen_init(context.DangerousGetHandle()), Algorithm);
        nint key = 0;
        fixed (byte* name = OSSL_PKEY_PARAM_ML_KEM_SEED, bytes = seed)
        {
            var parameters = stackalloc OSSL_PARAM[2];
            if (!seed.IsEmpty)
                LibCrypto.Check(
                    EVP_PKEY_CTX_set_params(context.DangerousGetHandle(), Describe(parameters, name, bytes, seed.Length)), Algorithm);
            LibCrypto.Check(EVP_PKEY_generate(context.DangerousGetHandle(), &key), Algorithm);
        }
        return key;
    }

    // One parameter and the end; null for no bytes.
    private static OSSL_PARAM* Describe(OSSL_PARAM* parameters, byte* name, byte* bytes, int length)
    {
        parameters[0] = new() { key = name, data_type = OSSL_PARAM_OCTET_STRING, data = bytes, data_size = (nuint)length };
        parameters[1] = default;
        return length == 0 ? null : parameters;
    }

    private static bool Try()
    {
        if (!LibCrypto.IsAvailable)
            return false;
        try
        {
            using var pair = new MlKem();
            return true;
        }
        catch (CryptoException)
        {
            return false;
        }
    }
}
