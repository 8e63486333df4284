using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using static Qanat.Crypto.Interop.Core;
using static Qanat.Crypto.Interop.Evp;

namespace Qanat.Crypto;

/// <summary>
/// BLAKE2s with a key, cut by the algorithm itself to 16 bytes (RFC 7693, 2.9): a message authentication code. The key is taken
/// in once, and nothing is allocated for a message.
/// </summary>
/// <remarks>Not thread-safe: it belongs to one worker.</remarks>
public sealed unsafe class Blake2sMac : IDisposable
{
    /// <summary>Bytes of a code.</summary>
    public const int Length = 16;

    /// <summary>The most bytes that a key may have; it has one at least.</summary>
    public const int MaxKeyLength = 32;

    // Kept for as long as the program runs.
    private static readonly Lazy<nint> s_blake2s = new(() => EVP_MAC_fetch(0, "BLAKE2SMAC", null));

    private readonly SafeMacContext _context;

    /// <summary>Takes the key in.</summary>
    /// <param name="key">The key, 1 to 32 bytes; it is not needed afterwards.</param>
    /// <exception cref="ArgumentException">It is of another length.</exception>
    /// <exception cref="CryptoException">There is no libcrypto, or it has no BLAKE2s.</exception>
    public Blake2sMac(ReadOnlySpan<byte> key)
    {
        LibCrypto.Require();
        if (s_blake2s.Value == 0)
            throw LibCrypto.Failure("BLAKE2s");
        _context = new SafeMacContext(s_blake2s.Value);
        if (_context.IsInvalid)
            throw LibCrypto.Failure("BLAKE2s");
        SetKey(key);
    }

    private nint Context
    {
        get
        {
            ObjectDisposedException.ThrowIf(_context.IsClosed, this);
            return _context.DangerousGetHandle();
        }
    }

    /// <summary>Forgets the key for another.</summary>
    /// <param name="key">The key, 1 to 32 bytes; it is not needed afterwards.</param>
    /// <exception cref="ArgumentException">It is of another length.</exception>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public void SetKey(ReadOnlySpan<byte> key)
    {
        if (key.Length is 0 or > MaxKeyLength)
            throw new ArgumentException($"A key has 1 to {MaxKeyLength} bytes, not {key.Length}.", nameof(key));
        nuint size = Length;
        fixed (byte* name = OSSL_MAC_PARAM_SIZE, bytes = key)
        {
            var parameters = stackalloc OSSL_PARAM[2];
            parameters[0] = new() { key = name, data_type = OSSL_PARAM_UNSIGNED_INTEGER, data = &size, data_size = (nuint)sizeof(nuint) };
            parameters[1] = default;
            LibCrypto.Check(EVP_MAC_init(Context, bytes, (nuint)key.Length, parameters), "BLAKE2s");
        }
        GC.KeepAlive(_context);
    }

    /// <summary>The code of <paramref name="data"/>.</summary>
    /// <param name="data">The message.</param>
    /// <param name="code">Where the 16 bytes go.</param>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public void Compute(ReadOnlySpan<byte> data, Span<byte> code)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(code.Length, Length);
        var context = Context;
        nuint length;
        fixed (byte* bytes = data, result = code)
        {
            LibCrypto.Check(EVP_MAC_init(context, null, 0, null), "BLAKE2s");
            LibCrypto.Check(EVP_MAC_update(context, bytes, (nuint)data.Length), "BLAKE2s");
            LibCrypto.Check(EVP_MAC_final(context, result, &length, Length), "BLAKE2s");
        }
        GC.KeepAlive(_context);
    }

    /// <summary>True when <paramref name="code"/> is that of <paramref name="data"/>. Takes as long for every wrong one.</summary>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    [SkipLocalsInit]
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> code)
    {
        Span<byte> expected = stackalloc byte[Length];
        Compute(data, expected);
        return CryptographicOperations.FixedTimeEquals(expected, code);
    }

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();
}
