using Xunit;
using static Qanat.Crypto.Tests.Wycheproof;

namespace Qanat.Crypto.Tests;

/// <summary>For a libcrypto that has ML-KEM; tests/run gives it one.</summary>
public class MlKemTests
{
    [Fact]
    public void Both_ends_come_to_the_same_secret_and_to_another_each_time()
    {
        Assert.True(MlKem.IsSupported);
        using var pair = new MlKem();
        var (first, second) = (Share(pair), Share(pair));
        Assert.NotEqual(first, second);
        using var other = new MlKem();
        Assert.NotEqual(KeyOf(pair), KeyOf(other));
    }

    [Fact]
    public void Every_vector_of_a_seed_and_a_ciphertext_comes_out()
    {
        var tests = 0;
        foreach (var test in Load("ml-kem-768"))
        {
            using var pair = new MlKem(Hex(test[1]));
            Assert.True(KeyOf(pair).AsSpan().SequenceEqual(Hex(test[2])), $"key of test {test[0]}");
            var secret = new byte[MlKem.SharedSecretLength];
            pair.Decapsulate(Hex(test[3]), secret);
            Assert.True(secret.AsSpan().SequenceEqual(Hex(test[4])), $"secret of test {test[0]}");
            tests++;
        }
        Assert.Equal(33, tests);
    }

    [Fact]
    public void Every_vector_of_an_encapsulation_comes_out_and_keys_that_are_none_are_refused()
    {
        var (tests, refused) = (0, 0);
        foreach (var test in Load("ml-kem-768-encapsulation"))
        {
            var (ciphertext, secret) = (Filled(MlKem.CiphertextLength), Filled(MlKem.SharedSecretLength));
            var isKey = MlKem.TryEncapsulate(Hex(test[1]), ciphertext, secret, Hex(test[2]));
            Assert.Equal(test[3].Length > 0, isKey);
            Assert.True(ciphertext.AsSpan().SequenceEqual(isKey ? Hex(test[3]) : new byte[ciphertext.Length]), $"test {test[0]}");
            Assert.True(secret.AsSpan().SequenceEqual(isKey ? Hex(test[4]) : new byte[secret.Length]), $"test {test[0]}");
            tests++;
            refused += isKey ? 0 : 1;
        }
        Assert.Equal((43, 20), (tests, refused));
    }

    [Fact]
    public void A_ciphertext_that_was_changed_gives_another_secret()
    {
        using var pair = new MlKem();
        var (ciphertext, secret, found) = (new byte[MlKem.CiphertextLength], new byte[32], new byte[32]);
        Assert.True(MlKem.TryEncapsulate(KeyOf(pair), ciphertext, secret));
        for (var place = 0; place < ciphertext.Length; place += 17)
        {
            ciphertext[place] ^= 0x10;
            pair.Decapsulate(ciphertext, found);
            Assert.NotEqual(secret, found);
            ciphertext[place] ^= 0x10;
        }
        pair.Decapsulate(ciphertext, found);
        Assert.Equal(secret, found);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1183)]
    [InlineData(1185)]
    [InlineData(1568)]
    public void Encapsulation_keys_of_other_lengths_are_refused(int length) =>
        Assert.False(MlKem.TryEncapsulate(new byte[length], new byte[MlKem.CiphertextLength], new byte[32]));

    [Fact]
    public void What_has_another_length_is_refused()
    {
        using var pair = new MlKem();
        Assert.Throws<ArgumentException>(() => pair.Decapsulate(new byte[1087], new byte[32]));
        Assert.Throws<ArgumentException>(() => pair.Decapsulate(new byte[1089], new byte[32]));
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Decapsulate(new byte[1088], new byte[31]));
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.CopyEncapsulationKey(new byte[1183]));
        Assert.Throws<ArgumentOutOfRangeException>(() => MlKem.TryEncapsulate(KeyOf(pair), new byte[1087], new byte[32]));
        Assert.Throws<ArgumentException>(() => new MlKem(new byte[63]));
    }

    [Fact]
    public void A_pair_that_was_disposed_of_is_not_used_again()
    {
        var pair = new MlKem();
        pair.Dispose();
        pair.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pair.Decapsulate(new byte[1088], new byte[32]));
        Assert.Throws<ObjectDisposedException>(() => pair.CopyEncapsulationKey(new byte[1184]));
    }

    private static byte[] Share(MlKem pair)
    {
        var (ciphertext, secret, found) = (new byte[MlKem.CiphertextLength], new byte[32], new byte[32]);
        Assert.True(MlKem.TryEncapsulate(KeyOf(pair), ciphertext, secret));
        pair.Decapsulate(ciphertext, found);
        Assert.Equal(secret, found);
        return found;
    }

    private static byte[] KeyOf(MlKem pair)
    {
        var key = new byte[MlKem.EncapsulationKeyLength];
        pair.CopyEncapsulationKey(key);
        return key;
    }

    private static byte[] Filled(int length) => [.. Enumerable.Repeat((byte)0xFF, length)];
}
