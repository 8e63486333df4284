using Qanat.Linux.Netfilter;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Netfilter;

/// <summary>Whether netfilter has anything to do with outgoing packets, with real rules.</summary>
public sealed class NetfilterHooksTests : IDisposable
{
    private readonly TestNamespace _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_namespace_without_rules_has_none() => Assert.False(Any());

    [Theory]
    [InlineData("ip", "filter", "output")]
    [InlineData("ip", "filter", "postrouting")]
    [InlineData("ip", "route", "output")]
    [InlineData("ip", "nat", "output")]
    [InlineData("ip", "nat", "postrouting")]
    [InlineData("inet", "filter", "output")]
    [InlineData("inet", "filter", "postrouting")]
    [InlineData("inet", "nat", "postrouting")]
    public void A_chain_on_the_way_out_counts_until_it_is_gone(string family, string type, string hook)
    {
        _host.Enter(() =>
        {
            using var hooks = new NetfilterHooks();
            Assert.False(hooks.AnyOutput());
            _host.Do($"nft add table {family} t", $"nft 'add chain {family} t c {{ type {type} hook {hook} priority 0; }}'");
            Assert.True(hooks.AnyOutput());
            Assert.True(hooks.AnyOutput());
            _host.Do($"nft delete table {family} t");
            Assert.False(hooks.AnyOutput());
        });
    }

    [Theory]
    [InlineData("ip", "prerouting")]
    [InlineData("inet", "input")]
    public void A_chain_on_the_way_in_counts(string family, string hook) => _host.Enter(() =>
    {
        using var hooks = new NetfilterHooks();
        Assert.False(hooks.AnyInput());
        _host.Do($"nft add table {family} t", $"nft 'add chain {family} t c {{ type filter hook {hook} priority 0; }}'");
        Assert.True(hooks.AnyInput());
    });

    [Theory]
    [InlineData("netdev")]
    [InlineData("inet")]
    public void A_chain_at_a_device_counts(string family) => _host.Enter(() =>
    {
        using var hooks = new NetfilterHooks();
        _host.Do("ip link add v0 type veth peer name v1");
        Assert.False(hooks.AnyIngress("v0") || hooks.AnyInput());
        _host.Do($"nft add table {family} t", $"nft 'add chain {family} t c {{ type filter hook ingress device v0 priority 0; }}'");
        Assert.True(hooks.AnyIngress("v0") || hooks.AnyInput()); // one of them, by what the kernel lists
    });

    [Theory]
    [InlineData("ip6", "output")]
    [InlineData("arp", "output")]
    [InlineData("bridge", "postrouting")]
    public void Chains_that_see_no_IPv4_packet_do_not_count(string family, string hook)
    {
        _host.Do($"nft add table {family} t", $"nft 'add chain {family} t c {{ type filter hook {hook} priority 0; }}'");
        Assert.False(Any());
    }

    [Fact]
    public void Rules_of_another_namespace_do_not_count()
    {
        using var other = new TestNamespace("other");
        other.Do("nft add table ip t", "nft 'add chain ip t c { type filter hook output priority 0; }'");
        Assert.False(Any());
    }

    [Fact]
    public void Who_may_not_ask_hears_that_something_may_be_there() => _host.Enter(() =>
    {
        using var hooks = new NetfilterHooks();
        Testbed.DropCapabilities();
        Assert.True(hooks.AnyOutput());
    });

    private bool Any() => _host.Enter(() =>
    {
        using var hooks = new NetfilterHooks();
        return hooks.AnyOutput();
    });
}
