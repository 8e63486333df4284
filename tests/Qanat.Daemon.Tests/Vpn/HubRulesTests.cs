using Qanat.Daemon.Vpn;
using Qanat.Daemon.Vpn.Firewall;
using Qanat.Linux;
using Qanat.Testing;

namespace Qanat.Daemon.Tests.Vpn;

/// <summary>The firewall of a hub as text, and what nft says of it.</summary>
public sealed class HubRulesTests
{
    private const HubTableParts Whole = HubTableParts.Filter | HubTableParts.Masquerade;

    private static readonly HubScope s_peers = new()
    {
        Device = "hq",
        Subnets = [UplinksTests.Prefix("10.8.0.0/24"), UplinksTests.Prefix("fd00:8::/64")],
    };

    private static readonly HubScope s_intranet = s_peers with { Networks = [UplinksTests.Prefix("192.168.7.0/24")] };

    private static readonly HubScope s_internet =
        s_peers with { Networks = [UplinksTests.Prefix("0.0.0.0/0"), UplinksTests.Prefix("::/0")] };

    [Theory]
    [InlineData("cache initialization failed: Operation not permitted", Errno.EPERM)]
    [InlineData("Could not process rule: Operation not supported", Errno.EIO)]
    public void That_nft_may_not_is_no_fault_of_nfts(string complaint, int error) => Assert.Equal(error, Nft.Failed(complaint).Error);

    [Fact]
    public void An_intranets_table_reads_so() => Assert.Equal(
        """
        table inet qanat-hq {
        flags owner;
        set forwarded4 { type ifname; };
        set forwarded6 { type ifname; };
        chain allowed {
        ct state { established, related } accept;
        ip daddr 10.8.0.0/24 accept;
        ip daddr 192.168.7.0/24 accept;
        ip6 daddr fd00:8::/64 accept;
        drop;
        };
        chain input {
        type filter hook input priority filter; policy accept;
        iifname "hq" jump allowed;
        };
        chain forward {
        type filter hook forward priority filter; policy accept;
        iifname "hq" jump allowed;
        ct state { established, related } accept;
        oifname "hq" drop;
        meta nfproto ipv4 iifname @forwarded4 drop;
        meta nfproto ipv6 iifname @forwarded6 drop;
        };
        chain output {
        type filter hook output priority filter; policy accept;
        oifname "hq" icmp type redirect drop;
        oifname "hq" icmpv6 type nd-redirect drop;
        };
        chain clamp {
        type filter hook forward priority mangle; policy accept;
        iifname "hq" tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu;
        oifname "hq" tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu;
        };
        chain nat {
        type nat hook postrouting priority srcnat; policy accept;
        oifname != { "hq", "lo" } ip saddr 10.8.0.0/24 masquerade;
        oifname != { "hq", "lo" } ip6 saddr fd00:8::/64 masquerade;
        };
        };

        """,
        HubRules.Table(s_intranet, "inet", Whole, owned: true));

    [Fact]
    public void Of_one_family_only_that_family_is_masqueraded()
    {
        var text = HubRules.Table(s_internet, "ip6", HubTableParts.Masquerade, owned: false);
        Assert.StartsWith("table ip6 qanat-hq {\nchain nat {", text, StringComparison.Ordinal);
        Assert.DoesNotContain("ip saddr", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_family_without_addresses_in_the_VPN_opens_nothing()
    {
        var scope = s_internet with { Subnets = [UplinksTests.Prefix("10.8.0.0/24")] };
        Assert.DoesNotContain("ip6 ", HubRules.Table(scope, "inet", Whole, owned: true), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("peers")]
    [InlineData("intranet")]
    [InlineData("internet")]
    public async Task Nft_takes_it_in_one_line_and_its_tables_end_with_it(string access)
    {
        using var host = new TestNamespace();
        using var there = Linux.Namespaces.NetworkNamespace.Open(host.Name);
        var scope = access switch { "peers" => s_peers, "intranet" => s_intranet, _ => s_internet };
        await using (var firewall = new HubFirewall(scope, there, warning => Assert.Fail(warning)))
        {
            await firewall.StartAsync();
            await firewall.SetForwardedAsync(["eth0", "a.b"], []);
            Assert.Contains("flags owner", host.Do("nft list table inet qanat-hq"), StringComparison.Ordinal);
            Assert.Contains("\"eth0\"", host.Do("nft list set inet qanat-hq forwarded4"), StringComparison.Ordinal);
            Assert.Equal(access != "peers", host.Do("nft list ruleset").Contains("masquerade", StringComparison.Ordinal));
            await firewall.SetForwardedAsync([], ["eth1"]);
            Assert.DoesNotContain("eth0", host.Do("nft list ruleset"), StringComparison.Ordinal);
        }
        Assert.Equal("", host.Do("nft list ruleset"));
    }

    [Fact]
    public async Task What_nft_refuses_it_says_and_goes_on()
    {
        using var host = new TestNamespace();
        using var there = Linux.Namespaces.NetworkNamespace.Open(host.Name);
        await using var nft = NftSession.Start(there);
        Assert.Contains("No such file or directory", await nft.RunAsync("add rule inet nowhere here accept;\n"), StringComparison.Ordinal);
        Assert.StartsWith("syntax error", await nft.RunAsync("table table table;\n"), StringComparison.Ordinal);
        Assert.Null(await nft.RunAsync("add table inet qanat-a { flags owner; };\nadd table inet qanat-b;\n"));
        Assert.Equal("table inet qanat-a\ntable inet qanat-b\n", host.Do("nft list tables"));
    }

    [Fact]
    public async Task Tables_that_were_left_are_replaced_and_others_stay()
    {
        using var host = new TestNamespace();
        using var there = Linux.Namespaces.NetworkNamespace.Open(host.Name);
        host.Do("nft add table inet qanat-hq", "nft add table ip qanat-hq", "nft add table inet mine");
        await using (var firewall = new HubFirewall(s_peers, there, warning => Assert.Fail(warning)))
        {
            await firewall.StartAsync();
            Assert.Equal("table inet mine\ntable inet qanat-hq\n", host.Do("nft list tables"));
        }
        Assert.Equal("table inet mine\n", host.Do("nft list tables"));
    }
}
