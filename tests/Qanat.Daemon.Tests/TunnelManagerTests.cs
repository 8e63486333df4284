using Qanat.Daemon.Tests.Fakes;
using Qanat.Linux;
using Qanat.Packets;

namespace Qanat.Daemon.Tests;

/// <summary>The rules of adding, changing and deleting, as recorded from a real kernel.</summary>
public sealed class TunnelManagerTests : IDisposable
{
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task An_added_tunnel_is_reported_as_it_was_described()
    {
        var eth0 = _bench.Devices.AddForeign("eth0");
        var spec = Bench.Spec("tun1", "10.10.50.186", "10.10.50.71", "eth0") with { Tos = 0x16, Pmtudisc = false };

        var report = await _bench.Tunnels.AddAsync(spec);

        Assert.Equal(spec, report.Spec);
        Assert.Equal(spec, _bench.Tunnels.Get("tun1").Spec);
        Assert.Equal(report.Index, Assert.Single(_bench.Tunnels.List()).Index);
        var parameters = Assert.Single(_bench.Plane.Parameters).Value;
        Assert.Equal((new IPv4Address(0x0A0A32BA), new IPv4Address(0x0A0A3247), (byte)0x16, false, eth0.Index),
            (parameters.Remote, parameters.Local, parameters.Tos, parameters.PathMtuDiscovery, parameters.Link));
    }

    [Fact]
    public async Task A_fixed_ttl_forces_path_mtu_discovery()
    {
        var report = await _bench.Tunnels.AddAsync(Bench.Spec("t") with { Ttl = 64, Pmtudisc = false });
        Assert.True(report.Spec.Pmtudisc);
    }

    [Fact]
    public async Task An_unnamed_tunnel_gets_the_first_free_name()
    {
        Assert.Equal("ipip0", (await _bench.AddAsync("", "192.0.2.1")).Spec.Name);
        Assert.Equal("ipip1", (await _bench.AddAsync("", "192.0.2.2")).Spec.Name);
    }

    [Theory]
    [InlineData("lo", "192.0.2.9", "any", null, Errno.EEXIST)] // a device of any kind
    [InlineData("t", "192.0.2.9", "any", null, Errno.EEXIST)] // a tunnel
    [InlineData("u", "192.0.2.1", "192.0.2.2", null, Errno.EEXIST)] // the same tunnel
    [InlineData("u", "any", "any", null, Errno.EEXIST)] // the fallback device's
    [InlineData("tunl0", "192.0.2.9", "any", null, Errno.EEXIST)]
    [InlineData("u", "192.0.2.256", "any", null, Errno.EINVAL)]
    [InlineData("u", "2001:db8::1", "any", null, Errno.EINVAL)]
    [InlineData("u", "192.0.2.9", "", null, Errno.EINVAL)]
    [InlineData("u", "239.1.1.1", "any", null, Errno.EINVAL)] // a broadcast tunnel requires a source address
    [InlineData("u", "192.0.2.9", "any", "nosuch", Errno.ENODEV)]
    [InlineData("u", "192.0.2.9", "any", "if0", Errno.ENODEV)]
    [InlineData(".", "192.0.2.9", "any", null, Errno.E2BIG)]
    public async Task An_impossible_tunnel_is_refused_and_nothing_is_changed(
        string name, string remote, string local, string? dev, int errno)
    {
        await _bench.AddAsync("t", "192.0.2.1", "192.0.2.2");
        Assert.Equal(errno, await Bench.ErrorOf(() => _bench.AddAsync(name, remote, local, dev)));
        Assert.Equal("t", Assert.Single(_bench.Devices.Tuns).Name);
        Assert.Equal("t", Assert.Single(_bench.Store().Load()).Spec.Name);
    }

    [Fact]
    public async Task An_unknown_mode_is_refused() =>
        Assert.Equal(Errno.EINVAL, await Bench.ErrorOf(() => _bench.Tunnels.AddAsync(new() { Mode = "nosuch", Remote = "192.0.2.1" })));

    [Theory]
    [InlineData("192.0.2.1", "any", null)]
    [InlineData("any", "192.0.2.2", null)]
    [InlineData("192.0.2.1", "192.0.2.2", "lo")] // bound to another device
    [InlineData("any", "any", "lo")]
    [InlineData("239.1.1.1", "192.0.2.2", null)]
    [InlineData("255.255.255.255", "any", null)]
    public async Task A_tunnel_that_differs_may_be_added(string remote, string local, string? dev)
    {
        await _bench.AddAsync("t", "192.0.2.1", "192.0.2.2");
        await _bench.AddAsync("u", remote, local, dev);
        Assert.Equal(2, _bench.Tunnels.Count);
    }

    [Theory]
    [InlineData("192.0.2.9", 9000, "eth9", 8980)] // the device that leads to the remote end
    [InlineData("192.0.2.8", 9000, "eth9", 1380)] // none does: the one it is bound to
    [InlineData("192.0.2.8", 9000, null, 1480)] // nor to any
    [InlineData("any", 9000, "eth9", 1380)]
    [InlineData("192.0.2.9", 65536, null, 65515)]
    [InlineData("192.0.2.9", 70, null, 68)]
    public async Task The_mtu_is_that_of_the_way_less_the_outer_header(string remote, int mtu, string? dev, int expected)
    {
        var way = _bench.Devices.AddForeign("eth0", mtu);
        _bench.Devices.AddForeign("eth9", 1400);
        _bench.Devices.Route = parameters => parameters.Remote.ToString() == "192.0.2.9" ? way.Index : 0;
        Assert.Equal(expected, (await _bench.AddAsync("t", remote, "192.0.2.2", dev)).Mtu);
    }

    [Fact]
    public async Task A_change_keeps_the_device_and_its_mtu()
    {
        var before = await _bench.AddAsync("c", "192.0.2.1", "192.0.2.2");
        var way = _bench.Devices.AddForeign("eth0", 9000);
        _bench.Devices.Route = _ => way.Index;
        var after = await _bench.Tunnels.ChangeAsync("c", Bench.Spec("c", "192.0.2.9", "192.0.2.2") with { Ttl = 32 });
        Assert.Equal((before.Index, before.Mtu, "192.0.2.9", (byte)32), (after.Index, after.Mtu, after.Spec.Remote, after.Spec.Ttl));
        Assert.Equal(32, _bench.Plane.Parameters[before.Index].Ttl);
    }

    [Fact]
    public async Task A_change_of_the_underlay_device_sets_the_mtu_anew()
    {
        await _bench.AddAsync("c");
        _bench.Devices.AddForeign("eth0", 9000);
        Assert.Equal(8980, (await _bench.Tunnels.ChangeAsync("c", Bench.Spec("c", dev: "eth0"))).Mtu);
    }

    [Theory]
    [InlineData("any", "192.0.2.2", Errno.EINVAL)] // point-to-point, and would be so no more
    [InlineData("any", "any", Errno.EEXIST)] // the fallback device's
    [InlineData("192.0.2.5", "192.0.2.2", Errno.EEXIST)] // another tunnel's
    [InlineData("239.1.1.1", "192.0.2.2", Errno.EINVAL)]
    [InlineData("239.1.1.1", "any", Errno.EINVAL)]
    public async Task An_impossible_change_is_refused(string remote, string local, int errno)
    {
        await _bench.AddAsync("c", "192.0.2.1", "192.0.2.2");
        await _bench.AddAsync("d", "192.0.2.5", "192.0.2.2");
        Assert.Equal(errno, await Bench.ErrorOf(() => _bench.Tunnels.ChangeAsync("c", Bench.Spec("c", remote, local))));
        Assert.Equal("192.0.2.1", _bench.Tunnels.Get("c").Spec.Remote);
    }

    [Fact]
    public async Task A_tunnel_without_a_remote_cannot_get_one()
    {
        await _bench.AddAsync("c", "any", "192.0.2.2");
        Assert.Equal(Errno.EINVAL, await Bench.ErrorOf(() => _bench.Tunnels.ChangeAsync("c", Bench.Spec("c", "192.0.2.1", "192.0.2.2"))));
        await _bench.Tunnels.ChangeAsync("c", Bench.Spec("c", "any", "192.0.2.3"));
    }

    [Fact]
    public async Task A_change_renames_nothing()
    {
        await _bench.AddAsync("c");
        Assert.Equal(Errno.EINVAL, await Bench.ErrorOf(() => _bench.Tunnels.ChangeAsync("c", Bench.Spec("d"))));
    }

    [Fact]
    public async Task An_absent_device_is_ENODEV_and_a_foreign_one_EOPNOTSUPP()
    {
        foreach (var (name, errno) in new[] { ("nosuch", Errno.ENODEV), ("lo", Errno.EOPNOTSUPP) })
        {
            Assert.Equal(errno, Assert.Throws<LinuxException>(() => _bench.Tunnels.Get(name)).Error);
            Assert.Equal(errno, await Bench.ErrorOf(() => _bench.Tunnels.ChangeAsync(name, Bench.Spec(name))));
            Assert.Equal(errno, await Bench.ErrorOf(() => _bench.Tunnels.RemoveAsync(name)));
        }
    }

    [Fact]
    public async Task The_fallback_device_is_not_removed() =>
        Assert.Equal(Errno.EPERM, await Bench.ErrorOf(() => _bench.Tunnels.RemoveAsync("tunl0")));

    [Fact]
    public async Task A_removed_tunnel_leaves_nothing()
    {
        await _bench.AddAsync("t");
        await _bench.Tunnels.RemoveAsync("t");
        Assert.Empty(_bench.Tunnels.List());
        Assert.Empty(_bench.Devices.Tuns);
        Assert.Empty(_bench.Plane.Running);
        Assert.Empty(_bench.Store().Load());
        Assert.Equal(Errno.ENODEV, await Bench.ErrorOf(() => _bench.Tunnels.RemoveAsync("t")));
    }

    [Fact]
    public async Task A_renamed_device_goes_by_its_new_name_at_once()
    {
        var index = (await _bench.AddAsync("t")).Index;
        _bench.Devices.RenameForeign(index, "u");
        Assert.Equal("u", _bench.Tunnels.Get("u").Spec.Name);
        Assert.Equal(Errno.ENODEV, Assert.Throws<LinuxException>(() => _bench.Tunnels.Get("t")).Error);

        _bench.Plane.SayRenamed(index, "u");
        // Not Load, which deletes what a save is writing.
        await Until(() => File.ReadAllText(_bench.Paths.State).Contains("\"u\"", StringComparison.Ordinal));
        Assert.Equal("u", Assert.Single(_bench.Store().Load()).Spec.Name);
        Assert.Contains(_bench.Log, line => line.EndsWith("t: is called u now", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_renamed_underlay_device_is_told_by_its_new_name_and_a_deleted_one_by_its_index()
    {
        var eth0 = _bench.Devices.AddForeign("eth0");
        await _bench.AddAsync("t", dev: "eth0");
        _bench.Devices.RenameForeign(eth0.Index, "wan");
        Assert.Equal("wan", _bench.Tunnels.Get("t").Spec.Dev);

        _bench.Devices.Remove(eth0.Index);
        var unnamed = $"if{eth0.Index}";
        Assert.Equal(unnamed, _bench.Tunnels.Get("t").Spec.Dev);
        Assert.Equal(unnamed, (await _bench.Tunnels.ChangeAsync("t", Bench.Spec("t", dev: unnamed) with { Ttl = 9 })).Spec.Dev);
    }

    [Fact]
    public async Task A_device_that_was_deleted_underneath_is_forgotten()
    {
        var index = (await _bench.AddAsync("t")).Index;
        _bench.Devices.Remove(index);
        _bench.Plane.SayGone(index);
        await Until(() => _bench.Tunnels.Count == 0 && _bench.Plane.Running.Count == 0);
        Assert.Empty(_bench.Store().Load());
        Assert.Single(_bench.Log,
            line => line.EndsWith("t: its device was deleted, or moved to another namespace; forgotten", StringComparison.Ordinal));
        await _bench.AddAsync("t");
    }

    [Fact]
    public async Task A_full_disk_is_told_before_anything_is_changed()
    {
        await _bench.AddAsync("t", "192.0.2.1");
        var before = _bench.Tunnels.Get("t");
        _bench.Disk.WriteFault = new IOException("full", Errno.ENOSPC);

        Assert.Equal(Errno.ENOSPC, await Bench.ErrorOf(() => _bench.AddAsync("u", "192.0.2.2")));
        Assert.Equal(Errno.ENOSPC, await Bench.ErrorOf(() => _bench.Tunnels.ChangeAsync("t", Bench.Spec("t", "192.0.2.3"))));
        Assert.Equal(Errno.ENOSPC, await Bench.ErrorOf(() => _bench.Tunnels.RemoveAsync("t")));

        Assert.Equal(before.Spec, _bench.Tunnels.Get("t").Spec);
        Assert.Single(_bench.Devices.Tuns);
        Assert.Single(_bench.Plane.Running);
        _bench.Disk.WriteFault = null;
        await _bench.RestartAsync();
        Assert.Equal(before.Spec, Assert.Single(_bench.Tunnels.List()).Spec);
    }

    [Fact]
    public async Task What_the_kernel_refuses_is_undone()
    {
        _bench.Devices.NextFault = new LinuxException("create", Errno.EPERM);
        Assert.Equal(Errno.EPERM, await Bench.ErrorOf(() => _bench.AddAsync("t")));
        _bench.Plane.Faults.Enqueue(new("attach", Errno.EBUSY));
        Assert.Equal(Errno.EBUSY, await Bench.ErrorOf(() => _bench.AddAsync("t")));
        Assert.Empty(_bench.Devices.Tuns);
        Assert.Empty(_bench.Store().Load());

        await _bench.AddAsync("t");
        _bench.Plane.Faults.Enqueue(new("change", Errno.EINVAL));
        _bench.Devices.AddForeign("eth0", 9000);
        await Bench.ErrorOf(() => _bench.Tunnels.ChangeAsync("t", Bench.Spec("t", dev: "eth0")));
        Assert.Equal((null, 1480), (_bench.Tunnels.Get("t").Spec.Dev, _bench.Tunnels.Get("t").Mtu));
        Assert.Equal(0, Assert.Single(_bench.Store().Load()).Link);

        _bench.Devices.NextFault = new LinuxException("delete", Errno.EPERM);
        Assert.Equal(Errno.EPERM, await Bench.ErrorOf(() => _bench.Tunnels.RemoveAsync("t")));
        Assert.Empty(_bench.Plane.Running);
        await _bench.Tunnels.ReattachAsync();
        Assert.Single(_bench.Plane.Running);
    }

    [Fact]
    public async Task Writers_take_their_turns()
    {
        var adds = Enumerable.Range(1, 50).Select(i => Task.Run(() => _bench.AddAsync("", $"192.0.2.{i}")));
        var names = (await Task.WhenAll(adds)).Select(report => report.Spec.Name);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"ipip{i}").Order(), names.Order());
        Assert.Equal(Errno.EEXIST, await Bench.ErrorOf(() => _bench.AddAsync("", "192.0.2.7")));
    }

    [Fact]
    public async Task Everything_is_removed_at_once_when_asked()
    {
        await _bench.AddAsync("t", "192.0.2.1");
        await _bench.AddAsync("u", "192.0.2.2");
        await _bench.Tunnels.RemoveAllAsync();
        Assert.Empty(_bench.Devices.Tuns);
        Assert.Empty(_bench.Plane.Running);
        Assert.False(File.Exists(_bench.Paths.State));
    }

    private static async Task Until(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!condition())
            await Task.Delay(5, patience.Token);
    }
}
