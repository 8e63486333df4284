using System.Text.Json;
using Qanat.Cli.Iproute2;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Tests;

public class TunnelRendererTests
{
    private static readonly CounterReport Counters = new(
        12, 3456, 10, 8, 1234567890, 123456789012, 7,
        new Dictionary<string, long>
        {
            ["ecn-error"] = 4, ["out-of-sequence"] = 5, ["checksum-error"] = 1, ["no-route"] = 3, ["no-state"] = 2, ["dead-loop"] = 2,
            ["inner-header"] = 0, ["no-buffer"] = 9,
        });

    [Fact]
    public void Counters_have_the_places_of_the_kernels_and_a_line_for_the_reasons() => Assert.Equal(
        """
        tun1: ip/ip remote 192.0.2.1 local any ttl inherit
        RX: Packets    Bytes        Errors CsumErrs OutOfSeq Mcasts
            12         3456         10     4        5        8       
        TX: Packets    Bytes        Errors DeadLoop NoRoute  NoBufs
            1234567890 123456789012 7      2        5        9     
        Drops: checksum-error 1  dead-loop 2  ecn-error 4  no-buffer 9  no-route 3  no-state 2  out-of-sequence 5

        """,
        Print("-s", Counters));

    [Fact]
    public void Without_drops_there_is_no_line_about_them() =>
        Assert.DoesNotContain("Drops", Print("-s", Counters with { Drops = new Dictionary<string, long> { ["no-route"] = 0 } }));

    [Fact]
    public void Oneline_puts_backslashes_for_line_ends() =>
        Assert.Matches(@"^tun1: [^\n]*inherit\\RX: [^\n]*\\TX: [^\n]*\\Drops: [^\n]*out-of-sequence 5\n$", Print("-s -o", Counters));

    [Theory]
    [InlineData("-s -j")]
    [InlineData("-s -j -p")]
    public void Counters_are_JSON_where_everything_else_is(string options)
    {
        var tunnel = JsonDocument.Parse(Print(options, Counters)).RootElement[0];
        Assert.Equal(123456789012, tunnel.GetProperty("stats64").GetProperty("tx").GetProperty("bytes").GetInt64());
        var rx = tunnel.GetProperty("stats64").GetProperty("rx");
        Assert.Equal([8, 1, 4, 5],
            new[] { "multicast", "crc_errors", "frame_errors", "fifo_errors" }.Select(name => rx.GetProperty(name).GetInt64()));
        Assert.Equal(3, tunnel.GetProperty("drops").GetProperty("no-route").GetInt64());
    }

    [Theory]
    [InlineData(false, "\e[36mtun1: \e[0mip/ip remote \e[35m192.0.2.1 \e[0mlocal \e[35many\e[0m ttl inherit\n")]
    [InlineData(true, "\e[1;36mtun1: \e[0mip/ip remote \e[1;35m192.0.2.1 \e[0mlocal \e[1;35many\e[0m ttl inherit\n")]
    public void Colours_enclose_names_and_addresses(bool dark, string expected) =>
        Assert.Equal(expected, Print("", Counters, new Palette(enabled: true, dark)));

    [Theory]
    [InlineData("-c", false, null, true)]
    [InlineData("-c=auto", true, null, true)]
    [InlineData("-c=auto", false, null, false)]
    [InlineData("-c -j", true, null, false)]
    [InlineData("-4", true, null, false)]
    public void Colours_depend_on_the_option_and_the_terminal(string options, bool terminal, string? colorFgBg, bool expected) =>
        Assert.Equal(expected, Palette.For(Options(options), terminal, colorFgBg).Device("x") != "x");

    [Theory]
    [InlineData("15;0", true)]
    [InlineData("15;default;8", true)]
    [InlineData("0;15", false)]
    [InlineData("0;7", false)]
    [InlineData("0", false)]
    [InlineData("", false)]
    public void The_background_is_dark_when_the_terminal_says_so(string colorFgBg, bool dark) =>
        Assert.Equal(dark, Palette.For(Options("-c"), terminal: true, colorFgBg).Device("x").Contains("1;36"));

    [Fact]
    public void Numeric_prints_no_names()
    {
        var spec = new TunnelSpec { Name = "t", Mode = "ipip", Tos = 0xB8 };
        var output = new StringWriter();
        new TunnelRenderer(output, Options("-N"), DsFields.Default, Palette.None).Single(new(spec, 1, 1480, true, Counters));
        Assert.Equal("t: ip/ip remote any local any ttl inherit tos 0xb8\n", output.ToString());
    }

    [Theory]
    [InlineData("minimal", "t: min/ip remote any local any ttl inherit")]
    [InlineData("vti", "t: ip/ip remote any local any ttl inherit key 0")]
    [InlineData("sit", "t: ipv6/ip remote any local any ttl inherit 6rd-prefix 2002::/16")]
    [InlineData("gre", "t: gre/ip remote any local any ttl inherit")]
    public void A_mode_is_shown_with_what_it_always_has(string mode, string line)
    {
        var output = new StringWriter();
        new TunnelRenderer(output, Options("-4"), DsFields.Default, Palette.None)
            .Single(new(new() { Name = "t", Mode = mode }, 1, 1480, true, Counters));
        Assert.Equal(line + "\n", output.ToString());
    }

    [Fact]
    public void Over_IPv6_addresses_have_a_colour_of_their_own()
    {
        var output = new StringWriter();
        var spec = new TunnelSpec { Name = "t", Mode = "vti6", Remote = "2001:db8::1" };
        new Tunnel6Renderer(output, Options("-6"), new Palette(enabled: true, dark: false)).Single(new(spec, 1, 1480, true, Counters));
        Assert.StartsWith("\e[36mt: \e[0mipv6/ipv6 remote \e[34m2001:db8::1 \e[0mlocal \e[34m::\e[0m encaplimit 0", output.ToString());
    }

    private static string Print(string options, CounterReport counters, Palette? palette = null)
    {
        var output = new StringWriter();
        var spec = new TunnelSpec { Name = "tun1", Mode = "ipip", Remote = "192.0.2.1" };
        new TunnelRenderer(output, Options(options), DsFields.Default, palette ?? Palette.None).List([new(spec, 1, 1480, true, counters)]);
        return output.ToString();
    }

    private static GlobalOptions Options(string words) =>
        GlobalOptions.Parse(words.Split(' ', StringSplitOptions.RemoveEmptyEntries), out _);
}
