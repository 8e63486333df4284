using Qanat.Crypto;

namespace Qanat.Ipsec;

/// <summary>Algorithms that were found and whose keys fit: what they do to the length of a packet, and how to make them work.</summary>
internal sealed class EspSuite
{
    private const int NoBlock = 1, Alignment = 4;

    private readonly Func<CipherDirection, EspTransform> _make;

    private EspSuite(int ivLength, int blockLength, int icvLength, EspAlgorithms algorithms, Func<CipherDirection, EspTransform> make)
    {
        (IvLength, IcvLength, Algorithms, _make) = (ivLength, icvLength, algorithms, make);
        BlockLength = Math.Max(blockLength, Alignment);
    }

    /// <summary>Bytes of the initialization vector.</summary>
    public int IvLength { get; }

    /// <summary>What payload, padding and trailer together are a multiple of, in bytes.</summary>
    public int BlockLength { get; }

    /// <summary>Bytes of the integrity check value.</summary>
    public int IcvLength { get; }

    /// <summary>The algorithms, by the kernel's full names.</summary>
    public EspAlgorithms Algorithms { get; }

    /// <summary>The algorithms with their key schedules, in one direction.</summary>
    public EspTransform Make(CipherDirection direction) => _make(direction);

    /// <summary>Finds the algorithms, as the kernel does (net/xfrm/xfrm_user.c: attach_aead, attach_auth, attach_crypt; net/ipv4/esp4.c).</summary>
    public static XfrmResult TryCreate(EspAlgorithms algorithms, out EspSuite? suite)
    {
        suite = null;
        if (algorithms.Aead is { } aead)
            return algorithms.Encryption is null && algorithms.Authentication is null
                ? FromAead(algorithms, aead, out suite)
                : Invalid("Invalid attribute combination for ESP: AEAD can't be used with AUTH, AUTH_TRUNC, CRYPT");
        if (algorithms.Encryption is null)
            return Invalid(algorithms.Authentication is null
                ? "Missing required attribute for ESP: at least one of AUTH, AUTH_TRUNC, CRYPT, AEAD"
                : "ESP: AEAD or CRYPT must be provided");
        return FromTwo(algorithms, algorithms.Encryption, algorithms.Authentication, out suite);
    }

    private static XfrmResult FromAead(EspAlgorithms algorithms, AeadKey chosen, out EspSuite? suite)
    {
        suite = null;
        AeadAlgorithm algorithm;
        switch (chosen.Name, chosen.IcvBits)
        {
            case ("rfc4106(gcm(aes))", 64 or 96 or 128):
                algorithm = AeadAlgorithm.AesGcm;
                break;
            case ("rfc7539esp(chacha20,poly1305)", 128):
                algorithm = AeadAlgorithm.ChaCha20Poly1305;
                break;
            default:
                return new(XfrmCode.ENOSYS, "Requested AEAD algorithm not found");
        }
        var (key, keyLength, icvLength) = (chosen.Key, chosen.Key.Length - AeadTransform.SaltLength, chosen.IcvBits / 8);
        if (!Aead.TakesKey(algorithm, keyLength))
            return NoSuchKey;
        suite = new(AeadTransform.IvLength, NoBlock, icvLength, algorithms, direction =>
            new AeadTransform(new Aead(algorithm, key.Bytes[..keyLength], direction), key.Bytes[keyLength..], icvLength));
        return XfrmResult.Success;
    }

    private static XfrmResult FromTwo(
        EspAlgorithms algorithms, EncryptionKey encryption, AuthenticationKey? authentication, out EspSuite? suite)
    {
        suite = null;
        if (encryption.Name is not ("cbc(aes)" or "aes" or "ecb(cipher_null)" or "cipher_null"))
            return new(XfrmCode.ENOSYS, "Requested CRYPT algorithm not found");
        var isAes = encryption.Name is "cbc(aes)" or "aes";
        var found = Find(authentication, out var hash, out var icvBits);
        if (!found.Succeeded)
            return found;
        var key = encryption.Key;
        if (isAes ? !AesCbc.TakesKey(key.Length) : key.Length != 0)
            return NoSuchKey;

        var (icvLength, length) = (icvBits / 8, isAes ? AesCbc.BlockLength : 0);
        var named = algorithms with
        {
            Encryption = encryption with { Name = isAes ? "cbc(aes)" : "ecb(cipher_null)" },
            Authentication = authentication is null ? null : authentication with { Name = FullName(hash), TruncatedBits = icvBits },
        };
        suite = new(length, length, icvLength, named, direction => new SeparateTransform(
            isAes ? new AesCbc(key.Bytes, direction) : null,
            hash is { } algorithm ? new Hmac(algorithm, authentication!.Key.Bytes) : null,
            icvLength));
        return XfrmResult.Success;
    }

    // The default lengths are the kernel's: SHA-256 has 96 bits there, from a draft before RFC 4868.
    private static XfrmResult Find(AuthenticationKey? chosen, out HmacAlgorithm? hash, out int icvBits)
    {
        (HmacAlgorithm? Hash, int Default)? found = chosen?.Name switch
        {
            null or "digest_null" => (null, 0),
            "hmac(sha1)" or "sha1" => (HmacAlgorithm.Sha1, 96),
            "hmac(sha256)" or "sha256" => (HmacAlgorithm.Sha256, 96),
            "hmac(sha384)" => (HmacAlgorithm.Sha384, 192),
            "hmac(sha512)" => (HmacAlgorithm.Sha512, 256),
            _ => null,
        };
        (hash, icvBits) = found ?? default;
        if (found is null)
            return new(XfrmCode.ENOSYS, "Requested AUTH algorithm not found");
        if (chosen is { TruncatedBits: not 0 })
            icvBits = chosen.TruncatedBits;
        var most = hash is { } algorithm ? Hmac.DigestLength(algorithm) * 8 : 0;
        return icvBits < 0 || icvBits > most ? Invalid("Invalid length requested for truncated ICV") : XfrmResult.Success;
    }

    private static string FullName(HmacAlgorithm? hash) => hash switch
    {
        HmacAlgorithm.Sha1 => "hmac(sha1)",
        HmacAlgorithm.Sha256 => "hmac(sha256)",
        HmacAlgorithm.Sha384 => "hmac(sha384)",
        HmacAlgorithm.Sha512 => "hmac(sha512)",
        _ => "digest_null",
    };

    private static XfrmResult NoSuchKey => Invalid("Kernel was unable to initialize cryptographic operations");

    private static XfrmResult Invalid(string detail) => new(XfrmCode.EINVAL, detail);
}
