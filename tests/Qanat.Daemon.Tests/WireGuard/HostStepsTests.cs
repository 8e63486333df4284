using Qanat.Daemon.WireGuard.Up;
using Qanat.Packets;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.Tests.WireGuard;

/// <summary>What is done to a host is noted before, and undone whatever happens between.</summary>
public sealed class HostStepsTests
{
    private readonly FakeUpHost _host = new();
    private readonly List<string> _said = [];

    // What goes with the device, and not by a step of its own.
    private IEnumerable<string> Left => _host.Things.Where(thing =>
        !thing.StartsWith("address", StringComparison.Ordinal) && !thing.StartsWith("route", StringComparison.Ordinal) &&
        !thing.StartsWith("up", StringComparison.Ordinal));

    [Fact]
    public async Task What_was_done_is_undone_in_the_order_of_wg_quick()
    {
        var steps = Up();
        steps.Note(steps.Record with { IsWhole = true, PreDown = ["before %i"], PostDown = ["after"] });
        _host.Programs.Clear();
        _said.Clear();
        Assert.True(await DownAsync());
        Assert.Empty(Left);
        Assert.Equal(
            ["bash -O extglob -e -o pipefail -c before wg0", "resolvconf -d wg0 -f", "nft -f -", "bash -O extglob -e -o pipefail -c after"],
            _host.Programs);
        Assert.Equal("[#] before wg0", _said[0]);
    }

    [Theory]
    [InlineData("/proc/self", "/proc/self")]
    [InlineData("/nosuch", "/")]
    public async Task Hooks_run_in_the_folder_that_is_noted_where_it_is_there(string noted, string folder)
    {
        var steps = Up();
        steps.Note(steps.Record with { IsWhole = true, Folder = noted, PreDown = ["before"], PostDown = ["after"] });
        _host.Folders.Clear();
        Assert.True(await DownAsync());
        Assert.Equal([folder, "/", "/", folder], _host.Folders);
    }

    [Fact]
    public async Task A_step_that_fails_or_a_kill_at_any_moment_leaves_nothing_that_is_not_undone()
    {
        for (var moment = 0; ; moment++)
        {
            var left = moment;
            _host.Before = _ =>
            {
                if (left-- == 0)
                    throw new IOException("no");
            };
            var ended = Record.Exception(() => Up());
            _host.Before = _ => { };
            Assert.True(await DownAsync(), $"after {moment} steps: {string.Join(", ", _said)}");
            Assert.Empty(Left);
            if (ended is null)
                return;
        }
    }

    [Fact]
    public async Task One_thing_that_cannot_be_undone_does_not_keep_the_others()
    {
        Up();
        _host.Before = thing =>
        {
            if (thing.StartsWith("resolvconf", StringComparison.Ordinal))
                throw new IOException("resolvconf failed");
        };
        Assert.False(await DownAsync());
        Assert.Contains("qanat: wg0: resolvconf failed", _said);
        Assert.Empty(Left);
    }

    [Fact]
    public async Task The_kill_switch_goes_when_it_is_lifted_alone()
    {
        var steps = Up();
        steps.RaiseKillSwitch(5);
        Assert.True(await DownAsync(lift: false));
        Assert.Equal(["table inet qanat-wg0"], Left);
        Assert.True(_host.Kept!.KillSwitch);
        Assert.True(await DownAsync());
        Assert.Empty(Left);
    }

    [Fact]
    public void Without_nft_there_is_no_kill_switch()
    {
        _host.Installed.Remove("nft");
        var refused = Assert.Throws<IOException>(() => Up().RaiseKillSwitch(5));
        Assert.Contains("install nftables", refused.Message, StringComparison.Ordinal);
        Assert.False(_host.Kept?.KillSwitch);
    }

    [Fact]
    public async Task Another_ones_default_route_keeps_the_mark_valid()
    {
        Up();
        _host.AddRule(new(false, 9, 5));
        Assert.True(await DownAsync());
        Assert.Contains("src_valid_mark", _host.Things);
    }

    [Fact]
    public void Rules_that_say_the_same_are_told_apart_by_their_priority()
    {
        var steps = Up();
        var other = new KeptRule(false, 100, null);
        _host.AddRule(other);
        steps.Do(new PlanStep.DeleteMainRule(false));
        Assert.Contains($"rule {other}", _host.Things);
        Assert.DoesNotContain(steps.Record.Rules, rule => !rule.IsIPv6 && rule.Mark is null);
    }

    private HostSteps Up()
    {
        var steps = new HostSteps("wg0", _host, _host, _host.New(null), _said.Add);
        steps.Note(steps.Record);
        Assert.True(IpAddress.TryParse("10.0.0.1", out var four));
        Assert.True(IpAddress.TryParse("fd00::1", out var six));
        foreach (var isIPv6 in (bool[])[true, false])
        {
            var address = isIPv6 ? six : four;
            steps.Do(new PlanStep.AddAddress("wg0", new(address, null)));
            steps.Do(new PlanStep.AddMarkRule(isIPv6, 5));
            steps.Do(new PlanStep.AddMainRule(isIPv6));
            steps.Do(new PlanStep.AddRoute("wg0", new(address, 0), "5"));
            steps.Do(new PlanStep.AddFilter("wg0", isIPv6, [address], 5));
        }
        steps.Do(new PlanStep.SetSourceValidMark());
        steps.Do(new PlanStep.SetDns("wg0", [four], ["example"]));
        return steps;
    }

    private Task<bool> DownAsync(bool lift = true)
    {
        var steps = new HostSteps("wg0", _host, _host, _host.Kept!, _said.Add);
        return new TakeDown("wg0", steps, _said.Add).RunAsync(save: false, lift, _ => Task.CompletedTask);
    }
}
