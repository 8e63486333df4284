using Qanat.Cli.Iproute2;

namespace Qanat.Cli.Tests;

public class DsFieldsTests
{
    [Theory]
    [InlineData("AF11", 0x28)]
    [InlineData("EF", 0xB8)]
    [InlineData("CS7", 0xE0)]
    [InlineData("default", 0)]
    [InlineData("16", 0x16)]
    [InlineData("0x10", 0x10)]
    [InlineData("ff", 0xFF)]
    public void A_value_is_a_name_or_hexadecimal(string text, byte expected)
    {
        Assert.True(DsFields.Default.TryParse(text, out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("af11")]
    [InlineData("100")]
    [InlineData("-1")]
    [InlineData("")]
    [InlineData("x")]
    public void Anything_else_is_refused(string text) => Assert.False(DsFields.Default.TryParse(text, out _));

    [Theory]
    [InlineData(0xB8, false, "EF")]
    [InlineData(0xB8, true, "0xb8")]
    [InlineData(0x16, false, "0x16")]
    [InlineData(0x04, false, "0x04")]
    public void A_value_is_printed_by_its_name(byte value, bool numeric, string expected) =>
        Assert.Equal(expected, DsFields.Default.Text(value, numeric));

    [Fact]
    public void A_file_of_names_takes_the_place_of_the_usual_ones()
    {
        var names = new DsFields(
            ["# a comment", "", "0x10\tlowdelay", "  8  throughput # in decimal", "0x1ff far", "-1 less", "nonsense", "0x20"]);

        Assert.True(names.TryParse("lowdelay", out var lowDelay));
        Assert.Equal(0x10, lowDelay);
        Assert.Equal("throughput", names.Text(8, numeric: false));
        Assert.False(names.TryParse("EF ", out _));
        Assert.Equal("0xb8", names.Text(0xB8, numeric: false));
    }
}
