using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Qanat.Crypto.Batch;

namespace Qanat.Crypto;

/// <summary>
/// One key of ChaCha20-Poly1305 (RFC 8439) in one direction, for runs of packets without associated data, as WireGuard's are: they
/// are sealed or opened in place, many at a time where the processor has vectors for it, and nothing is allocated for them.
/// </summary>
/// <remarks>
/// <para>
/// What it works with is chosen for the machine: vectors of 512 bits where the runtime holds them for fast; of 256 bits where there is
/// AVX-512VL, which has the registers and rotations that AVX2 alone lacks; libcrypto everywhere else. The environment variable
/// <c>QANAT_AEAD</c>, read once, overrules that: <c>libcrypto</c>, <c>avx2</c> or <c>avx512</c>.
/// </para>
/// <para>
/// How long it takes depends on the packets' number and lengths, and on which of them are forged, alone. Keys and key streams are
/// overwritten with zeros after use. Several threads may work with it at once, on packets of their own (<see cref="AeadCrew"/>);
/// it must not be disposed of meanwhile.
/// </para>
/// </remarks>
public abstract unsafe class BatchAead : IDisposable
{
    /// <summary>Bytes of a key.</summary>
    public const int KeyLength = 32;

    /// <summary>Bytes of a tag.</summary>
    public const int TagLength = 16;

    /// <summary>The environment variable that says what to work with.</summary>
    public const string Variable = "QANAT_AEAD";

    private static readonly string? s_wish = Environment.GetEnvironmentVariable(Variable);

    private protected BatchAead(AeadImplementation implementation, CipherDirection direction) =>
        (Implementation, Direction) = (implementation, direction);

    /// <summary>What it works with.</summary>
    public AeadImplementation Implementation { get; }

    /// <summary>Whether packets are sealed or opened.</summary>
    public CipherDirection Direction { get; }

    /// <summary>True when this machine has what an implementation needs.</summary>
    public static bool Supports(AeadImplementation implementation) => implementation switch
    {
        AeadImplementation.LibCrypto => LibCrypto.IsAvailable,
        AeadImplementation.Avx2 => Avx2.IsSupported,
        AeadImplementation.Avx512 => Avx512F.IsSupported,
        _ => false,
    };

    /// <summary>What suits this machine best, or what <c>QANAT_AEAD</c> asks for.</summary>
    /// <exception cref="CryptoException">What <c>QANAT_AEAD</c> asks for is not there.</exception>
    public static AeadImplementation Preferred => Choose(s_wish);

    /// <summary>Takes a key in, for what suits this machine best.</summary>
    /// <param name="key">32 bytes; they are not needed afterwards.</param>
    /// <param name="direction">Whether packets are to be sealed or opened.</param>
    /// <param name="salt">The first four bytes of all nonces, little-endian. WireGuard's are zeros.</param>
    /// <exception cref="ArgumentException">The key is of another length.</exception>
    /// <exception cref="CryptoException">What <c>QANAT_AEAD</c> asks for is not there.</exception>
    public static BatchAead Create(ReadOnlySpan<byte> key, CipherDirection direction, uint salt = 0) =>
        Create(Preferred, key, direction, salt);

    /// <summary>Takes a key in, for a certain implementation.</summary>
    /// <param name="implementation">What to work with.</param>
    /// <param name="key">32 bytes; they are not needed afterwards.</param>
    /// <param name="direction">Whether packets are to be sealed or opened.</param>
    /// <param name="salt">The first four bytes of all nonces, little-endian. WireGuard's are zeros.</param>
    /// <exception cref="ArgumentException">The key is of another length.</exception>
    /// <exception cref="CryptoException">This machine does not have what it needs.</exception>
    public static BatchAead Create(
        AeadImplementation implementation, ReadOnlySpan<byte> key, CipherDirection direction, uint salt = 0)
    {
        if (key.Length != KeyLength)
            throw new ArgumentException($"ChaCha20-Poly1305 takes no key of {key.Length} bytes.", nameof(key));
        if (implementation == AeadImplementation.LibCrypto)
            return new LibCryptoBatchAead(key, direction, salt);
        if (!Supports(implementation))
            throw new CryptoException($"This processor has no {implementation}.");
        return implementation == AeadImplementation.Avx512
            ? new VectorBatchAead<Words512, Limbs512>(implementation, key, direction, salt)
            : new VectorBatchAead<Words256, Limbs256>(implementation, key, direction, salt);
    }

    /// <summary>What is worked with when the environment variable says <paramref name="wish"/>, or nothing.</summary>
    /// <exception cref="CryptoException">It is no implementation, or none that this machine has.</exception>
    internal static AeadImplementation Choose(string? wish)
    {
        if (string.IsNullOrEmpty(wish))
            return Vector512.IsHardwareAccelerated && Supports(AeadImplementation.Avx512) ? AeadImplementation.Avx512
                : Avx512F.VL.IsSupported ? AeadImplementation.Avx2
                : AeadImplementation.LibCrypto;
        AeadImplementation? wanted = wish switch
        {
            "libcrypto" => AeadImplementation.LibCrypto,
            "avx2" => AeadImplementation.Avx2,
            "avx512" => AeadImplementation.Avx512,
            _ => null,
        };
        if (wanted is null)
            throw new CryptoException($"{Variable}={wish}: libcrypto, avx2 or avx512");
        return Supports(wanted.Value) ? wanted.Value : throw new CryptoException($"{Variable}={wish}: not on this machine");
    }

    /// <summary>Encrypts packets in place, and writes their tags behind them.</summary>
    /// <param name="packets">The packets, which do not overlap.</param>
    /// <exception cref="InvalidOperationException">It is a key that opens.</exception>
    /// <exception cref="ObjectDisposedException">The key is wiped.</exception>
    public void Seal(ReadOnlySpan<AeadPacket> packets)
    {
        if (Direction != CipherDirection.Seal)
            throw new InvalidOperationException("The key is for opening.");
        fixed (AeadPacket* first = packets)
            SealAll(first, packets.Length);
    }

    /// <summary>
    /// Decrypts packets in place, and sets <see cref="AeadPacket.IsValid"/> of each. The text of one whose tag is not right is
    /// overwritten with zeros.
    /// </summary>
    /// <param name="packets">The packets, which do not overlap.</param>
    /// <returns>How many had a tag that was right.</returns>
    /// <exception cref="InvalidOperationException">It is a key that seals.</exception>
    /// <exception cref="ObjectDisposedException">The key is wiped.</exception>
    public int Open(Span<AeadPacket> packets)
    {
        if (Direction != CipherDirection.Open)
            throw new InvalidOperationException("The key is for sealing.");
        fixed (AeadPacket* first = packets)
            return OpenAll(first, packets.Length);
    }

    /// <inheritdoc/>
    public abstract void Dispose();

    private protected abstract void SealAll(AeadPacket* packets, int count);

    private protected abstract int OpenAll(AeadPacket* packets, int count);
}
