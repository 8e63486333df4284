using Qanat.Daemon.Tests.Fakes;
using Qanat.Linux;

namespace Qanat.Daemon.Tests;

/// <summary>The fallback devices, for those who ask for them.</summary>
public sealed class FallbackTests : IDisposable
{
    private readonly Bench _bench = new(withFallbacks: true);

    public void Dispose() => _bench.Dispose();

    private IEnumerable<string> Names => _bench.Tunnels.List().Select(report => report.Spec.Name);

    [Theory]
    [InlineData("ipip", "tunl0", 0)]
    [InlineData("gre", "gre0", 0)]
    [InlineData("gretap", "gretap0", 0)]
    [InlineData("sit", "sit0", 64)]
    [InlineData("isatap", "sit0", 64)]
    [InlineData("vti", "ip_vti0", 0)]
    [InlineData("ipip6", "ip6tnl0", 0)]
    [InlineData("ip6gre", "ip6gre0", 0)]
    [InlineData("vti6", "ip6_vti0", 0)]
    public async Task It_comes_with_the_first_tunnel_and_goes_with_the_last(string mode, string fallback, byte ttl)
    {
        var local = mode.Contains('6') ? ("2001:db8::1", "2001:db8::2") : ("192.0.2.1", "192.0.2.2");
        await _bench.Tunnels.AddAsync(new() { Name = "t", Mode = mode, Local = local.Item1 });
        await _bench.Tunnels.AddAsync(new() { Name = "u", Mode = mode, Local = local.Item2 });
        Assert.Equal([fallback, "t", "u"], Names);
        var spec = _bench.Tunnels.Get(fallback).Spec;
        Assert.Equal(("any", "any", ttl, false), (spec.Local, spec.Remote, spec.Ttl, spec.Pmtudisc));
        Assert.Equal(mode == "ipip" ? "any" : null, spec.Inner);

        await _bench.RestartAsync();
        Assert.Equal(Errno.EPERM, await Bench.ErrorOf(() => _bench.Tunnels.RemoveAsync(fallback)));
        await _bench.Tunnels.RemoveAsync("t");
        Assert.Equal([fallback, "u"], Names);
        await _bench.Tunnels.RemoveAsync("u");
        Assert.Empty(Names);
        Assert.Empty(_bench.Devices.Tuns);
        Assert.Empty(_bench.Store().Load());
    }

    [Theory]
    [InlineData("minimal")]
    [InlineData("ip6gretap")]
    public async Task Modes_without_one_have_none(string mode)
    {
        await _bench.Tunnels.AddAsync(new() { Name = "t", Mode = mode });
        Assert.Equal(["t"], Names);
    }

    [Fact]
    public async Task Many_tunnels_at_once_bring_one()
    {
        await _bench.Tunnels.RunAsync(new() { Add = [Bench.Spec("t", "192.0.2.1"), Bench.Spec("u", "192.0.2.2")] });
        Assert.Equal(["tunl0", "t", "u"], Names);
        await _bench.Tunnels.RunAsync(new() { Remove = ["t", "u"] });
        Assert.Empty(Names);
    }

    [Fact]
    public async Task A_tunnel_that_cannot_be_brings_none()
    {
        Assert.Equal(Errno.EINVAL, await Bench.ErrorOf(() => _bench.AddAsync("t", "x")));
        Assert.Empty(_bench.Devices.Tuns);
    }

    [Fact]
    public async Task It_goes_when_the_last_tunnels_device_is_deleted_underneath()
    {
        var index = (await _bench.AddAsync("t")).Index;
        _bench.Devices.Remove(index);
        _bench.Plane.SayGone(index);
        Testing.Wait.Until(() => _bench.Tunnels.Count == 0, what: "the fallback device to go");
        Assert.Empty(_bench.Devices.Tuns);
    }

    [Fact]
    public async Task It_can_be_changed_but_gets_no_ends()
    {
        await _bench.AddAsync("t");
        Assert.Equal(3, (await _bench.Tunnels.ChangeAsync("tunl0", new() { Mode = "ipip", Tos = 3, Pmtudisc = false })).Spec.Tos);
        Assert.Equal(Errno.ENOENT, await Bench.ErrorOf(() => _bench.Tunnels.ChangeAsync("tunl0", Bench.Spec("tunl0", "192.0.2.7"))));
    }

    [Fact]
    public async Task Over_IPv6_what_it_carries_is_all_that_changes()
    {
        await _bench.Tunnels.AddAsync(new() { Name = "t", Mode = "ip6ip6", Remote = "2001:db8::1" });
        var before = _bench.Tunnels.Get("ip6tnl0").Spec;
        var wanted = before with { Mode = "ip6any", Ttl = 9, Remote = "2001:db8::2", IPv6 = new() { FlowLabel = 7 } };
        Assert.Equal(before with { Mode = "ip6any" }, (await _bench.Tunnels.ChangeAsync("ip6tnl0", wanted)).Spec);
        await _bench.RestartAsync();
        Assert.Equal(before with { Mode = "ip6any" }, _bench.Tunnels.Get("ip6tnl0").Spec);
        wanted.Remote = "2001:db8::1";
        Assert.Equal(Errno.EEXIST, await Bench.ErrorOf(() => _bench.Tunnels.ChangeAsync("ip6tnl0", wanted)));
    }

    [Fact]
    public async Task A_foreign_device_of_its_name_is_left_alone_with_a_line()
    {
        _bench.Devices.AddForeign("tunl0");
        await _bench.AddAsync("t");
        Assert.Equal(["t"], Names);
        Assert.Contains(_bench.Log, line => line.Contains("tunl0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nobody_who_did_not_ask_gets_one()
    {
        using var bench = new Bench();
        await bench.AddAsync("t");
        Assert.Single(bench.Devices.Tuns);
        Assert.Equal(Errno.EPERM, await Bench.ErrorOf(() => bench.Tunnels.RemoveAsync("tunl0")));
    }
}
