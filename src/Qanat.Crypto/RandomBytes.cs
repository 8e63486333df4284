using static Qanat.Crypto.Interop.Rand;

namespace Qanat.Crypto;

/// <summary>Random bytes that nobody can foretell.</summary>
public static unsafe class RandomBytes
{
    /// <summary>Fills <paramref name="destination"/>.</summary>
    /// <exception cref="CryptoException">There is no libcrypto, or it has no randomness.</exception>
    public static void Fill(Span<byte> destination)
    {
        LibCrypto.Require();
        fixed (byte* buf = destination)
            LibCrypto.Check(RAND_bytes(buf, destination.Length), "random bytes");
    }
}
