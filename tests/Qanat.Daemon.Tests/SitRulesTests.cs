using Qanat.Daemon.Api;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Linux;

namespace Qanat.Daemon.Tests;

/// <summary>6rd prefixes and potential routers, as a real kernel answered.</summary>
public sealed class SitRulesTests : IDisposable
{
    private readonly Bench _bench = new(withFallbacks: true);

    public void Dispose() => _bench.Dispose();

    private Task<TunnelReport> AddAsync(string mode = "sit") =>
        _bench.Tunnels.AddAsync(new() { Name = "s", Mode = mode, Local = "192.0.2.2" });

    private static RouterSpec Router(string address, bool isDefault = false) => new() { Address = address, Default = isDefault };

    [Theory]
    [InlineData("sit")]
    [InlineData("isatap")]
    public async Task Routers_are_kept_in_their_order_and_survive_the_daemon(string mode)
    {
        var index = (await AddAsync(mode)).Index;
        await _bench.Tunnels.AddRouterAsync("s", Router("192.0.2.1", isDefault: true));
        await _bench.Tunnels.AddRouterAsync("s", Router("192.0.2.5"));
        Assert.Equal(2, _bench.Plane.Parameters[index].Sit.Routers.Count);
        await _bench.RestartAsync();
        Assert.Equal([Router("192.0.2.1", isDefault: true), Router("192.0.2.5")], _bench.Tunnels.Get("s").Spec.Sit!.Routers);

        await _bench.Tunnels.RemoveRouterAsync("s", Router("192.0.2.1"));
        Assert.Equal([Router("192.0.2.5")], _bench.Tunnels.Get("s").Spec.Sit!.Routers);
        await _bench.Tunnels.AddRouterAsync("s", Router("192.0.2.6"));
        Assert.Null((await _bench.Tunnels.RemoveRouterAsync("s", Router("any"))).Spec.Sit);
    }

    [Fact]
    public async Task An_impossible_router_is_refused()
    {
        await AddAsync();
        await _bench.Tunnels.AddRouterAsync("s", Router("192.0.2.1", isDefault: true));
        Assert.Equal(Errno.EEXIST, await Bench.ErrorOf(() => _bench.Tunnels.AddRouterAsync("s", Router("192.0.2.1"))));
        Assert.Equal(Errno.EINVAL, await Bench.ErrorOf(() => _bench.Tunnels.AddRouterAsync("s", Router("any"))));
        Assert.Equal(Errno.EINVAL, await Bench.ErrorOf(() => _bench.Tunnels.AddRouterAsync("s", Router("2001:db8::1"))));
        Assert.Equal(Errno.ENXIO, await Bench.ErrorOf(() => _bench.Tunnels.RemoveRouterAsync("s", Router("192.0.2.77"))));
        Assert.Equal(Errno.EINVAL, await Bench.ErrorOf(() => _bench.Tunnels.AddRouterAsync("sit0", Router("192.0.2.1"))));
        Assert.Equal(Errno.ENODEV, await Bench.ErrorOf(() => _bench.Tunnels.AddRouterAsync("nosuch", Router("192.0.2.1"))));
        Assert.Equal(Errno.EOPNOTSUPP, await Bench.ErrorOf(() => _bench.Tunnels.AddRouterAsync("lo", Router("192.0.2.1"))));
        Assert.Single(_bench.Tunnels.Get("s").Spec.Sit!.Routers);
    }

    [Theory]
    [InlineData("2001:db8::/32", "0.0.0.0/0")]
    [InlineData("2001:db8::/32", "192.0.0.0/8")]
    [InlineData("2001:db8::/40", "192.0.0.0/8")]
    [InlineData("2001:db8:1:2::/64", "192.0.2.1/32")]
    [InlineData("::/0", "192.0.0.0/8")]
    public async Task Prefixes_that_leave_64_bits_are_set(string prefix, string relay)
    {
        await AddAsync();
        var sit = (await _bench.Tunnels.Set6rdAsync("s", new() { Prefix = prefix, RelayPrefix = relay })).Spec.Sit!;
        Assert.Equal((prefix, relay), (sit.Prefix, sit.RelayPrefix));
        await _bench.RestartAsync();
        Assert.Equal(prefix, _bench.Tunnels.Get("s").Spec.Sit!.Prefix);
        Assert.Null((await _bench.Tunnels.Reset6rdAsync("s")).Spec.Sit);
    }

    [Theory]
    [InlineData("2001:db8::/33", "0.0.0.0/0")]
    [InlineData("2001:db8::/64", "192.0.2.0/24")]
    [InlineData("2001:db8::/65", "192.0.2.1/32")]
    [InlineData("2001:db8::1/32", "0.0.0.0/0")]
    [InlineData("2001:db8::/32", "192.0.2.1/8")]
    [InlineData("2001:db8::/32", "192.0.2.0/33")]
    [InlineData("2001:db8::", "0.0.0.0/0")]
    [InlineData("2001:db8::/129", "0.0.0.0/0")]
    [InlineData("2001:db8::/-1", "0.0.0.0/0")]
    [InlineData("192.0.2.0/24", "0.0.0.0/0")]
    [InlineData("x", "0.0.0.0/0")]
    public async Task Other_prefixes_are_refused(string prefix, string relay)
    {
        await AddAsync();
        var spec = new SixRdSpec { Prefix = prefix, RelayPrefix = relay };
        Assert.Equal(Errno.EINVAL, await Bench.ErrorOf(() => _bench.Tunnels.Set6rdAsync("s", spec)));
        Assert.Null(_bench.Tunnels.Get("s").Spec.Sit);
    }

    [Fact]
    public async Task Other_modes_have_neither()
    {
        await _bench.AddAsync("i1");
        Assert.Equal(Errno.EINVAL, await Bench.ErrorOf(() => _bench.Tunnels.AddRouterAsync("i1", Router("192.0.2.1"))));
        Assert.Equal(Errno.EINVAL, await Bench.ErrorOf(() => _bench.Tunnels.Set6rdAsync("i1", new() { Prefix = "2001:db8::/32" })));
        Assert.Equal(Errno.EINVAL, await Bench.ErrorOf(() => _bench.Tunnels.Reset6rdAsync("i1")));
    }

    [Fact]
    public async Task The_fallback_device_has_a_6rd_prefix()
    {
        await AddAsync();
        Assert.Equal("2001:db8::/32", (await _bench.Tunnels.Set6rdAsync("sit0", new() { Prefix = "2001:db8::/32" })).Spec.Sit!.Prefix);
    }
}
