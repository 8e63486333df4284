using FsCheck;
using FsCheck.Fluent;
using Qanat.Cli.Iproute2;

namespace Qanat.Cli.Tests;

public class NumbersTests
{
    [Theory]
    [InlineData("64", 0, 64)]
    [InlineData("0x40", 0, 64)]
    [InlineData("0X4f", 0, 79)]
    [InlineData("0100", 0, 64)]
    [InlineData("+7", 0, 7)]
    [InlineData(" \t\n\v\f\r9", 0, 9)]
    [InlineData("0", 0, 0)]
    [InlineData("-0", 0, 0)]
    [InlineData("-18446744073709551615", 0, 1)] // wraps around, as strtoul(3) has it
    [InlineData("10", 16, 16)]
    [InlineData("0xfF", 16, 255)]
    [InlineData("b8", 16, 0xB8)]
    [InlineData("4294967295", 0, 4294967295)]
    public void A_number_is_read_as_strtoul_reads_it(string text, int radix, ulong expected)
    {
        Assert.True(Numbers.TryParse(text, radix, uint.MaxValue, out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData(" ", 0)]
    [InlineData("-", 0)]
    [InlineData("x", 0)]
    [InlineData("0x", 0)]
    [InlineData("0x", 16)]
    [InlineData("0xg", 0)]
    [InlineData("08", 0)]
    [InlineData("1 ", 0)]
    [InlineData("1.5", 0)]
    [InlineData("--1", 0)]
    [InlineData("- 1", 0)]
    [InlineData("-1", 0)]
    [InlineData("4294967296", 0)]
    [InlineData("18446744073709551616", 0)]
    [InlineData("-18446744073709551616", 0)]
    [InlineData("99999999999999999999999999", 0)]
    [InlineData("\u0661", 0)]
    public void What_is_no_number_of_32_bits_is_refused(string text, int radix) =>
        Assert.False(Numbers.TryParse(text, radix, uint.MaxValue, out _));

    [Fact]
    public void Every_number_is_read_back_in_each_radix() => Prop.ForAll<uint>(number =>
        Reads($"{number}", 0, number) && Reads($"0x{number:x}", 0, number) && Reads($"{number:X}", 16, number) &&
        Reads("0" + Convert.ToString((long)number, 8), 0, number)).QuickCheckThrowOnFailure();

    [Fact]
    public void No_text_is_too_strange_to_be_refused() => Prop.ForAll<string?, bool>((text, hexadecimal) =>
    {
        var number = Numbers.TryParse(text, hexadecimal ? 16 : 0, byte.MaxValue, out var value);
        var address = Addresses.TryParseIPv4(text ?? "", out _) || Addresses.TryParseIPv6(text ?? "", out _);
        return (!number || value <= byte.MaxValue) && (!address || text!.Length > 0);
    }).QuickCheckThrowOnFailure();

    private static bool Reads(string text, int radix, uint expected) =>
        Numbers.TryParseUInt(text, radix, out var value) && value == expected;
}
