using Qanat.Testing;
using Xunit;
using static Qanat.Crypto.Tests.Wycheproof;

namespace Qanat.Crypto.Tests;

public class Blake2sTests
{
    // Hash and code come from Python's hashlib.blake2s; a key of bytes 0 to 31, a message of bytes 0, 1, 2 and so on.
    public static TheoryData<int, string, string> Vectors => new()
    {
        { 0, "69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9", "9536f9b267655743dee97b8a670f9f53" },
        { 1, "e34d74dbaf4ff4c6abd871cc220451d2ea2648846c7757fbaac82fe51ad64bea", "13bacfb85b48a1223c595f8c1e7e82cb" },
        { 255, "f03f5789d3336b80d002d59fdf918bdb775b00956ed5528e86aa994acb38fe2d", "cd075928ab7e6883e697fe7fd3ac43ee" },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Hash_and_code_are_those_of_another_implementation(int length, string hash, string code)
    {
        byte[] message = [.. Enumerable.Range(0, length).Select(i => (byte)i)], key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        using var blake2s = new Blake2s();
        using var mac = new Blake2sMac(key);
        byte[] actualHash = new byte[32], actualCode = new byte[16];
        for (var split = 0; split <= length; split++)
        {
            blake2s.Compute(message.AsSpan(0, split), message.AsSpan(split), actualHash);
            Assert.Equal(Hex(hash), actualHash);
        }
        for (var again = 0; again < 3; again++)
        {
            mac.Compute(message, actualCode);
            Assert.Equal(Hex(code), actualCode);
        }
    }

    [Fact]
    public void The_published_hash_comes_out() // RFC 7693, Appendix B
    {
        using var blake2s = new Blake2s();
        var hash = new byte[32];
        blake2s.Compute("abc"u8, [], hash);
        Assert.Equal(Hex("508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"), hash);
    }

    [Fact]
    public void What_is_hashed_may_be_where_the_hash_goes()
    {
        using var blake2s = new Blake2s();
        byte[] bytes = [.. "abc"u8, .. new byte[29]], expected = new byte[32];
        blake2s.Compute((byte[])bytes.Clone(), [1], expected);
        blake2s.Compute(bytes, [1], bytes);
        Assert.Equal(expected, bytes);
    }

    [Fact]
    public void Another_key_makes_another_code_and_only_the_right_one_is_verified()
    {
        using var mac = new Blake2sMac(new byte[32]);
        mac.SetKey("k"u8);
        var code = Hex("f335237426ff5582d0c607ef240684b5");
        Assert.True(mac.Verify("abc"u8, code));
        for (var i = 0; i < code.Length; i++)
        {
            code[i] ^= 1;
            Assert.False(mac.Verify("abc"u8, code));
            code[i] ^= 1;
        }
        Assert.False(mac.Verify("abc"u8, code.AsSpan(0, 15)));
        mac.SetKey("l"u8);
        Assert.False(mac.Verify("abc"u8, code));
    }

    [Fact]
    public void Keys_and_places_of_wrong_lengths_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new Blake2sMac([]));
        Assert.Throws<ArgumentException>(() => new Blake2sMac(new byte[33]));
        using var mac = new Blake2sMac([1]);
        using var blake2s = new Blake2s();
        Assert.Throws<ArgumentOutOfRangeException>(() => mac.Compute([], new byte[15]));
        Assert.Throws<ArgumentOutOfRangeException>(() => blake2s.Compute([], [], new byte[31]));
    }

    [Fact]
    public void What_was_disposed_of_is_not_used_again()
    {
        var (blake2s, mac) = (new Blake2s(), new Blake2sMac([1]));
        blake2s.Dispose();
        mac.Dispose();
        Assert.Throws<ObjectDisposedException>(() => blake2s.Compute([], [], new byte[32]));
        Assert.Throws<ObjectDisposedException>(() => mac.Compute([], new byte[16]));
    }

    // HMAC with BLAKE2s and KDF3: Python's hmac over hashlib.blake2s; the first is what wireguard-go's own test has too.
    [Theory]
    [InlineData("746573742d6b6579", "746573742d696e707574", "6f0e5ad38daba1bea8a0d213688736f19763239305e0f58aba697f9ffc41c633",
        "df1194df20802a4fe594cde27e92991c8cae66c366e8106aaa937a55fa371e8a",
        "fac6e2745a325f5dc5d11a5b165aad08b0ada28e7b4e666b7c077934a4d76c24")]
    [InlineData("776972656775617264", "776972656775617264", "491d43bbfdaa8750aaf535e334ecbfe5129967cd64635101c566d4caefda96e8",
        "1e71a379baefd8a79aa4662212fcafe19a23e2b609a3db7d6bcba8f560e3d25f",
        "31e1ae48bddfbe5de38f295e5452b1909a1b4e38e183926af3780b0c1e1f0160")]
    [InlineData("", "", "8387b46bf43eccfcf349552a095d8315c4055beb90208fb1be23b894bc2ed5d0",
        "58a0e5f6faefccf4807bff1f05fa8a9217945762040bcec2f4b4a62bdfe0e86e",
        "0ce6ea98ec548f8e281e93e32db65621c45eb18dc6f0a7ad94178610a2f7338e")]
    public void The_keys_of_noise_are_derived(string chainingKey, string input, string first, string second, string third)
    {
        using var kdf = new NoiseKdf();
        byte[] a = new byte[32], b = new byte[32], c = new byte[32];
        kdf.Derive(Hex(chainingKey), Hex(input), a);
        Assert.Equal(Hex(first), a);
        a.AsSpan().Clear();
        kdf.Derive(Hex(chainingKey), Hex(input), a, b);
        Assert.Equal((first, second), (Convert.ToHexStringLower(a), Convert.ToHexStringLower(b)));
        kdf.Derive(Hex(chainingKey), Hex(input), a, b, c);
        Assert.Equal((first, second, third), (Convert.ToHexStringLower(a), Convert.ToHexStringLower(b), Convert.ToHexStringLower(c)));
    }

    [Fact]
    public void Hashes_codes_and_keys_allocate_nothing()
    {
        using var blake2s = new Blake2s();
        using var mac = new Blake2sMac([1]);
        using var kdf = new NoiseKdf();
        byte[] key = new byte[32], text = new byte[148];
        Work(50);
        Allocations.AssertNone(1000, () => Work(1000));

        void Work(int times)
        {
            for (var i = 0; i < times; i++)
            {
                blake2s.Compute(text, key, key);
                mac.SetKey(key);
                mac.Verify(text, key.AsSpan(0, 16));
                kdf.Derive(key, text, key, text);
            }
        }
    }
}
