using static Qanat.Crypto.Interop.Core;
using static Qanat.Crypto.Interop.Evp;

namespace Qanat.Crypto;

/// <summary>One key of HMAC (RFC 2104): it is taken in once, and nothing is allocated for a packet.</summary>
/// <remarks>Not thread-safe: it belongs to one worker.</remarks>
public sealed unsafe class Hmac : IDisposable
{
    private static readonly Lazy<nint> s_hmac = new(() => EVP_MAC_fetch(0, "HMAC", null)); // kept for as long as the program runs

    private readonly SafeMacContext _context;

    /// <summary>Takes the key in.</summary>
    /// <param name="algorithm">The hash function.</param>
    /// <param name="key">The key, of any length; it is not needed afterwards.</param>
    /// <exception cref="CryptoException">There is no libcrypto, or it refuses.</exception>
    public Hmac(HmacAlgorithm algorithm, ReadOnlySpan<byte> key)
    {
        LibCrypto.Require();
        if (s_hmac.Value == 0)
            throw LibCrypto.Failure("HMAC");
        _context = new SafeMacContext(s_hmac.Value);
        if (_context.IsInvalid)
            throw LibCrypto.Failure("HMAC");

        var digest = algorithm switch
        {
            HmacAlgorithm.Sha1 => "SHA1"u8,
            HmacAlgorithm.Sha256 => "SHA256"u8,
            HmacAlgorithm.Sha384 => "SHA384"u8,
            HmacAlgorithm.Blake2s => "BLAKE2S-256"u8,
            _ => "SHA512"u8,
        };
        byte none = 0; // no key at all is a key too, but not null
        fixed (byte* name = OSSL_MAC_PARAM_DIGEST, value = digest, bytes = key)
        {
            var parameters = stackalloc OSSL_PARAM[2];
            parameters[0] = new() { key = name, data_type = OSSL_PARAM_UTF8_STRING, data = value, data_size = (nuint)digest.Length };
            parameters[1] = default;
            LibCrypto.Check(EVP_MAC_init(Context, bytes is null ? &none : bytes, (nuint)key.Length, parameters), "HMAC");
        }
    }

    private nint Context
    {
        get
        {
            ObjectDisposedException.ThrowIf(_context.IsClosed, this);
            return _context.DangerousGetHandle();
        }
    }

    /// <summary>Bytes of what a hash function gives.</summary>
    public static int DigestLength(HmacAlgorithm algorithm) => algorithm switch
    {
        HmacAlgorithm.Sha1 => 20,
        HmacAlgorithm.Sha256 or HmacAlgorithm.Blake2s => 32,
        HmacAlgorithm.Sha384 => 48,
        _ => 64,
    };

    /// <summary>Forgets the key for another of any length.</summary>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public void SetKey(ReadOnlySpan<byte> key)
    {
        byte none = 0;
        fixed (byte* bytes = key)
            LibCrypto.Check(EVP_MAC_init(Context, bytes is null ? &none : bytes, (nuint)key.Length, null), "HMAC");
        GC.KeepAlive(_context);
    }

    /// <summary>The authentication code of <paramref name="data"/> with <paramref name="more"/> behind it.</summary>
    /// <param name="data">The first part.</param>
    /// <param name="more">The second; it may be empty.</param>
    /// <param name="code">Where the code goes, cut to this length.</param>
    /// <exception cref="ArgumentException"><paramref name="code"/> is longer than what the hash function gives.</exception>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public void Compute(ReadOnlySpan<byte> data, ReadOnlySpan<byte> more, Span<byte> code)
    {
        var context = Context;
        var whole = stackalloc byte[EVP_MAX_MD_SIZE];
        nuint length;
        fixed (byte* bytes = data, moreBytes = more)
        {
            LibCrypto.Check(EVP_MAC_init(context, null, 0, null), "HMAC");
            LibCrypto.Check(EVP_MAC_update(context, bytes, (nuint)data.Length), "HMAC");
            if (!more.IsEmpty)
                LibCrypto.Check(EVP_MAC_update(context, moreBytes, (nuint)more.Length), "HMAC");
            LibCrypto.Check(EVP_MAC_final(context, whole, &length, EVP_MAX_MD_SIZE), "HMAC");
        }
        GC.KeepAlive(_context);
        if (code.Length > (int)length)
            throw new ArgumentException($"The hash function gives {length} bytes.", nameof(code));
        new ReadOnlySpan<byte>(whole, code.Length).CopyTo(code);
    }

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();
}
