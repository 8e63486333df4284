using FsCheck;
using FsCheck.Fluent;
using Qanat.Cli.Iproute2;

namespace Qanat.Cli.Tests;

public class TunnelGrammarTests
{
    private static readonly string[] Vocabulary =
    [
        "mode", "ipip", "gre", "vti", "sit", "isatap", "ip6gre", "remote", "local", "192.0.2.1", "239.1.1.1", "any", "ttl", "64",
        "inherit", "0",
        "tos", "AF11", "inherit/10", "dsfield", "d", "pmtudisc", "nopmtudisc", "dev", "lo", "key", "ikey", "okey", "csum", "iseq",
        "name", "tun1", "help", "", "minimal", "encaplimit", "none", "flowlabel", "dscp", "allow-localremote", "2001:db8::1", "hoplimit",
    ];

    [Theory]
    [InlineData("ipip7", "ipip")]
    [InlineData("gre9", "gre")]
    [InlineData("sitting", "sit")]
    [InlineData("isatap0", "isatap")]
    [InlineData("vti", "vti")]
    [InlineData("minimal0", "minimal")]
    [InlineData("tun1", null)]
    [InlineData("IPIP", null)]
    public void A_name_tells_the_mode_when_it_begins_with_it(string name, string? mode) => Assert.Equal(mode, Parse(name).Mode?.Name);

    [Theory]
    [InlineData("mode ipip mode vti", "vti")]
    [InlineData("mode vti mode ipip", "vti")]
    [InlineData("mode isatap mode sit", "isatap")]
    [InlineData("mode ip/ip mode ipip", "ipip")]
    public void Two_modes_of_one_protocol_are_the_special_one(string words, string mode) => Assert.Equal(mode, Parse(words).Mode?.Name);

    [Theory]
    [InlineData("tos inherit", 0x01)]
    [InlineData("tos inherit/10", 0x11)]
    [InlineData("tos inherit/EF", 0xB9)]
    [InlineData("tos 10/20", 0x10)]
    [InlineData("tos default", 0)]
    [InlineData("tos 10 tclass 20 d 30", 0x30)]
    public void Tos_inherits_with_bit_0(string words, byte tos) => Assert.Equal(tos, Parse(words).Tos);

    [Theory]
    [InlineData("tos inherit/", "inherit")]
    [InlineData("tos inherit/x", "inherit")]
    [InlineData("tos x/10", "x")]
    [InlineData("tos inherited", "inherited")]
    public void A_bad_tos_is_named_up_to_its_slash(string words, string named) =>
        Assert.Equal($"Error: argument \"{named}\" is wrong: bad TOS value", Assert.Throws<CommandFailure>(() => Parse(words)).Message);

    [Fact]
    public void A_multicast_group_is_the_key_of_a_tunnel_that_has_none()
    {
        var request = Parse("mode gre remote 239.1.1.1 local 192.0.2.1 okey 5");
        Assert.Equal((0xEF010101u, 5u), (request.Gre.InputKey, request.Gre.OutputKey));
    }

    [Fact]
    public void The_words_of_a_change_alter_what_is_there_when_the_name_comes_first()
    {
        var grammar = new TunnelGrammar(DsFields.Default, _ => true);
        TunnelRequest Existing(string name) => new() { Name = name, Mode = TunnelMode.Ipip, Ttl = 9, Tos = 8 };

        Assert.Equal((9, 1), Values(grammar.Parse(new(["c1", "tos", "inherit"]), Existing)));
        Assert.Equal((9, 8), Values(grammar.Parse(new(["name", "c1"]), Existing)));
        Assert.Equal((0, 1), Values(grammar.Parse(new(["tos", "inherit", "c1"]), Existing)));

        static (int Ttl, int Tos) Values(TunnelRequest request) => (request.Ttl, request.Tos);
    }

    [Theory]
    [InlineData("flowlabel abc tclass 10", 0xabc, 0x10, 0)]
    [InlineData("flowlabel abc tclass 10 fl inherit tc inherit", 0, 0, 6)]
    [InlineData("flowlabel inherit tos inherit fl 5 d 20", 5, 0x20, 0)]
    [InlineData("dscp inherit allow-localremote encaplimit none", 0, 0, 0x51)]
    [InlineData("allow-localremote encaplimit none noallow-localremote encaplimit 7", 0, 0, 0)]
    public void Over_IPv6_the_last_word_about_a_thing_counts(string words, uint label, byte trafficClass, int flags)
    {
        var request = new Tunnel6Grammar(_ => true).Parse(new(words.Split(' ')), new());
        Assert.Equal((label, trafficClass, flags), (request.FlowLabel, request.TrafficClass, (int)request.Flags));
    }

    [Fact]
    public void Any_words_are_a_request_or_a_failure()
    {
        var words = Gen.OneOf(Gen.Elements(Vocabulary), ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => text.Get));
        Prop.ForAll(words.ListOf().Select(list => list.ToArray()).ToArbitrary(), args =>
        {
            var failure = Record.Exception(() => new TunnelGrammar(DsFields.Default, name => name == "lo").Parse(new(args)));
            var failure6 = Record.Exception(() => new Tunnel6Grammar(name => name == "lo").Parse(new(args), new()));
            return failure is null or CommandFailure && failure6 is null or CommandFailure;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
    }

    private static TunnelRequest Parse(string words) => new TunnelGrammar(DsFields.Default, _ => true).Parse(new(words.Split(' ')));
}
