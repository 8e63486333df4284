using Qanat.Testing;
using Xunit;
using static Qanat.Crypto.Tests.Wycheproof;

namespace Qanat.Crypto.Tests;

public class X25519Tests
{
    private const string Alice = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
    private const string AlicesPublic = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
    private const string Bob = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
    private const string BobsPublic = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
    private const string TheirSecret = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";

    [Theory]
    // RFC 7748, 5.2 and 6.1.
    [InlineData(
        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")]
    [InlineData(
        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
        "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957")]
    [InlineData(Alice, BobsPublic, TheirSecret)]
    [InlineData(Bob, AlicesPublic, TheirSecret)]
    public void The_published_vectors_come_out(string privateKey, string publicKey, string secret) =>
        Assert.Equal(Hex(secret), Agree(Hex(privateKey), Hex(publicKey)));

    [Theory]
    [InlineData(Alice, AlicesPublic)]
    [InlineData(Bob, BobsPublic)]
    public void The_public_key_is_derived_from_the_private(string privateKey, string publicKey)
    {
        using var key = new X25519(Hex(privateKey));
        var derived = new byte[32];
        key.CopyPublicKey(derived);
        Assert.Equal(Hex(publicKey), derived);
    }

    [Fact]
    public void A_thousand_rounds_of_the_published_iteration_come_out()
    {
        byte[] k = [9, .. new byte[31]], u = k;
        for (var round = 1; round <= 1000; round++)
        {
            (k, u) = (Agree(k, u)!, k);
            if (round == 1)
                Assert.Equal(Hex("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"), k);
        }
        Assert.Equal(Hex("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"), k);
    }

    [Fact]
    public void Every_vector_of_wycheproof_comes_out_and_secrets_of_zeros_are_refused()
    {
        var (tests, refused) = (0, 0);
        foreach (var test in Load("x25519"))
        {
            var zeros = Hex(test[3]).All(octet => octet == 0);
            Assert.True((zeros ? null : Hex(test[3])).AsSpan().SequenceEqual(Agree(Hex(test[1]), Hex(test[2]))), $"test {test[0]}");
            tests++;
            refused += zeros ? 1 : 0;
        }
        Assert.Equal((518, 31), (tests, refused));
    }

    [Fact]
    public void A_key_that_was_refused_does_no_harm_to_the_next()
    {
        using var alice = new X25519(Hex(Alice));
        var secret = new byte[32];
        for (var i = 0; i < 3; i++)
        {
            Array.Fill(secret, (byte)0xFF);
            Assert.False(alice.TryAgree(new byte[32], secret));
            Assert.Equal(new byte[32], secret);
            Assert.True(alice.TryAgree(Hex(BobsPublic), secret));
            Assert.Equal(Hex(TheirSecret), secret);
        }
    }

    [Fact]
    public void A_generated_key_is_clamped_and_another_each_time()
    {
        using var one = X25519.GeneratePrivateKey();
        using var other = X25519.GeneratePrivateKey();
        Assert.False(one.Equals(other));
        Assert.Equal((0, 0x40), (one.Bytes[0] & 7, one.Bytes[31] & 0xC0));
    }

    [Fact]
    public void Keys_of_other_lengths_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new X25519(new byte[31]));
        using var key = new X25519(Hex(Alice));
        Assert.Throws<ArgumentException>(() => key.TryAgree(new byte[33], new byte[32]));
        Assert.Throws<ArgumentOutOfRangeException>(() => key.TryAgree(new byte[32], new byte[31]));
        Assert.Throws<ArgumentOutOfRangeException>(() => key.CopyPublicKey(new byte[31]));
    }

    [Fact]
    public void A_key_that_was_disposed_of_is_not_used_again()
    {
        var key = new X25519(Hex(Alice));
        key.Dispose();
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.TryAgree(Hex(BobsPublic), new byte[32]));
        Assert.Throws<ObjectDisposedException>(() => key.CopyPublicKey(new byte[32]));
    }

    [Fact]
    public void To_agree_or_to_refuse_allocates_nothing()
    {
        using var key = new X25519(Hex(Alice));
        var (valid, zero, secret) = (Hex(BobsPublic), new byte[32], new byte[32]);
        Agree(50);
        Allocations.AssertNone(400, () => Agree(200));

        void Agree(int times)
        {
            for (var i = 0; i < times; i++)
                if (!key.TryAgree(valid, secret) || key.TryAgree(zero, secret))
                    throw new InvalidOperationException();
        }
    }

    private static byte[]? Agree(byte[] privateKey, byte[] publicKey)
    {
        using var key = new X25519(privateKey);
        var secret = new byte[32];
        return key.TryAgree(publicKey, secret) ? secret : null;
    }
}
