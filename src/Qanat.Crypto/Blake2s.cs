using static Qanat.Crypto.Interop.Evp;

namespace Qanat.Crypto;

/// <summary>BLAKE2s without a key (RFC 7693), 32 bytes. The context is used again and again: nothing is allocated for a hash.</summary>
/// <remarks>Not thread-safe: it belongs to one worker.</remarks>
public sealed unsafe class Blake2s : IDisposable
{
    /// <summary>Bytes of a hash.</summary>
    public const int HashLength = 32;

    // Kept for as long as the program runs.
    private static readonly Lazy<nint> s_blake2s = new(() => EVP_MD_fetch(0, "BLAKE2S-256", null));

    private readonly SafeDigestContext _context;

    /// <summary>Makes the context.</summary>
    /// <exception cref="CryptoException">There is no libcrypto, or it has no BLAKE2s.</exception>
    public Blake2s()
    {
        LibCrypto.Require();
        if (s_blake2s.Value == 0)
            throw LibCrypto.Failure("BLAKE2s");
        _context = new SafeDigestContext();
        if (_context.IsInvalid)
            throw LibCrypto.Failure("BLAKE2s");
    }

    /// <summary>The hash of <paramref name="data"/> with <paramref name="more"/> behind it.</summary>
    /// <param name="data">The first part.</param>
    /// <param name="more">The second; it may be empty.</param>
    /// <param name="hash">Where the 32 bytes go; it may be what was hashed.</param>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public void Compute(ReadOnlySpan<byte> data, ReadOnlySpan<byte> more, Span<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hash.Length, HashLength);
        ObjectDisposedException.ThrowIf(_context.IsClosed, this);
        var context = _context.DangerousGetHandle();
        fixed (byte* first = data, second = more, result = hash)
        {
            LibCrypto.Check(EVP_DigestInit_ex2(context, s_blake2s.Value, null), "BLAKE2s");
            LibCrypto.Check(EVP_DigestUpdate(context, first, (nuint)data.Length), "BLAKE2s");
            if (!more.IsEmpty)
                LibCrypto.Check(EVP_DigestUpdate(context, second, (nuint)more.Length), "BLAKE2s");
            LibCrypto.Check(EVP_DigestFinal_ex(context, result, null), "BLAKE2s");
        }
        GC.KeepAlive(_context);
    }

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();
}
