using Xunit;

namespace Qanat.Crypto.Tests;

public class LibCryptoTests
{
    [Fact]
    public void A_missing_library_is_named_with_what_to_install()
    {
        var problem = LibCrypto.Find(["libcrypto-that-is-not-there.so"], out var library);
        Assert.Equal(0, library);
        Assert.Equal("libcrypto.so.3 is missing: install OpenSSL 3 (Debian and Ubuntu: apt-get install libssl3)", problem);
    }

    [Fact]
    public void A_library_that_is_no_openssl_3_is_refused() => Assert.Equal(
        "libc.so.6 is older than OpenSSL 3: install OpenSSL 3 (Debian and Ubuntu: apt-get install libssl3)",
        LibCrypto.Find(["not-there.so", "libc.so.6"], out _));

    [Fact]
    public void The_library_is_found()
    {
        Assert.True(LibCrypto.IsAvailable);
        LibCrypto.Require();
    }

    [Fact]
    public void What_libcrypto_refuses_is_said_in_one_line()
    {
        var failure = Assert.Throws<CryptoException>(() => Ciphers.Start("AES-1-NONE", new byte[16], CipherDirection.Seal));
        Assert.StartsWith("AES-1-NONE: ", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public void It_says_which_one_it_is() => Assert.Matches(@"^OpenSSL 3\.\d+\.\d+\S*$", LibCrypto.Version);

    [Fact]
    public void A_library_without_ml_kem_refuses_it_in_one_line_and_says_so_before()
    {
        var failure = Record.Exception(() => new MlKem().Dispose());
        Assert.Equal(MlKem.IsSupported, failure is null);
        if (failure is not null)
            Assert.StartsWith("ML-KEM-768: ", Assert.IsType<CryptoException>(failure).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_bytes_fill_all_and_differ()
    {
        byte[] a = new byte[64], b = new byte[64];
        RandomBytes.Fill(a);
        RandomBytes.Fill(b);
        Assert.NotEqual(a, b);
        Assert.NotEqual(new byte[32], a[32..]);
        RandomBytes.Fill([]);
    }

    [Fact]
    public void A_key_is_wiped_and_never_shown()
    {
        var key = new SecretKey([0xDE, 0xAD, 0xBE, 0xEF]);
        var bytes = key.Bytes;
        Assert.True(key.Equals(new SecretKey([0xDE, 0xAD, 0xBE, 0xEF])));
        Assert.False(key.Equals(new SecretKey([0xDE, 0xAD, 0xBE, 0xEE])));
        Assert.Equal("32 bits", $"{key}");
        key.Dispose();
        Assert.Equal(new byte[4], bytes.ToArray());
        Assert.Throws<ObjectDisposedException>(() => key.Bytes.Length);
    }
}
