using System.Collections.Concurrent;
using static Qanat.Crypto.Interop.Evp;

namespace Qanat.Crypto;

/// <summary>What the ciphers share: contexts, and the algorithms that libcrypto was asked for.</summary>
internal static unsafe class Ciphers
{
    // To fetch an algorithm costs more than to use it. They are kept for as long as the program runs.
    private static readonly ConcurrentDictionary<string, nint> s_fetched = [];

    /// <summary>A context with the key schedule of <paramref name="key"/>.</summary>
    public static SafeCipherContext Start(string algorithm, ReadOnlySpan<byte> key, CipherDirection direction)
    {
        var cipher = s_fetched.GetOrAdd(algorithm, static name => EVP_CIPHER_fetch(0, name, null));
        if (cipher == 0)
            throw LibCrypto.Failure(algorithm);
        var context = new SafeCipherContext();
        if (context.IsInvalid)
            throw LibCrypto.Failure(algorithm);
        fixed (byte* bytes = key)
            LibCrypto.Check(EVP_CipherInit_ex2(Pointer(context), cipher, bytes, null, direction == CipherDirection.Seal ? 1 : 0, null), algorithm);
        return context;
    }

    /// <summary>
    /// The address of a context, for a call per packet that does without a reference count: the caller keeps the context alive, and
    /// nobody else has it.
    /// </summary>
    public static nint Pointer(SafeCipherContext context)
    {
        ObjectDisposedException.ThrowIf(context.IsClosed, context);
        return context.DangerousGetHandle();
    }
}
