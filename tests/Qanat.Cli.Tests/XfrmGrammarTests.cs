using System.Net.Sockets;
using Qanat.Cli.Iproute2;
using Qanat.Cli.Iproute2.Xfrm;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Tests;

/// <summary>The words of <c>xfrm</c>, where the transcripts do not show what becomes of them.</summary>
public class XfrmGrammarTests
{
    private static readonly XfrmSelectorGrammar Selectors = new(ProtocolNames.Default, name => name == "lo");

    [Theory]
    [InlineData("0x0a1", "00a1")]
    [InlineData("0xA1b2", "a1b2")]
    [InlineData("0x", "3078")]
    [InlineData("0", "30")]
    [InlineData("", "")]
    [InlineData("abc", "616263")]
    public void A_key_is_hexadecimal_after_0x_and_text_otherwise(string text, string expected) =>
        Assert.Equal(expected, XfrmKeyMaterial.Parse(text));

    [Theory]
    [InlineData("0x0g", "Error: argument \"0x0g\" is wrong: ALGO-KEYMAT value is invalid")]
    [InlineData("0x 1", "Error: argument \"0x 1\" is wrong: ALGO-KEYMAT value is invalid")]
    public void What_is_no_key_is_refused(string text, string expected) =>
        Assert.Equal(expected, Assert.Throws<CommandFailure>(() => XfrmKeyMaterial.Parse(text)).Message);

    [Fact]
    public void A_key_of_more_than_512_bytes_is_refused() =>
        Assert.Contains("buffer overflow", Assert.Throws<CommandFailure>(() => XfrmKeyMaterial.Parse(new string('x', 513))).Message);

    [Fact]
    public void The_order_of_a_states_words_does_not_matter()
    {
        var left = State("src 192.0.2.1 dst 192.0.2.2 proto esp spi 5 mode tunnel reqid 7 aead a 0x00 128");
        var right = State("reqid 7 aead a 0x00 128 mode tunnel spi 5 proto esp dst 192.0.2.2 src 192.0.2.1");
        Assert.Equal((left.Src, left.Dst, left.Spi, left.Reqid, left.Aead), (right.Src, right.Dst, right.Spi, right.Reqid, right.Aead));
    }

    [Theory]
    [InlineData("replay-window 64 flag esn replay-seq 5 replay-seq-hi 1", 0x1_0000_0005UL)]
    [InlineData("replay-window 8 replay-seq 5 replay-seq-hi 1", 5UL)]
    public void The_upper_half_of_a_sequence_number_counts_with_esn_alone(string words, ulong expected) =>
        Assert.Equal(expected, State($"dst 192.0.2.2 proto esp {words} enc a 0x00").ReplaySeq);

    [Fact]
    public void Flags_add_up_and_have_their_order()
    {
        Assert.Equal(["noecn", "icmp"], State("dst 192.0.2.2 proto esp flag icmp noecn enc a 0x00").Flags);
        Assert.Equal(["noecn", "nopmtudisc"], State("dst 192.0.2.2 proto esp flag 0x5 enc a 0x00").Flags);
    }

    [Theory]
    [InlineData("mark 5", 5U, uint.MaxValue)]
    [InlineData("mark 0x15 mask 0xf", 0x15U, 0xFU)]
    public void A_mark_without_a_mask_counts_in_all_its_bits(string words, uint value, uint mask) =>
        Assert.Equal(new XfrmMarkSpec(value, mask), State($"dst 192.0.2.2 proto esp {words} enc a 0x00").Mark);

    [Fact]
    public void A_mark_of_no_bits_is_none() => Assert.Null(State("dst 192.0.2.2 proto esp mark 5 mask 0 enc a 0x00").Mark);

    [Theory]
    [InlineData("limit byte-hard 5", 5UL)]
    [InlineData("limit byte-hard 18446744073709551615", null)]
    [InlineData("limit packet-hard 5", null)]
    public void The_largest_number_of_bytes_is_no_limit(string words, ulong? expected) =>
        Assert.Equal(expected, State($"dst 192.0.2.2 proto esp {words} enc a 0x00").Limits!.ByteHard);

    [Theory]
    [InlineData("proto tcp sport 0", null)]
    [InlineData("proto tcp sport 5", (ushort)5)]
    [InlineData("proto icmp type 0", (ushort)0)]
    [InlineData("proto gre key 65536", (ushort)1)]
    public void Port_0_is_any_and_type_0_is_one(string words, ushort? expected) =>
        Assert.Equal(expected, Policy($"dir out {words}").Sel.Sport);

    [Theory]
    [InlineData("dir out", "0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("src fd00::/64 dir out", "fd00::/64", "::/0")]
    [InlineData("dst 10.2.0.1 dir out", "0.0.0.0/0", "10.2.0.1/32")]
    [InlineData("src 10.2/255.255.0.0 dir out", "10.2.0.0/16", "0.0.0.0/0")]
    public void A_selector_has_the_family_of_what_was_said(string words, string source, string destination)
    {
        var selector = Policy(words).Sel;
        Assert.Equal((source, destination), (selector.Src, selector.Dst));
    }

    [Fact]
    public void A_template_without_addresses_has_the_family_of_its_policy()
    {
        Assert.Equal("::", Policy("src fd00::/64 dir out tmpl proto esp mode tunnel").Templates[0].Src);
        Assert.Equal("::", Policy("dir out tmpl proto esp mode tunnel src fd00::/64").Templates[0].Src);
        Assert.Equal("0.0.0.0", Policy("dir out tmpl proto esp").Templates[0].Dst);
    }

    [Theory]
    [InlineData("src 192.0.2.0/24", true)]
    [InlineData("src 192.0.3.0/24", false)]
    [InlineData("dst 192.0.2.2 spi 5", true)]
    [InlineData("spi 6", false)]
    [InlineData("proto ah", false)]
    [InlineData("mode transport", false)]
    [InlineData("flag esn", false)]
    [InlineData("dst ::/0", false)]
    public void A_filter_selects_by_everything_that_was_said(string words, bool expected)
    {
        var filter = Grammar().ParseFilter(new(words.Split(' ')));
        Assert.Equal(expected, filter.Selects(new() { Src = "192.0.2.1", Dst = "192.0.2.2", Spi = 5 }));
    }

    [Fact]
    public void Random_words_are_refused_in_one_way_only()
    {
        string[] vocabulary =
        [
            "src", "dst", "192.0.2.1", "2001:db8::1/64", "any", "proto", "esp", "tcp", "spi", "5", "x", "mode", "tunnel", "mark", "mask",
            "flag", "esn", "0xff", "sel", "dev", "lo", "limit", "byte-soft", "encap", "espinudp", "aead", "enc", "a", "0x00", "dir", "out",
            "tmpl", "level", "use", "index", "key", "sport", "type", "offload", "ctx", "coa", "output-mark", "priority", "",
        ];
        var random = new Random(4303);
        for (var i = 0; i < 20_000; i++)
        {
            var words = Enumerable.Range(0, random.Next(12)).Select(_ => vocabulary[random.Next(vocabulary.Length)]).ToArray();
            Attempt(() => Grammar().ParseState(new(words)));
            Attempt(() => Grammar().ParseFilter(new(words)));
            Attempt(() => Policies().ParsePolicy(new(words)));
            Attempt(() => Policies().ParseName(new(words)));
        }

        static void Attempt(Func<object> parse)
        {
            try
            {
                parse();
            }
            catch (CommandFailure failure)
            {
                Assert.True(failure.ExitCode is 1 or 2 or 255, $"{failure.ExitCode}: {failure.Message}");
            }
        }
    }

    private static XfrmStateGrammar Grammar() => new(AddressFamily.Unspecified, Selectors, name => name == "lo");

    private static XfrmPolicyGrammar Policies() => new(AddressFamily.Unspecified, Selectors);

    private static XfrmStateSpec State(string words) => Grammar().ParseState(new(words.Split(' ')));

    private static XfrmPolicySpec Policy(string words) => Policies().ParsePolicy(new(words.Split(' ')));
}
