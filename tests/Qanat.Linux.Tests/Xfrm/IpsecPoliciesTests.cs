using Qanat.Linux.Xfrm;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Xfrm;

/// <summary>Whether IPsec has policies for outgoing packets, with real ones.</summary>
public sealed class IpsecPoliciesTests : IDisposable
{
    private const string Selector = "src 10.10.50.71 dst 10.10.50.186 proto 4";

    private readonly TestNamespace _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_policy_on_the_way_out_counts_until_it_is_gone() => _host.Enter(() =>
    {
        using var policies = new IpsecPolicies();
        Assert.False(policies.AnyOutput());
        _host.Do($"ip xfrm policy add {Selector} dir out tmpl proto esp mode transport");
        Assert.True(policies.AnyOutput());
        _host.Do($"ip xfrm policy delete {Selector} dir out");
        Assert.False(policies.AnyOutput());
    });

    [Fact]
    public void A_policy_on_the_way_in_does_not_count()
    {
        _host.Do($"ip xfrm policy add {Selector} dir in tmpl proto esp mode transport");
        Assert.False(Any());
    }

    [Fact]
    public void Blocking_what_no_policy_allows_counts_until_it_is_gone() => _host.Enter(() =>
    {
        using var policies = new IpsecPolicies();
        _host.Do("ip xfrm policy setdefault out block");
        Assert.True(policies.AnyOutput());
        _host.Do("ip xfrm policy setdefault out accept");
        Assert.False(policies.AnyOutput());
    });

    [Fact]
    public void Policies_of_another_namespace_do_not_count()
    {
        using var other = new TestNamespace("other");
        other.Do($"ip xfrm policy add {Selector} dir out tmpl proto esp mode transport");
        Assert.False(Any());
    }

    [Fact]
    public void Who_may_not_ask_hears_that_something_may_be_there() => _host.Enter(() =>
    {
        using var policies = new IpsecPolicies();
        Testbed.DropCapabilities();
        Assert.True(policies.AnyOutput());
    });

    private bool Any() => _host.Enter(() =>
    {
        using var policies = new IpsecPolicies();
        return policies.AnyOutput();
    });
}
