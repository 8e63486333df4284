using System.Text;
using Xunit;

namespace Qanat.Crypto.Tests;

public class HmacTests
{
    private const string Jefe = "4a656665", Wants = "what do ya want for nothing?";

    [Theory]
    // RFC 2202, 3: cases 1 and 2.
    [InlineData(HmacAlgorithm.Sha1, "0b*20", "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00")]
    [InlineData(HmacAlgorithm.Sha1, Jefe, Wants, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")]
    // RFC 4231, 4: cases 1, 2, 5 (cut to 128 bits) and 6 (a key longer than a block).
    [InlineData(HmacAlgorithm.Sha256, "0b*20", "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")]
    [InlineData(HmacAlgorithm.Sha384, "0b*20", "Hi There",
        "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6")]
    [InlineData(HmacAlgorithm.Sha512, "0b*20", "Hi There",
        "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854")]
    [InlineData(HmacAlgorithm.Sha256, Jefe, Wants, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")]
    [InlineData(HmacAlgorithm.Sha384, Jefe, Wants,
        "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649")]
    [InlineData(HmacAlgorithm.Sha512, Jefe, Wants,
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737")]
    [InlineData(HmacAlgorithm.Sha256, "0c*20", "Test With Truncation", "a3b6167473100ee06e0c796c2955552b")]
    [InlineData(HmacAlgorithm.Sha384, "0c*20", "Test With Truncation", "3abf34c3503b2a23a46efc619baef897")]
    [InlineData(HmacAlgorithm.Sha512, "0c*20", "Test With Truncation", "415fad6271580a531d4179bc891d87a6")]
    [InlineData(HmacAlgorithm.Sha256, "aa*131", "Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")]
    // No RFC has them: Python's hmac over hashlib.blake2s.
    [InlineData(HmacAlgorithm.Blake2s, "0b*20", "Hi There", "65a8b7c5cc9136d424e82c37e2707e74e913c0655b99c75f40edf387453a3260")]
    [InlineData(HmacAlgorithm.Blake2s, Jefe, Wants, "90b6281e2f3038c9056af0b4a7e763cae6fe5d9eb4386a0ec95237890c104ff0")]
    [InlineData(HmacAlgorithm.Blake2s, "aa*131", "Test Using Larger Than Block-Size Key - Hash Key First",
        "d23d79394f53d536a096e6514447eeaabb05ded01be32c1937da6a8f7103bc4e")]
    public void The_published_vectors_come_out_in_one_part_and_in_two(HmacAlgorithm algorithm, string key, string text, string code)
    {
        using var hmac = new Hmac(algorithm, KeyOf(key));
        var (data, expected) = (Encoding.ASCII.GetBytes(text), Convert.FromHexString(code));
        for (var split = 1; split <= data.Length; split++)
        {
            var actual = new byte[expected.Length];
            hmac.Compute(data.AsSpan(0, split), data.AsSpan(split), actual);
            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public void No_key_at_all_is_a_key()
    {
        using var hmac = new Hmac(HmacAlgorithm.Sha256, []);
        var code = new byte[32];
        hmac.Compute([], [], code);
        Assert.Equal("B613679A0814D9EC772F95D778C35FC5FF1697C493715653C6C712144292C5AD", Convert.ToHexString(code));
    }

    [Fact]
    public void A_key_that_is_set_later_is_as_good_as_the_first()
    {
        using var hmac = new Hmac(HmacAlgorithm.Sha256, [1, 2, 3]);
        var code = new byte[32];
        foreach (var key in (byte[][])[KeyOf(Jefe), [], KeyOf(Jefe)])
        {
            hmac.SetKey(key);
            hmac.Compute(key.Length == 0 ? [] : Encoding.ASCII.GetBytes(Wants), [], code);
            Assert.Equal(key.Length == 0
                ? "B613679A0814D9EC772F95D778C35FC5FF1697C493715653C6C712144292C5AD"
                : "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843", Convert.ToHexString(code));
        }
    }

    [Fact]
    public void A_code_longer_than_the_hash_is_refused()
    {
        using var hmac = new Hmac(HmacAlgorithm.Sha1, new byte[20]);
        Assert.Throws<ArgumentException>(() => hmac.Compute([1], [], new byte[21]));
    }

    // "0b*20" is twenty times 0b.
    private static byte[] KeyOf(string text)
    {
        var parts = text.Split('*');
        var bytes = Convert.FromHexString(parts[0]);
        return parts.Length == 1 ? bytes : [.. Enumerable.Repeat(bytes[0], int.Parse(parts[1], null))];
    }
}
