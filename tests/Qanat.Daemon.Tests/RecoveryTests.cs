using FsCheck;
using FsCheck.Fluent;
using Qanat.Daemon.Api;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Linux;

namespace Qanat.Daemon.Tests;

/// <summary>Daemons that are killed at every possible moment, and their successors.</summary>
public sealed class RecoveryTests : IDisposable
{
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Tunnels_come_back_with_the_same_devices()
    {
        await _bench.AddAsync("t", "192.0.2.1", "192.0.2.2");
        await _bench.Tunnels.AddAsync(Bench.Spec("u", "192.0.2.3", dev: "lo") with { Ttl = 9, Tos = 3 });
        var before = _bench.Tunnels.List().Select(report => (report.Spec, report.Index, report.Mtu));
        await _bench.RestartAsync();
        Assert.Equal(before, _bench.Tunnels.List().Select(report => (report.Spec, report.Index, report.Mtu)));
        Assert.Equal(2, _bench.Plane.Running.Count);
    }

    [Fact]
    public async Task A_device_that_was_renamed_meanwhile_comes_back_by_its_new_name()
    {
        _bench.Devices.RenameForeign((await _bench.AddAsync("t")).Index, "u");
        await _bench.RestartAsync();
        Assert.Equal("u", Assert.Single(_bench.Tunnels.List()).Spec.Name);
        Assert.Equal("u", Assert.Single(_bench.Plane.Running).Value.Name);
    }

    [Fact]
    public async Task A_device_that_was_deleted_meanwhile_is_forgotten_with_a_line()
    {
        _bench.Devices.Remove((await _bench.AddAsync("t")).Index);
        await _bench.RestartAsync();
        Assert.Equal(0, _bench.Tunnels.Count);
        Assert.Single(_bench.Log, line => line.EndsWith("t: its device was deleted meanwhile; forgotten", StringComparison.Ordinal));
        Assert.Empty(_bench.Store().Load());
    }

    [Fact]
    public async Task An_index_that_belongs_to_another_kind_of_device_is_not_taken()
    {
        var index = (await _bench.AddAsync("t")).Index;
        _bench.Devices.Remove(index);
        _bench.Devices.AddForeign("eth0", index: index);
        await _bench.RestartAsync();
        Assert.Equal(0, _bench.Tunnels.Count);
    }

    [Fact]
    public async Task A_device_that_is_still_held_is_waited_for()
    {
        await _bench.AddAsync("t");
        var next = new FakePlane();
        for (var i = 0; i < 5; i++)
            next.Faults.Enqueue(new("attach", Errno.EBUSY));
        using var tunnels = new Control.TunnelManager(next, _bench.Devices, _bench.Store(), new FakeLog().Log);
        Assert.Equal(1, await tunnels.RecoverAsync());
        Assert.Single(next.Running);
    }

    [Fact]
    public async Task A_device_that_cannot_be_attached_is_kept_reported_and_tried_again()
    {
        await _bench.AddAsync("t");
        var next = new FakePlane();
        next.Faults.Enqueue(new("attach", Errno.EPERM));
        next.Faults.Enqueue(new("attach", Errno.EPERM));
        var log = new FakeLog();
        using var tunnels = new Control.TunnelManager(next, _bench.Devices, _bench.Store(), log.Log);

        Assert.Equal(1, await tunnels.RecoverAsync());
        Assert.Equal("t", Assert.Single(tunnels.List()).Spec.Name);
        await tunnels.ReattachAsync();
        Assert.Empty(next.Running);
        await tunnels.ReattachAsync();
        Assert.Single(next.Running);
        Assert.Single(log.Lines);
    }

    public static TheoryData<string> Operations => ["add", "add unnamed", "change", "change dev", "remove", "recover"];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task A_kill_after_any_step_leaves_the_tunnel_as_it_was_or_as_it_was_to_be(string operation)
    {
        var steps = 0;
        for (var finished = false; !finished; steps++)
        {
            using var bench = new Bench();
            bench.Devices.AddForeign("eth0", 9000);
            await bench.AddAsync("other", "192.0.2.200");
            if (operation != "add" && operation != "add unnamed")
                await bench.AddAsync("t", "192.0.2.1", "192.0.2.2");
            var before = Picture(bench);

            bench.Crash.Arm(steps);
            finished = !await DiesAsync(() => Run(bench, operation));
            var after = finished ? Picture(bench) : null;
            await bench.RestartAsync();

            AssertSound(bench);
            var now = Picture(bench);
            if (after is not null)
                Assert.Equal(after, now);
            else
                Assert.True(now.SequenceEqual(before) || now.SequenceEqual(await Outcome(operation)),
                    $"{operation}, killed after {steps} steps");

            // Nothing that was half done is in the way.
            await bench.AddAsync("next", "192.0.2.77");
            await bench.RestartAsync();
            Assert.Equal(now.Count + 1, bench.Tunnels.Count);
        }
        Assert.True(steps > 3, "the kill must have come between steps");
    }

    [Fact]
    public void Whatever_is_done_and_whenever_it_is_killed_no_device_is_orphaned_and_no_tunnel_lost()
    {
        var step = from kind in Gen.Choose(0, 3)
                   from which in Gen.Choose(0, 4)
                   from kill in Gen.Choose(0, 24)
                   select (kind, which, kill);
        Prop.ForAll(step.ListOf().ToArbitrary(), history => Live([.. history]).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    private static async Task<bool> Live((int Kind, int Which, int Kill)[] history)
    {
        using var bench = new Bench();
        bench.Devices.AddForeign("eth0", 9000);
        var expected = new Dictionary<string, string>();
        foreach (var (kind, which, kill) in history)
        {
            var (name, remote) = ($"t{which}", $"192.0.2.{10 * kind + which + 1}");
            bench.Crash.Arm(kill < 20 ? kill : int.MaxValue);
            var known = expected.ContainsKey(name);
            var killed = false;
            try
            {
                killed = await DiesAsync(async () =>
                {
                    switch (kind)
                    {
                        case 0:
                            await bench.AddAsync(name, remote);
                            break;
                        case 1:
                            await bench.Tunnels.ChangeAsync(name, Bench.Spec(name, remote, dev: "eth0"));
                            break;
                        case 2:
                            await bench.Tunnels.RemoveAsync(name);
                            break;
                    }
                });
                if (!killed && kind < 2)
                    expected[name] = remote;
                else if (!killed && kind == 2)
                    expected.Remove(name);
            }
            catch (LinuxException refused)
            {
                Assert.True(kind == 0 ? known && refused.Error == Errno.EEXIST : !known && refused.Error == Errno.ENODEV);
            }
            if (killed || kind == 3)
            {
                await bench.RestartAsync();
                var found = bench.Tunnels.List().ToDictionary(report => report.Spec.Name, report => report.Spec.Remote);
                foreach (var other in expected.Keys.Union(found.Keys).Where(other => other != name))
                    Assert.Equal(expected[other], found[other]);
                expected = found;
            }
            bench.Crash.Disarm();
            AssertSound(bench);
        }
        return true;
    }

    // Every persistent device is a tunnel's and every tunnel runs, by the same parameters everywhere.
    private static void AssertSound(Bench bench)
    {
        var reports = bench.Tunnels.List();
        Assert.Equal(bench.Devices.Tuns.Select(device => device.Index), reports.Select(report => report.Index));
        Assert.Equal(bench.Plane.Running.Keys, reports.Select(report => report.Index));
        foreach (var report in reports)
            Assert.Equal(report.Spec.Remote, bench.Plane.Parameters[report.Index].Remote.ToString());
        Assert.Equal(reports.Length, bench.Store().Load().Count(entry => entry is { Phase: State.StatePhase.Live, PendingMtu: 0 }));
    }

    private static async Task<List<(TunnelSpec, int Mtu)>> Outcome(string operation)
    {
        using var bench = new Bench();
        bench.Devices.AddForeign("eth0", 9000);
        await bench.AddAsync("other", "192.0.2.200");
        if (operation != "add" && operation != "add unnamed")
            await bench.AddAsync("t", "192.0.2.1", "192.0.2.2");
        await Run(bench, operation);
        return Picture(bench);
    }

    private static Task Run(Bench bench, string operation) => operation switch
    {
        "add" => bench.AddAsync("t", "192.0.2.1"),
        "add unnamed" => bench.AddAsync("", "192.0.2.1"),
        "change" => bench.Tunnels.ChangeAsync("t", Bench.Spec("t", "192.0.2.9", "192.0.2.2") with { Ttl = 5 }),
        "change dev" => bench.Tunnels.ChangeAsync("t", Bench.Spec("t", "192.0.2.1", "192.0.2.2", "eth0")),
        "remove" => bench.Tunnels.RemoveAsync("t"),
        _ => Recover(bench),
    };

    // A recovery that may be killed like anything else.
    private static async Task Recover(Bench bench)
    {
        using var tunnels = new Control.TunnelManager(new FakePlane(bench.Crash), bench.Devices, bench.Store(), new FakeLog().Log);
        await tunnels.RecoverAsync();
    }

    private static List<(TunnelSpec, int Mtu)> Picture(Bench bench) =>
        [.. bench.Tunnels.List().Select(report => (report.Spec, report.Mtu))];

    private static async Task<bool> DiesAsync(Func<Task> act)
    {
        try
        {
            await act();
            return false;
        }
        catch (KilledException)
        {
            return true;
        }
    }
}
