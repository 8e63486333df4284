using FsCheck;
using FsCheck.Fluent;
using Qanat.Cli.Iproute2;
using Qanat.Cli.Tests.Support;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Tests;

public class TunnelRequestTests
{
    [Fact]
    public void A_change_without_words_changes_nothing_over_IPv4() =>
        Prop.ForAll(TunnelSpecs.OverIPv4.ToArbitrary(), spec => TunnelRequest.From(spec).ToSpec(spec) == spec).QuickCheckThrowOnFailure();

    [Fact]
    public void A_change_without_words_changes_nothing_over_IPv6() =>
        Prop.ForAll(TunnelSpecs.OverIPv6.ToArbitrary(), spec => Tunnel6Request.From(spec).ToSpec(spec) == spec).QuickCheckThrowOnFailure();

    [Fact]
    public void A_tunnel_is_among_those_that_its_own_words_select_and_identify() =>
        Prop.ForAll(TunnelSpecs.OverIPv4.ToArbitrary(), TunnelSpecs.OverIPv6.ToArbitrary(), (spec, spec6) =>
        {
            var (tunnel, tunnel6) = (TunnelRequest.From(spec), Tunnel6Request.From(spec6));
            return tunnel.Selects(tunnel) && tunnel.Identifies(tunnel) &&
                tunnel6.Selects(tunnel6) && tunnel6.Identifies(tunnel6) && Tunnel6Request.Everything.Selects(tunnel6);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_change_keeps_what_its_words_cannot_say()
    {
        var encap = new EncapSpec { Type = "fou", DestinationPort = 5555 };
        var spec = new TunnelSpec { Name = "g1", Mode = "gre", IgnoreDf = true, Mark = 7, Encap = encap };
        var words = TunnelRequest.From(spec);
        words.Ttl = 9;
        Assert.Equal(spec with { Ttl = 9 }, words.ToSpec(spec));
    }

    [Theory]
    [InlineData("sit", "isatap", "sit")]
    [InlineData("isatap", "sit", "isatap")]
    [InlineData("ipip", "vti", "ipip")]
    [InlineData("vti", "ipip", "vti")]
    [InlineData("gre", "ipip", "ipip")] // which the daemon refuses
    public void A_change_does_not_turn_a_mode_into_another_of_its_protocol(string before, string asked, string after)
    {
        var words = new TunnelRequest { Name = "t1", Mode = TunnelMode.Find(asked) };
        Assert.Equal(after, words.ToSpec(new TunnelSpec { Name = "t1", Mode = before }).Mode);
    }

    [Theory]
    [InlineData("ip6ip6", "ipip6", "ipip6")]
    [InlineData("ipip6", "any", "ip6any")]
    [InlineData("ip6any", "vti6", "ip6ip6")]
    [InlineData("ip6ip6", "ip6gre", "ip6gre")] // which the daemon refuses
    [InlineData("ip6gre", "ip6ip6", "ip6gre")]
    [InlineData("vti6", "any", "vti6")]
    [InlineData("vti6", "ipip6", "ipip6")]
    public void Over_IPv6_a_change_alters_what_ip6tnl_carries_and_no_kind_of_device(string before, string asked, string after)
    {
        var words = new Tunnel6Request { Name = "t1", Mode = Tunnel6Mode.Find(asked)! };
        Assert.Equal(after, words.ToSpec(new TunnelSpec { Name = "t1", Mode = before }).Mode);
    }

    [Fact]
    public void A_new_tunnel_over_IPv6_has_the_defaults_of_ip() => Assert.Equal(
        new TunnelSpec { Mode = "ip6ip6", Ttl = 64, IPv6 = new() { EncapLimit = 4 } }, new Tunnel6Request().ToSpec());
}
