using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary>What happens to a tunnel that carries traffic when the ground moves under it.</summary>
public sealed class RecoveryTests : IDisposable
{
    private readonly Experiment _experiment = new();
    private readonly TestNamespace _a, _b;

    public RecoveryTests()
    {
        (_a, _b) = (_experiment.A, _experiment.B);
        Assert.True(_a.Reaches(Experiment.InnerB));
    }

    public void Dispose() => _experiment.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_daemon_killed_under_load_comes_back_with_the_same_device_addresses_and_routes(int seed)
    {
        _a.Do("ip route add 198.51.100.0/24 dev tun1");
        using var load = _a.Start($"exec ping -i 0.002 -s 1200 {Experiment.InnerB}");
        Thread.Sleep(new Random(seed).Next(400));
        var (device, addresses, routes) = (Index(), _a.Do("ip addr show dev tun1 scope global | grep inet"), _a.Do("ip route show"));

        KillDaemon(_a);
        Assert.Equal("tun1: ip/ip remote 10.10.50.186 local 10.10.50.71 ttl inherit", _a.Do("qanat tunnel show tun1").TrimEnd());
        Wait.Until(() => _a.Reaches(Experiment.InnerB), what: "traffic");
        Assert.Equal(device, Index());
        Assert.Equal(addresses, _a.Do("ip addr show dev tun1 scope global | grep inet"));
        Assert.Equal(routes, _a.Do("ip route show"));

        int Index() => _a.Link("tun1").GetProperty("ifindex").GetInt32();
    }

    [Fact]
    public void A_daemon_killed_at_any_moment_of_a_command_leaves_a_state_that_the_next_command_can_use()
    {
        var random = new Random(20);
        for (var n = 0; n < 12; n++)
        {
            var add = $"qanat tunnel add t{n} mode ipip remote 192.0.2.{n + 1} local 10.10.50.71";
            using (var command = _a.Start(add))
            {
                Thread.Sleep(random.Next(60));
                if (_a.Daemon() is { } daemon)
                    _a.Run($"kill -9 {daemon}");
                var added = command.WaitForExit().Succeeded;
                var shown = _a.Do($"qanat tunnel show t{n}");
                Assert.True(!added || shown.StartsWith($"t{n}: ", StringComparison.Ordinal), "a tunnel that was added is lost");
                Assert.Equal(shown.Length > 0, _a.Has($"t{n}"));
            }

            if (!_a.Has($"t{n}"))
                _a.Do(add);
            _a.Do($"qanat tunnel del t{n}");
        }

        Wait.Until(() => _a.Reaches(Experiment.InnerB), what: "traffic");
    }

    [Fact]
    public void A_device_deleted_underneath_is_a_tunnel_deleted()
    {
        _a.Do("ip link del tun1");
        Wait.Until(() => _a.Do("qanat tunnel show tun1").Length == 0, what: "the tunnel to be forgotten");
        _a.Do("qanat tunnel add tun1 mode ipip remote 10.10.50.186 local 10.10.50.71",
            "ip link set tun1 up", "ip a add 192.168.1.1 peer 192.168.1.2 dev tun1");
        Wait.Until(() => _a.Reaches(Experiment.InnerB), what: "traffic");
    }

    [Fact]
    public void A_device_deleted_while_there_is_no_daemon_does_not_come_back()
    {
        KillDaemon(_a);
        _a.Do("ip link del tun1");
        Assert.Equal("", _a.Do("qanat tunnel show tun1"));
        Assert.False(_a.Has("tun1"));
    }

    [Fact]
    public void A_device_that_is_renamed_stays_the_same_tunnel()
    {
        _a.Do("ip link set tun1 name blue");
        Wait.Until(() => _a.Do("qanat tunnel show blue").StartsWith("blue: ", StringComparison.Ordinal), what: "the new name");
        Assert.True(_a.Reaches(Experiment.InnerB));
        KillDaemon(_a);
        Assert.StartsWith("blue: ", _a.Do("qanat tunnel show blue"), StringComparison.Ordinal);
        Wait.Until(() => _a.Reaches(Experiment.InnerB), what: "traffic");
    }

    [Fact]
    public void An_underlay_that_goes_down_and_comes_up_carries_the_tunnel_again()
    {
        var daemon = _a.Daemon();
        for (var round = 0; round < 3; round++)
        {
            _a.Do("ip link set eth0 down");
            Assert.False(_a.Reaches(Experiment.InnerB));
            _a.Do("ip link set eth0 up");
            Wait.Until(() => _a.Reaches(Experiment.InnerB), what: "traffic");
        }

        Assert.Equal(daemon, _a.Daemon());
    }

    [Fact]
    public void A_tunnel_that_is_down_neither_sends_nor_receives_until_it_is_up()
    {
        _b.Do("ip link set tun1 down");
        Assert.False(_a.Reaches(Experiment.InnerB));
        _b.Do("ip link set tun1 up");
        Wait.Until(() => _a.Reaches(Experiment.InnerB), what: "traffic");
    }

    [Fact]
    public void Without_its_socket_a_daemon_still_carries_traffic_and_the_next_command_finds_the_tunnels()
    {
        File.Delete(_a.Socket());
        Assert.True(_a.Reaches(Experiment.InnerB));
        Assert.StartsWith("tun1: ", _a.Do("qanat tunnel show tun1"), StringComparison.Ordinal);
        Wait.Until(() => _a.Reaches(Experiment.InnerB), what: "traffic");
        Wait.Until(() => _a.Processes.Count == 1, what: "the end of the daemon that found the namespace taken");
    }

    private static void KillDaemon(TestNamespace host) => host.Do($"kill -9 {host.Daemon()}");
}
