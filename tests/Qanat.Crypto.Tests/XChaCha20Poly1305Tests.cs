using Qanat.Testing;
using Xunit;
using static Qanat.Crypto.Tests.Wycheproof;

namespace Qanat.Crypto.Tests;

public class XChaCha20Poly1305Tests
{
    [Fact]
    public void The_published_subkey_comes_out() // draft-irtf-cfrg-xchacha-03, 2.2.1
    {
        var subkey = new byte[32];
        byte[] key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        HChaCha20.Derive(key, Hex("000000090000004a0000000031415927"), subkey);
        Assert.Equal(Hex("82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"), subkey);
    }

    // The first of them is draft-irtf-cfrg-xchacha-03, A.3.1.
    [Fact]
    public void Every_vector_of_wycheproof_comes_out_and_forged_ones_are_refused()
    {
        using var cipher = new XChaCha20Poly1305();
        var (valid, forged) = (0, 0);
        foreach (var test in Load("xchacha20-poly1305"))
        {
            byte[] key = Hex(test[2]), nonce = Hex(test[3]), data = Hex(test[4]);
            byte[] clear = Hex(test[5]), text = Hex(test[6]), tag = Hex(test[7]);
            if (nonce.Length != XChaCha20Poly1305.NonceLength)
            {
                Assert.Throws<ArgumentException>(() => cipher.TryOpen(key, nonce, data, text, tag));
                Assert.Throws<ArgumentException>(() => cipher.Seal(key, nonce, data, clear, tag));
            }
            else if (test[1] == "valid")
            {
                byte[] sealedText = [.. clear], sealedTag = new byte[16];
                cipher.Seal(key, nonce, data, sealedText, sealedTag);
                Assert.Equal(text, sealedText);
                Assert.Equal(tag, sealedTag);
                Assert.True(cipher.TryOpen(key, nonce, data, text, tag), $"test {test[0]}");
                Assert.Equal(clear, text);
                valid++;
            }
            else
            {
                Assert.False(cipher.TryOpen(key, nonce, data, text, tag), $"test {test[0]}");
                forged++;
            }
        }
        Assert.Equal((246, 60), (valid, forged));
    }

    [Fact]
    public void Whatever_is_changed_is_found()
    {
        using var cipher = new XChaCha20Poly1305();
        byte[] key = new byte[32], nonce = new byte[24], data = new byte[16], text = new byte[16], tag = new byte[16];
        cipher.Seal(key, nonce, data, text, tag);
        foreach (var part in (byte[][])[key, nonce, data, text, tag])
            for (var i = 0; i < part.Length; i++)
            {
                part[i] ^= 0x80;
                Assert.False(cipher.TryOpen(key, nonce, data, (byte[])text.Clone(), tag));
                part[i] ^= 0x80;
            }
        Assert.True(cipher.TryOpen(key, nonce, data, text, tag));
        Assert.Equal(new byte[16], text);
    }

    [Fact]
    public void To_seal_and_to_refuse_allocates_nothing()
    {
        using var cipher = new XChaCha20Poly1305();
        byte[] key = new byte[32], nonce = new byte[24], text = new byte[16], tag = new byte[16];
        Work(50);
        Allocations.AssertNone(2000, () => Work(1000));

        void Work(int times)
        {
            for (var i = 0; i < times; i++)
            {
                cipher.Seal(key, nonce, [], text, tag);
                tag[0] ^= 1;
                if (cipher.TryOpen(key, nonce, [], text, tag))
                    throw new InvalidOperationException();
            }
        }
    }
}
