using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Qanat.WireGuard.Configuration;
using Xunit;

namespace Qanat.WireGuard.Tests.Configuration;

public class KeyTextTests
{
    private static readonly Arbitrary<byte[]> Keys = ArbMap.Default.GeneratorFor<byte>().ArrayOf(KeyText.KeySize).ToArbitrary();

    [Fact]
    public void Base64_is_that_of_the_platform() => Prop.ForAll(Keys, key =>
    {
        var text = new byte[KeyText.Base64Length];
        KeyText.WriteBase64(key, text);
        var read = new byte[KeyText.KeySize];
        return Encoding.ASCII.GetString(text) == Convert.ToBase64String(key) &&
            KeyText.TryReadBase64(text, read) && read.SequenceEqual(key);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Hexadecimal_is_that_of_the_platform() => Prop.ForAll(Keys, key =>
    {
        var text = new byte[KeyText.HexLength];
        KeyText.WriteHex(key, text);
        var (read, upper) = (new byte[KeyText.KeySize], new byte[KeyText.KeySize]);
        return Encoding.ASCII.GetString(text) == Convert.ToHexStringLower(key) &&
            KeyText.TryReadHex(text, read) && read.SequenceEqual(key) &&
            KeyText.TryReadHex(Encoding.ASCII.GetBytes(Convert.ToHexString(key)), upper) && upper.SequenceEqual(key);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_other_character_anywhere_makes_it_no_key()
    {
        var key = Enumerable.Range(100, KeyText.KeySize).Select(octet => (byte)octet).ToArray();
        var (base64, hex) = (Encoding.ASCII.GetBytes(Convert.ToBase64String(key)), Encoding.ASCII.GetBytes(Convert.ToHexString(key)));
        for (var octet = 0; octet < 256; octet++)
        {
            var isBase64 = octet < 128 && (char.IsAsciiLetterOrDigit((char)octet) || (char)octet is '+' or '/');
            for (var i = 0; i < KeyText.Base64Length - 2; i++)
                Assert.Equal(isBase64, Replaced(base64, i, octet, IsBase64));
            Assert.Equal(octet == '=', Replaced(base64, KeyText.Base64Length - 1, octet, IsBase64));
            for (var i = 0; i < KeyText.HexLength; i++)
                Assert.Equal(char.IsAsciiHexDigit((char)octet), Replaced(hex, i, octet, IsHex));
        }
    }

    [Fact]
    public void The_two_bits_past_the_end_are_zero()
    {
        var text = Encoding.ASCII.GetBytes(Convert.ToBase64String(new byte[KeyText.KeySize]));
        var accepted = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
            .Where(last => Replaced(text, KeyText.Base64Length - 2, last, IsBase64));
        Assert.Equal("AEIMQUYcgkosw048", string.Concat(accepted));
    }

    [Fact]
    public void What_is_no_key_leaves_zeros()
    {
        var key = Enumerable.Repeat((byte)9, KeyText.KeySize).ToArray();
        Assert.False(KeyText.TryReadBase64("xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8D!="u8, key));
        Assert.Equal(new byte[KeyText.KeySize], key);
        key.AsSpan().Fill(9);
        Assert.False(KeyText.TryReadHex(Encoding.ASCII.GetBytes(new string('f', KeyText.HexLength - 1)), key));
        Assert.Equal(new byte[KeyText.KeySize], key);
    }

    [Fact]
    public void Texts_of_any_length_are_read_without_a_fault() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), text =>
    {
        var key = new byte[KeyText.KeySize];
        return !KeyText.TryReadBase64(text, key) && !KeyText.TryReadHex(text, key);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void New_private_keys_are_clamped_and_differ()
    {
        using var first = WireGuardKeys.GeneratePrivate();
        using var second = WireGuardKeys.GeneratePrivate();
        using var shared = WireGuardKeys.GeneratePreshared();
        Assert.Equal((0, 0x40), (first.Bytes[0] & 7, first.Bytes[31] & 0xC0));
        Assert.NotEqual(first, second);
        Assert.NotEqual(first, shared);
        Assert.Equal(KeyText.KeySize, shared.Length);
    }

    private static bool IsBase64(byte[] text) => KeyText.TryReadBase64(text, new byte[KeyText.KeySize]);

    private static bool IsHex(byte[] text) => KeyText.TryReadHex(text, new byte[KeyText.KeySize]);

    private static bool Replaced(byte[] text, int at, int octet, Predicate<byte[]> holds)
    {
        var changed = text.ToArray();
        changed[at] = (byte)octet;
        return holds(changed);
    }
}
