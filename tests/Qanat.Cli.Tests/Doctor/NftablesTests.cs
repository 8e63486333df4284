using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Qanat.Cli.Doctor.Checks;
using Qanat.Cli.Doctor.Nftables;
using Qanat.Cli.Tests.Doctor.Support;

namespace Qanat.Cli.Tests.Doctor;

/// <summary>Whether rules of nftables drop outer packets: for certain, or not to be told.</summary>
public class NftablesTests
{
    private static readonly OuterPacket s_packet = new(4, IsIPv6: false)
    {
        InputDevice = "eth0", OutputDevice = "", Source = IPAddress.Parse("192.0.2.2"), Destination = IPAddress.Parse("192.0.2.1"),
    };

    [Theory]
    [InlineData("")]
    [InlineData("""{"match":{"op":"==","left":{"meta":{"key":"iif"}},"right":"lo"}},{"accept":null}""")]
    [InlineData("""{"match":{"op":"in","left":{"ct":{"key":"state"}},"right":[2,4]}},{"accept":null}""")]
    [InlineData("""{"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":{"set":[22,80]}}},{"accept":null}""")]
    [InlineData("""{"match":{"op":"==","left":{"meta":{"key":"l4proto"}},"right":{"set":[6,{"range":[17,47]}]}}},{"accept":null}""")]
    [InlineData("""{"match":{"op":"==","left":{"payload":{"protocol":"ip6","field":"nexthdr"}},"right":4}},{"accept":null}""")]
    [InlineData("""
        {"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":{"prefix":{"addr":"10.0.0.0","len":8}}}},
        {"accept":null}
        """)]
    [InlineData("""{"match":{"op":"!=","left":{"meta":{"key":"iifname"}},"right":"eth*"}},{"accept":null}""")]
    [InlineData("""{"counter":{"packets":0,"bytes":0}}""")]
    [InlineData("""{"match":{"op":"==","left":{"meta":{"key":"mark"}},"right":1}},{"drop":null}""")]
    [InlineData("""{"jump":{"target":"other"}}""")]
    public void A_policy_of_drop_holds_where_no_rule_can_accept(string rule) => Assert.Null(Drop("drop", rule)!.Rule);

    [Theory]
    [InlineData("""{"accept":null}""")]
    [InlineData("""{"match":{"op":"==","left":{"meta":{"key":"l4proto"}},"right":4}},{"accept":null}""")]
    [InlineData("""{"match":{"op":"==","left":{"meta":{"key":"l4proto"}},"right":{"set":[4,47]}}},{"counter":null},{"accept":null}""")]
    [InlineData("""{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"protocol"}},"right":4}},{"accept":null}""")]
    [InlineData("""
        {"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":{"prefix":{"addr":"192.0.2.0","len":24}}}},
        {"accept":null}
        """)]
    [InlineData("""{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":"192.0.2.2"}},{"accept":null}""")]
    [InlineData("""{"match":{"op":"==","left":{"meta":{"key":"iifname"}},"right":"eth*"}},{"accept":null}""")]
    [InlineData("""{"match":{"op":"in","left":{"ct":{"key":"state"}},"right":[8]}},{"accept":null}""")]
    [InlineData("""{"match":{"op":"==","left":{"meta":{"key":"mark"}},"right":1}},{"accept":null}""")]
    [InlineData("""{"limit":{"rate":5,"per":"second"}},{"accept":null}""")]
    [InlineData("""{"xt":{"type":"match","name":"comment"}},{"accept":null}""")]
    [InlineData("""{"vmap":{"key":{"ct":{"key":"state"}},"data":{"set":[]}}}""")]
    [InlineData("""{"match":{"op":"==","left":{"meta":{"key":"l4proto"}},"right":"@tunnels"}},{"accept":null}""")]
    [InlineData("""{"jump":{"target":"accepting"}}""")]
    [InlineData("""{"jump":{"target":"nowhere"}}""")]
    public void Nothing_is_claimed_where_a_rule_accepts_or_may(string rule) => Assert.Null(Drop("drop", rule));

    [Theory]
    [InlineData("""{"drop":null}""")]
    [InlineData("""{"reject":{"type":"icmpx","expr":1}}""")]
    [InlineData("""
        {"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"protocol"}},"right":4}},
        {"counter":null},{"drop":null}
        """)]
    [InlineData("""{"match":{"op":"!=","left":{"meta":{"key":"l4proto"}},"right":{"set":[6,17]}}},{"drop":null}""")]
    public void A_rule_that_drops_is_named(string rule) => Assert.Equal(7, Drop("accept", rule)!.Rule!.Handle);

    [Fact]
    public void A_drop_in_a_chain_that_is_jumped_to_counts_when_the_jump_is_certain()
    {
        Assert.Equal("dropping", Drop("accept", """{"jump":{"target":"dropping"}}""")!.Chain.Name);
        Assert.Null(Drop("accept", """{"limit":{}},{"jump":{"target":"dropping"}}"""));
        Assert.Null(Drop("accept", """{"jump":{"target":"circle"}}"""));
    }

    [Fact]
    public void Chains_of_other_families_and_hooks_do_not_count()
    {
        Assert.Null(Drop("drop", "", family: "ip6"));
        Assert.Null(Drop("drop", "", family: "bridge"));
        Assert.Null(Drop("drop", "", hook: "forward"));
        Assert.NotNull(Drop("drop", "", family: "inet"));
    }

    [Fact]
    public void The_check_tells_what_to_add_or_delete()
    {
        var wire = Bench.Wire(2, "eth0", "192.0.2.1/24");
        var tun = Bench.Tun(3, "tun1", "10.0.0.1/24");
        var machine = Bench.Machine(wire, tun).With(Bench.Ipip(tun, "192.0.2.1", "192.0.2.2"));
        Assert.Empty(machine.Find<FirewallCheck>());
        var closed = (machine with { Firewall = new() { Rules = Ruleset("drop", "", "ip", "input") } }).Only<FirewallCheck>();
        Assert.Equal("firewall-input", closed.Name);
        Assert.Equal("nft add rule ip t base meta l4proto 4 accept", Assert.Single(closed.Do));
        var rules = Ruleset("accept", """{"drop":null}""", "ip", "output");
        var ruled = (machine with { Firewall = new() { Rules = rules } }).Only<FirewallCheck>();
        Assert.Equal("firewall-output", ruled.Name);
        Assert.Equal("nft delete rule ip t base handle 7", ruled.Do[0]);
        Assert.Equal(["note firewall-legacy"], (machine with { Firewall = new() { HasLegacyTables = true } }).Find<FirewallCheck>());
        Assert.Empty((machine with { Firewall = new() { Rules = null } }).Find<FirewallCheck>());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"nftables":7}""")]
    [InlineData("""{"nftables":[7]}""")]
    [InlineData("""{"nftables":[{"chain":7}]}""")]
    public void What_is_not_a_ruleset_is_none(string json) => Assert.Null(NftRuleset.Parse(json));

    [Fact]
    public void Any_rule_is_walked_without_an_exception()
    {
        var piece = Gen.Elements(
            "null", "7", "-1", "\"x\"", "[]", "{}", "[1,[2]]", """{"set":7}""", """{"set":[{"elem":3},{"elem":{"val":4}}]}""",
            """{"range":[1]}""", """{"range":["a",{}]}""", """{"prefix":{"addr":7,"len":"x"}}""", """{"prefix":7}""", """{"meta":7}""",
            """{"meta":{"key":"l4proto"}}""",
            """{"payload":{"protocol":"ip","field":"saddr"}}""", """{"ct":{"key":"state"}}""", "1e99", "99999999999999999999", "\"\"");
        var match = from left in piece from right in piece from op in Gen.Elements("==", "!=", "in", "<")
                    select "{\"match\":{\"op\":\"" + op + "\",\"left\":" + left + ",\"right\":" + right + "}}";
        var names = Gen.Elements("match", "jump", "goto", "accept", "drop", "return", "limit", "vmap", "zzz");
        var other = from name in names from value in piece
                    select "{\"" + name + "\":" + value + "}";
        Prop.ForAll(Gen.OneOf(match, other).ListOf(4).ToArbitrary(), rule => { _ = Drop("drop", string.Join(',', rule)); })
            .QuickCheckThrowOnFailure();
    }

    private static NftDrop? Drop(string policy, string rule, string family = "ip", string hook = "input") =>
        new NftWalk(Ruleset(policy, rule, family, hook), s_packet).FindDrop("prerouting", "input");

    // A base chain with one rule, and chains to jump to.
    private static NftRuleset Ruleset(string policy, string rule, string family, string hook) => NftRuleset.Parse("""
        {"nftables":[{"metainfo":{"version":"1"}},{"table":{"family":"FAMILY","name":"t"}},
        {"chain":{"family":"FAMILY","table":"t","name":"base","type":"filter","hook":"HOOK","prio":0,"policy":"POLICY"}},
        {"chain":{"family":"FAMILY","table":"t","name":"accepting"}},{"chain":{"family":"FAMILY","table":"t","name":"dropping"}},
        {"chain":{"family":"FAMILY","table":"t","name":"other"}},{"chain":{"family":"FAMILY","table":"t","name":"circle"}},
        {"rule":{"family":"FAMILY","table":"t","chain":"accepting","handle":1,"expr":[{"accept":null}]}},
        {"rule":{"family":"FAMILY","table":"t","chain":"dropping","handle":2,"expr":[{"drop":null}]}},
        {"rule":{"family":"FAMILY","table":"t","chain":"other","handle":3,"expr":[{"return":null}]}},
        {"rule":{"family":"FAMILY","table":"t","chain":"circle","handle":4,"expr":[{"jump":{"target":"circle"}}]}},
        {"rule":{"family":"FAMILY","table":"t","chain":"base","handle":7,"expr":[RULE]}}]}
        """.Replace("FAMILY", family).Replace("HOOK", hook).Replace("POLICY", policy).Replace("RULE", rule))!;
}
