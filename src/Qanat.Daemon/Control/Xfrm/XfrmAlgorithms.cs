using Qanat.Daemon.Api;
using Qanat.Linux;

namespace Qanat.Daemon.Control.Xfrm;

/// <summary>The algorithms of ESP by the kernel's names (net/xfrm/xfrm_algo.c), as far as RFC 8221 still wants them.</summary>
internal static class XfrmAlgorithms
{
    private const string Uninitialized = "Kernel was unable to initialize cryptographic operations";

    // Bytes of keys with their salts, and the lengths of the integrity check value in bits.
    private static readonly (string Name, int[] KeyBytes, uint[] Bits)[] Aeads =
    [
        ("rfc4106(gcm(aes))", [20, 28, 36], [64, 96, 128]),
        ("rfc7539esp(chacha20,poly1305)", [36], [128]),
    ];

    private static readonly (string Name, string Alias, int[] KeyBytes)[] Ciphers = [("cbc(aes)", "aes", [16, 24, 32])];

    // The usual length of what is left of the hash, and all of it, in bits.
    private static readonly (string Name, string Alias, uint Usual, uint Full)[] Hashes =
    [
        ("hmac(sha1)", "sha1", 96, 160), ("hmac(sha256)", "sha256", 96, 256), ("hmac(sha384)", "", 192, 384), ("hmac(sha512)", "", 256, 512),
    ];

    /// <summary>Finds encryption that authenticates.</summary>
    /// <exception cref="XfrmException">ENOSYS: there is none of that name and length of check value. EINVAL: no hexadecimal key.</exception>
    public static XfrmAlgorithm? Aead(XfrmAlgorithmSpec? spec)
    {
        if (spec is null)
            return null;
        var found = Array.Find(Aeads, aead => aead.Name == spec.Name && aead.Bits.Contains(spec.Bits));
        return found.Name is null ? throw NotFound("AEAD") : new(found.Name, Key(spec), (int)spec.Bits);
    }

    /// <summary>Finds encryption alone.</summary>
    /// <exception cref="XfrmException">ENOSYS: there is none of that name. EINVAL: no hexadecimal key.</exception>
    public static XfrmAlgorithm? Cipher(XfrmAlgorithmSpec? spec)
    {
        if (spec is null)
            return null;
        var found = Array.Find(Ciphers, cipher => spec.Name == cipher.Name || spec.Name == cipher.Alias);
        return found.Name is null ? throw NotFound("CRYPT") : new(found.Name, Key(spec), 0);
    }

    /// <summary>Finds authentication alone.</summary>
    /// <exception cref="XfrmException">ENOSYS: there is none of that name. EINVAL: more bits than it has, or no hexadecimal key.</exception>
    public static XfrmAlgorithm? Hash(XfrmAlgorithmSpec? spec)
    {
        if (spec is null)
            return null;
        var found = Array.Find(Hashes, hash => spec.Name == hash.Name || (spec.Name.Length > 0 && spec.Name == hash.Alias));
        if (found.Name is null)
            throw NotFound("AUTH");
        if (spec.Bits > found.Full || spec.Bits % 8 != 0)
            throw XfrmException.Invalid("Invalid length requested for truncated ICV");
        return new(found.Name, Key(spec), (int)(spec.Bits == 0 ? found.Usual : spec.Bits));
    }

    /// <summary>Checks that keys have the lengths that their algorithms want.</summary>
    /// <exception cref="XfrmException">EINVAL: one has not.</exception>
    public static void CheckKeys(XfrmState state)
    {
        if (state.Aead is { } aead && !Array.Find(Aeads, known => known.Name == aead.Name).KeyBytes.Contains(aead.Key.Length))
            throw XfrmException.Invalid(Uninitialized);
        if (state.Encryption is { } cipher && !Array.Find(Ciphers, known => known.Name == cipher.Name).KeyBytes.Contains(cipher.Key.Length))
            throw new XfrmException(Errno.EINVAL);
    }

    private static byte[] Key(XfrmAlgorithmSpec spec)
    {
        try
        {
            return Convert.FromHexString(spec.Key ?? "");
        }
        catch (FormatException)
        {
            throw XfrmException.Invalid("A key has two hexadecimal digits for each byte");
        }
    }

    private static XfrmException NotFound(string kind) => new(Errno.ENOSYS, $"Requested {kind} algorithm not found");
}
