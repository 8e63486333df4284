using Qanat.Daemon.Api;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Linux;

namespace Qanat.Daemon.Tests;

/// <summary>Many tunnels at once.</summary>
public sealed class BatchTests : IDisposable
{
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static BatchSpec Additions(int count, int from = 0) =>
        new() { Add = [.. Enumerable.Range(from, count).Select(i => Bench.Spec($"t{i}", $"10.0.{i / 250}.{i % 250 + 1}"))] };

    [Fact]
    public async Task The_state_is_saved_as_often_as_for_one_tunnel()
    {
        await _bench.Tunnels.RunAsync(Additions(1));
        var one = _bench.Disk.Writes;
        await _bench.Tunnels.RunAsync(Additions(200, 1));
        Assert.Equal(one, _bench.Disk.Writes - one);
        Assert.Equal(201, _bench.Store().Load().Count);
    }

    [Fact]
    public async Task The_devices_are_not_listed_for_each_tunnel()
    {
        await _bench.Tunnels.RunAsync(new() { Add = [.. Enumerable.Range(1, 200).Select(i => Bench.Spec("", $"192.0.2.{i}"))] });
        Assert.Equal(1, _bench.Devices.Listings);
        Assert.Equal("ipip199", _bench.Tunnels.List()[^1].Spec.Name);
    }

    [Fact]
    public async Task Each_item_has_its_result_and_one_that_fails_does_not_keep_the_others()
    {
        await _bench.AddAsync("t", "192.0.2.1");
        await _bench.AddAsync("u", "192.0.2.2");
        var report = await _bench.Tunnels.RunAsync(new()
        {
            Add = [Bench.Spec("a", "192.0.2.10"), Bench.Spec("b", "192.0.2.10"), Bench.Spec("lo", "192.0.2.11"), Bench.Spec("c", "x")],
            Change = [Bench.Spec("u", "192.0.2.12"), Bench.Spec("nosuch", "192.0.2.13"), Bench.Spec("u", "192.0.2.14")],
            Remove = ["t", "nosuch", "lo", "tunl0", "t"],
        });
        Assert.Equal([0, Errno.EEXIST, Errno.EEXIST, Errno.EINVAL], Errors(report.Added));
        Assert.Equal([0, Errno.ENODEV, Errno.EINVAL], Errors(report.Changed));
        Assert.Equal([0, Errno.ENODEV, Errno.EOPNOTSUPP, Errno.EPERM, Errno.ENODEV], Errors(report.Removed));
        Assert.Equal(["a", "b", "lo", "c"], report.Added.Select(result => result.Name));
        Assert.Equal(_bench.Tunnels.Get("a").Index, report.Added[0].Index);
        Assert.Equal(["u", "a"], _bench.Tunnels.List().Select(tunnel => tunnel.Spec.Name));
        await _bench.RestartAsync();
        Assert.Equal(["192.0.2.12", "192.0.2.10"], _bench.Tunnels.List().Select(tunnel => tunnel.Spec.Remote));
    }

    [Fact]
    public async Task What_goes_makes_room_for_what_comes()
    {
        var old = (await _bench.AddAsync("t", "192.0.2.1")).Index;
        await _bench.AddAsync("u", "192.0.2.2");
        var report = await _bench.Tunnels.RunAsync(new()
        {
            Add = [Bench.Spec("t", "192.0.2.2")],
            Change = [Bench.Spec("u", "192.0.2.1")],
            Remove = ["t"],
        });
        Assert.All(report.Added.Concat(report.Changed).Concat(report.Removed), result => Assert.Null(result.Error));
        Assert.NotEqual(old, _bench.Tunnels.Get("t").Index);
        Assert.Equal(("192.0.2.2", "192.0.2.1"), (_bench.Tunnels.Get("t").Spec.Remote, _bench.Tunnels.Get("u").Spec.Remote));
    }

    [Fact]
    public async Task A_full_disk_is_told_before_anything_is_changed()
    {
        await _bench.AddAsync("t");
        _bench.Disk.WriteFault = new IOException("full", Errno.ENOSPC);
        var batch = Additions(3) with { Remove = ["t"] };
        Assert.Equal(Errno.ENOSPC, await Bench.ErrorOf(() => _bench.Tunnels.RunAsync(batch)));
        Assert.Equal("t", Assert.Single(_bench.Devices.Tuns).Name);
    }

    [Fact]
    public async Task A_device_that_fails_half_way_is_its_own_affair()
    {
        _bench.Plane.Faults.Enqueue(new("attach", Errno.EMFILE));
        var report = await _bench.Tunnels.RunAsync(Additions(3));
        Assert.Equal([Errno.EMFILE, 0, 0], Errors(report.Added));
        Assert.Equal(2, _bench.Devices.Tuns.Count());
        Assert.Equal(2, _bench.Store().Load().Count);
    }

    [Fact]
    public async Task A_kill_at_any_moment_leaves_each_tunnel_as_it_was_or_as_it_was_to_be()
    {
        var batch = new BatchSpec
        {
            Add = [Bench.Spec("a", "192.0.2.10"), Bench.Spec("b", "192.0.2.11")],
            Change = [Bench.Spec("u", "192.0.2.12", dev: "eth0")],
            Remove = ["t", "v"],
        };
        string[] both = ["a 192.0.2.10", "b 192.0.2.11", "t 192.0.2.1", "u 192.0.2.12", "u 192.0.2.2", "v 192.0.2.3"];
        for (var (steps, finished) = (0, false); !finished; steps++)
        {
            using var bench = new Bench();
            bench.Devices.AddForeign("eth0", 9000);
            await bench.AddAsync("t", "192.0.2.1");
            await bench.AddAsync("u", "192.0.2.2");
            await bench.AddAsync("v", "192.0.2.3");
            bench.Crash.Arm(steps);
            try
            {
                await bench.Tunnels.RunAsync(batch);
                finished = true;
            }
            catch (KilledException)
            {
            }
            await bench.RestartAsync();
            var now = bench.Tunnels.List();
            Assert.Subset(both.ToHashSet(), now.Select(tunnel => $"{tunnel.Spec.Name} {tunnel.Spec.Remote}").ToHashSet());
            Assert.Single(now, tunnel => tunnel.Spec.Name == "u");
            Assert.Equal(bench.Devices.Tuns.Select(device => device.Index), now.Select(tunnel => tunnel.Index));
            Assert.Equal(bench.Plane.Running.Keys, now.Select(tunnel => tunnel.Index));
        }
    }

    private static IEnumerable<int> Errors(IEnumerable<BatchResult> results) => results.Select(result => result.Error?.Errno ?? 0);
}
