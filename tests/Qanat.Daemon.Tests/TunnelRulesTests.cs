using Qanat.Daemon.Api;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Linux;

namespace Qanat.Daemon.Tests;

/// <summary>Which tunnels of each mode may be, and what may be changed, as a real kernel answered.</summary>
public sealed class TunnelRulesTests : IDisposable
{
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static TunnelSpec Spec(
        string mode, string remote, string local, uint? key = null, string? dev = null, string name = "") => new()
    {
        Name = name,
        Mode = mode,
        Remote = remote,
        Local = local,
        Dev = dev,
        Gre = key is null ? null : new() { InputKey = key, OutputKey = key },
    };

    private Task<int> ErrorOf(TunnelSpec spec) => Bench.ErrorOf(() => _bench.Tunnels.AddAsync(spec));

    [Theory]
    [InlineData("ipip", "ipip", Errno.EEXIST)]
    [InlineData("gre", "gre", Errno.EEXIST)]
    [InlineData("gretap", "gretap", Errno.EEXIST)]
    [InlineData("sit", "sit", Errno.ENOBUFS)]
    [InlineData("sit", "isatap", Errno.ENOBUFS)] // one table for both
    [InlineData("vti", "vti", Errno.EEXIST)]
    [InlineData("minimal", "minimal", Errno.EEXIST)]
    [InlineData("ip6ip6", "ipip6", Errno.EEXIST)]
    [InlineData("ip6any", "ip6ip6", Errno.EEXIST)]
    [InlineData("ip6gre", "ip6gre", Errno.ENOBUFS)]
    [InlineData("ip6gretap", "ip6gretap", Errno.EEXIST)]
    [InlineData("vti6", "vti6", Errno.ENOBUFS)]
    public async Task The_same_tunnel_twice_is_refused_as_the_kernel_refuses_it(string first, string second, int errno)
    {
        var (remote, local) = first.Contains('6') ? ("2001:db8::9", "2001:db8::2") : ("192.0.2.9", "192.0.2.2");
        await _bench.Tunnels.AddAsync(Spec(first, remote, local));
        Assert.Equal(errno, await ErrorOf(Spec(second, remote, local)));
        await _bench.Tunnels.AddAsync(Spec(second, remote, local, dev: "lo"));
    }

    [Theory]
    [InlineData("gre", true)]
    [InlineData("gretap", true)]
    [InlineData("vti", false)]
    public async Task An_input_key_tells_tunnels_of_gre_apart_but_not_those_of_vti(string mode, bool apart)
    {
        await _bench.Tunnels.AddAsync(Spec(mode, "192.0.2.9", "192.0.2.2", 1));
        if (apart)
            await _bench.Tunnels.AddAsync(Spec(mode, "192.0.2.9", "192.0.2.2", 2));
        else
            Assert.Equal(Errno.EEXIST, await ErrorOf(Spec(mode, "192.0.2.9", "192.0.2.2", 2)));
    }

    [Fact]
    public async Task An_output_key_tells_no_tunnels_apart()
    {
        await _bench.Tunnels.AddAsync(Spec("gre", "192.0.2.9", "192.0.2.2"));
        Assert.Equal(Errno.EEXIST, await ErrorOf(Spec("gre", "192.0.2.9", "192.0.2.2") with { Gre = new() { OutputKey = 4 } }));
    }

    [Fact]
    public async Task Tunnels_of_other_tables_do_not_clash()
    {
        foreach (var mode in (string[])["ipip", "gre", "gretap", "sit", "vti", "minimal"])
            await _bench.Tunnels.AddAsync(Spec(mode, "192.0.2.9", "192.0.2.2"));
        Assert.Equal(6, _bench.Tunnels.Count);
    }

    [Theory]
    [InlineData("ipip", Errno.EEXIST)]
    [InlineData("gre", Errno.EEXIST)]
    [InlineData("sit", Errno.ENOBUFS)]
    [InlineData("isatap", Errno.ENOBUFS)]
    [InlineData("vti", Errno.EEXIST)]
    [InlineData("ip6ip6", Errno.EEXIST)]
    [InlineData("ip6gre", Errno.ENOBUFS)]
    [InlineData("vti6", Errno.ENOBUFS)]
    public async Task What_the_fallback_device_takes_is_taken(string mode, int errno) =>
        Assert.Equal(errno, await ErrorOf(Spec(mode, "any", "any")));

    [Fact]
    public async Task A_key_is_enough_of_an_end_for_gre() => await _bench.Tunnels.AddAsync(Spec("gre", "any", "any", 5));

    [Theory]
    [InlineData("gre")]
    [InlineData("sit")]
    public async Task A_multicast_remote_needs_a_local_address(string mode)
    {
        Assert.Equal(Errno.EINVAL, await ErrorOf(Spec(mode, "239.1.1.1", "any")));
        await _bench.Tunnels.AddAsync(Spec(mode, "239.1.1.1", "192.0.2.2"));
    }

    [Theory]
    [InlineData("gre", "192.0.2.9", "any", Errno.EINVAL)]
    [InlineData("gre", "192.0.2.9", "239.1.1.1", Errno.EINVAL)]
    [InlineData("gre", "239.1.1.1", "239.1.1.2", Errno.EINVAL)]
    [InlineData("gre", "239.1.1.1", "192.0.2.9", Errno.EINVAL)]
    [InlineData("sit", "192.0.2.9", "any", Errno.EINVAL)]
    [InlineData("sit", "192.0.2.9", "239.1.1.1", 0)]
    [InlineData("isatap", "any", "192.0.2.9", Errno.EINVAL)]
    [InlineData("gretap", "192.0.2.9", "any", 0)]
    [InlineData("ip6ip6", "2001:db8::9", "any", 0)]
    [InlineData("ip6gre", "any", "2001:db8::9", 0)]
    public async Task A_change_keeps_the_shape_of_the_device(string mode, string from, string to, int errno)
    {
        var local = mode.Contains('6') ? "2001:db8::2" : "192.0.2.2";
        await _bench.Tunnels.AddAsync(Spec(mode, from, local, name: "t"));
        var change = () => _bench.Tunnels.ChangeAsync("t", Spec(mode, to, local));
        if (errno == 0)
            Assert.Equal(to, (await change()).Spec.Remote);
        else
            Assert.Equal(errno, await Bench.ErrorOf(change));
    }

    [Fact]
    public async Task A_key_may_change_to_one_that_is_free()
    {
        await _bench.Tunnels.AddAsync(Spec("gre", "192.0.2.9", "192.0.2.2", 1, name: "t"));
        await _bench.Tunnels.AddAsync(Spec("gre", "192.0.2.9", "192.0.2.2", 2, name: "u"));
        Assert.Equal(Errno.EEXIST, await Bench.ErrorOf(() => _bench.Tunnels.ChangeAsync("t", Spec("gre", "192.0.2.9", "192.0.2.2", 2))));
        await _bench.Tunnels.ChangeAsync("t", Spec("gre", "192.0.2.9", "192.0.2.2", 3));
        await _bench.Tunnels.ChangeAsync("u", Spec("gre", "192.0.2.9", "192.0.2.2", 1));
        Assert.Equal(Errno.EEXIST, await ErrorOf(Spec("gre", "192.0.2.9", "192.0.2.2", 3)));
    }

    [Fact]
    public async Task A_tunnel_over_ipv6_may_come_to_carry_something_else_and_no_other_may()
    {
        var index = (await _bench.Tunnels.AddAsync(Spec("ip6ip6", "2001:db8::9", "2001:db8::2", name: "t"))).Index;
        Assert.Equal("ipip6", (await _bench.Tunnels.ChangeAsync("t", Spec("ipip6", "2001:db8::9", "2001:db8::2"))).Spec.Mode);
        Assert.Equal(Tunnels.TunnelMode.Ipip6, _bench.Plane.Parameters[index].Mode);
        await _bench.Tunnels.AddAsync(Spec("gre", "192.0.2.9", "192.0.2.2", name: "u"));
        Assert.Equal(Errno.EINVAL, await Bench.ErrorOf(() => _bench.Tunnels.ChangeAsync("u", Spec("ipip", "192.0.2.9", "192.0.2.2"))));
    }

    [Fact]
    public async Task A_change_leaves_isatap_what_it_is()
    {
        await _bench.Tunnels.AddAsync(Spec("sit", "192.0.2.9", "192.0.2.2", name: "t"));
        Assert.Equal("sit", (await _bench.Tunnels.ChangeAsync("t", Spec("isatap", "192.0.2.9", "192.0.2.2"))).Spec.Mode);
    }

    [Fact]
    public async Task A_network_of_vxlan_is_told_by_identifier_port_and_family()
    {
        var spec = Spec("vxlan", "192.0.2.9", "any", name: "t") with { Vxlan = new() { Id = 1, Port = 4789 } };
        await _bench.Tunnels.AddAsync(spec);
        Assert.Equal(Errno.EEXIST, await ErrorOf(spec with { Name = "u", Remote = "192.0.2.19" }));
        await _bench.Tunnels.AddAsync(spec with { Name = "u", Vxlan = new() { Id = 1, Port = 4790 } });
        await _bench.Tunnels.AddAsync(spec with { Name = "v", Remote = "2001:db8::9" });
        Assert.Equal(Errno.EINVAL, await ErrorOf(spec with { Name = "w", Remote = "239.1.1.1", Vxlan = new() { Id = 2 } }));

        await _bench.Tunnels.ChangeAsync("t", spec with { Remote = "192.0.2.20", Vxlan = new() { Id = 1, Port = 4789, Ageing = 9 } });
        var other = spec with { Vxlan = new() { Id = 3, Port = 4789 } };
        Assert.Equal(Errno.EOPNOTSUPP, await Bench.ErrorOf(() => _bench.Tunnels.ChangeAsync("t", other)));
    }

    [Fact]
    public async Task A_mode_that_is_not_carried_is_unknown()
    {
        _bench.Plane.Lacks.Add(Tunnels.TunnelMode.Sit);
        Assert.Equal(Errno.EINVAL, await ErrorOf(Spec("sit", "192.0.2.9", "any")));
    }
}
