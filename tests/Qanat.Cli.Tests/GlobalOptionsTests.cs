using Qanat.Cli.Iproute2;

namespace Qanat.Cli.Tests;

public class GlobalOptionsTests
{
    [Theory]
    [InlineData("-s -j -p -o -N", "tunnel")]
    [InlineData("-s -s -stat -statistics", "tunnel")]
    [InlineData("-d -r -iec -t -ts -h -br -a -echo -force", "tunnel")]
    [InlineData("--json --pretty", "tunnel")]
    [InlineData("-l 3 -rc 0x1000", "tunnel")]
    [InlineData("--", "-s")]
    public void Options_end_where_the_object_begins(string options, string first)
    {
        GlobalOptions.Parse([.. options.Split(' '), first, "-j"], out var rest);
        Assert.Equal([first, "-j"], rest);
    }

    [Fact]
    public void An_option_may_be_abbreviated()
    {
        var options = Parse("-st", "-js", "-pr", "-one", "-Num", "-net", "blue");
        Assert.True(options.Statistics && options.Json && options.Pretty && options.Oneline && options.Numeric);
        Assert.Equal("blue", options.NetworkNamespace);
    }

    [Fact]
    public void The_first_of_the_options_that_an_abbreviation_fits_is_meant()
    {
        Assert.False(Parse("-h").Help); // -human-readable
        Assert.True(Parse("-he").Help);
        Assert.Null(Parse("-l", "3").NetworkNamespace);
    }

    [Theory]
    [InlineData("-4", 2)]
    [InlineData("-6", 10)]
    [InlineData("-0", 17)]
    [InlineData("-M", 28)]
    [InlineData("-B", 7)]
    [InlineData("-f inet", 2)]
    [InlineData("-fam inet6", 10)]
    [InlineData("-f link", 17)]
    public void A_family_is_chosen_by_number_or_by_name(string words, int family) =>
        Assert.Equal(family, (int)Parse(words.Split(' ')).Family);

    [Theory]
    [InlineData("-c", "Always")]
    [InlineData("-color=always", "Always")]
    [InlineData("-co=auto", "Auto")]
    [InlineData("-c=never", "Never")]
    public void Colours_are_chosen_by_a_value(string word, string expected) => Assert.Equal(expected, Parse(word).Color.ToString());

    [Theory]
    [InlineData("-x", "Option \"-x\" is unknown, try \"qanat -help\".")]
    [InlineData("--nosuch", "Option \"-nosuch\" is unknown, try \"qanat -help\".")]
    [InlineData("-c=blue", "Option \"-c=blue\" is unknown, try \"qanat -help\".")]
    [InlineData("-j=1", "Option \"-j=1\" is unknown, try \"qanat -help\".")]
    [InlineData("-f ipx", "Error: argument \"ipx\" is wrong: invalid protocol family")]
    [InlineData("-rc x", "Invalid rcvbuf size 'x'")]
    [InlineData("-f", "Command line is not complete. Try option \"help\"")]
    [InlineData("-n", "Command line is not complete. Try option \"help\"")]
    public void What_makes_no_sense_is_refused_with_255(string words, string text)
    {
        var failure = Assert.Throws<CommandFailure>(() => Parse(words.Split(' ')));
        Assert.Equal((text, 255), (failure.Message, failure.ExitCode));
    }

    private static GlobalOptions Parse(params string[] words) => GlobalOptions.Parse(words, out _);
}
