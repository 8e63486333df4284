using Xunit;

namespace Qanat.Crypto.Tests;

public class AeadTests
{
    private const string GcmText =
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
    private const string GcmData = "feedfacedeadbeeffeedfacedeadbeefabaddad2", GcmNonce = "cafebabefacedbaddecaf888";
    private const string GcmKey = "feffe9928665731c6d6a8f9467308308";

    private static readonly string s_sunscreen = Convert.ToHexString(
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."u8);

    // The algorithm, key, nonce, associated data, cleartext, ciphertext and tag.
    public static TheoryData<AeadAlgorithm, string, string, string, string, string, string> Vectors => new()
    {
        // "The Galois/Counter Mode of Operation (GCM)", which NIST SP 800-38D refers to: test cases 1, 4, 10 and 16.
        { AeadAlgorithm.AesGcm, new('0', 32), new('0', 24), "", "", "", "58e2fccefa7e3061367f1d57a4e7455a" },
        {
            AeadAlgorithm.AesGcm, GcmKey, GcmNonce, GcmData, GcmText,
            "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
            "5bc94fbc3221a5db94fae95ae7121a47"
        },
        {
            AeadAlgorithm.AesGcm, GcmKey + GcmKey[..16], GcmNonce, GcmData, GcmText,
            "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda2710",
            "2519498e80f1478f37ba55bd6d27618c"
        },
        {
            AeadAlgorithm.AesGcm, GcmKey + GcmKey, GcmNonce, GcmData, GcmText,
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
            "76fc6ece0f4e1768cddf8853bb2d551b"
        },
        // RFC 8439, 2.8.2.
        {
            AeadAlgorithm.ChaCha20Poly1305, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", "070000004041424344454647",
            "50515253c0c1c2c3c4c5c6c7", s_sunscreen,
            "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd" +
            "3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116",
            "1ae10b594f09e26a7e902ecbd0600691"
        },
    };

    [Theory]
    [MemberData(nameof(Vectors), DisableDiscoveryEnumeration = true)]
    public void The_published_vectors_are_sealed_and_opened(
        AeadAlgorithm algorithm, string key, string nonce, string data, string clear, string cipher, string tag)
    {
        using var sealer = new Aead(algorithm, Hex(key), CipherDirection.Seal);
        using var opener = new Aead(algorithm, Hex(key), CipherDirection.Open);
        for (var again = 0; again < 3; again++)
        {
            var (text, mac) = (Hex(clear), new byte[16]);
            sealer.Seal(Hex(nonce), Hex(data), text, mac);
            Assert.Equal(Hex(cipher), text);
            Assert.Equal(Hex(tag), mac);
            foreach (var length in (int[])[16, 12, 8])
            {
                text = Hex(cipher);
                Assert.True(opener.TryOpen(Hex(nonce), Hex(data), text, mac.AsSpan(0, length)));
                Assert.Equal(Hex(clear), text);
            }
        }
    }

    [Theory]
    [InlineData(AeadAlgorithm.AesGcm)]
    [InlineData(AeadAlgorithm.ChaCha20Poly1305)]
    public void A_tag_is_cut_to_the_length_asked_for(AeadAlgorithm algorithm)
    {
        using var sealer = new Aead(algorithm, new byte[32], CipherDirection.Seal);
        var whole = new byte[16];
        sealer.Seal(new byte[12], [], new byte[100], whole);
        foreach (var length in (int[])[8, 12])
        {
            var cut = new byte[length];
            sealer.Seal(new byte[12], [], new byte[100], cut);
            Assert.Equal(whole[..length], cut);
        }
    }

    [Theory]
    [InlineData(AeadAlgorithm.AesGcm)]
    [InlineData(AeadAlgorithm.ChaCha20Poly1305)]
    public void Whatever_is_changed_is_found_and_the_next_packet_is_opened_all_the_same(AeadAlgorithm algorithm)
    {
        using var sealer = new Aead(algorithm, new byte[32], CipherDirection.Seal);
        using var opener = new Aead(algorithm, new byte[32], CipherDirection.Open);
        var (text, tag, data, nonce) = (new byte[40], new byte[16], new byte[8], new byte[12]);
        sealer.Seal(nonce, data, text, tag);
        foreach (var part in (byte[][])[text, tag, data, nonce])
            for (var i = 0; i < part.Length; i++)
            {
                part[i] ^= 0x10;
                Assert.False(opener.TryOpen(nonce, data, (byte[])text.Clone(), tag));
                part[i] ^= 0x10;
                var copy = (byte[])text.Clone();
                Assert.True(opener.TryOpen(nonce, data, copy, tag));
                Assert.Equal(new byte[40], copy);
            }
    }

    [Fact]
    public void Every_vector_of_wycheproof_comes_out_with_a_key_set_each_time_and_forged_ones_are_refused()
    {
        using var sealer = new Aead(AeadAlgorithm.ChaCha20Poly1305, new byte[32], CipherDirection.Seal);
        using var opener = new Aead(AeadAlgorithm.ChaCha20Poly1305, new byte[32], CipherDirection.Open);
        var (valid, forged) = (0, 0);
        foreach (var test in Wycheproof.Load("chacha20-poly1305"))
        {
            byte[] nonce = Hex(test[3]), data = Hex(test[4]), clear = Hex(test[5]), text = Hex(test[6]), tag = Hex(test[7]);
            sealer.SetKey(Hex(test[2]));
            opener.SetKey(Hex(test[2]));
            if (nonce.Length != Aead.NonceLength)
            {
                Assert.Throws<ArgumentException>(() => opener.TryOpen(nonce, data, text, tag));
                Assert.Throws<ArgumentException>(() => sealer.Seal(nonce, data, clear, tag));
            }
            else if (test[1] == "valid")
            {
                byte[] sealedText = [.. clear], sealedTag = new byte[16];
                sealer.Seal(nonce, data, sealedText, sealedTag);
                Assert.Equal(text, sealedText);
                Assert.Equal(tag, sealedTag);
                Assert.True(opener.TryOpen(nonce, data, text, tag), $"test {test[0]}");
                Assert.Equal(clear, text);
                valid++;
            }
            else
            {
                Assert.False(opener.TryOpen(nonce, data, text, tag), $"test {test[0]}");
                forged++;
            }
        }
        Assert.Equal((256, 60), (valid, forged));
    }

    [Fact]
    public void A_key_of_another_length_than_the_first_is_not_set()
    {
        using var aead = new Aead(AeadAlgorithm.AesGcm, new byte[16], CipherDirection.Seal);
        Assert.Throws<ArgumentException>(() => aead.SetKey(new byte[32]));
    }

    [Theory]
    [InlineData(AeadAlgorithm.AesGcm, 15)]
    [InlineData(AeadAlgorithm.AesGcm, 0)]
    [InlineData(AeadAlgorithm.ChaCha20Poly1305, 16)]
    public void A_key_of_another_length_is_refused(AeadAlgorithm algorithm, int length) =>
        Assert.Throws<ArgumentException>(() => new Aead(algorithm, new byte[length], CipherDirection.Seal));

    [Fact]
    public void A_cipher_that_was_disposed_of_is_not_used_again()
    {
        var aead = new Aead(AeadAlgorithm.AesGcm, new byte[16], CipherDirection.Seal);
        aead.Dispose();
        aead.Dispose();
        Assert.Throws<ObjectDisposedException>(() => aead.Seal(new byte[12], [], new byte[4], new byte[16]));
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text);
}
