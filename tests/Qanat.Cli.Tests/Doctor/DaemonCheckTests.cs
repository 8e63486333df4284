using Qanat.Cli.Commands.Help;
using Qanat.Cli.Doctor.Checks;
using Qanat.Cli.Doctor.Facts;
using Qanat.Cli.Tests.Doctor.Support;
using Qanat.Daemon.Api;
using Qanat.Daemon.DataPlane;

namespace Qanat.Cli.Tests.Doctor;

/// <summary>What is wrong with the daemon.</summary>
public class DaemonCheckTests
{
    private static readonly DaemonFacts s_none = new() { Paths = new("/run/qanat", 4026532000) };
    private static readonly DaemonStatus s_status =
        new(ProgramHelp.Version, 7, "net", DateTimeOffset.UnixEpoch, 1, "user", new Dictionary<string, string>());

    private static readonly TunnelReport s_tun1 =
        new(new() { Name = "tun1", Mode = "ipip" }, 3, 1480, true, new(0, 0, 0, 0, 0, 0, 0, new Dictionary<string, long>()));

    private static readonly DaemonFacts s_well =
        s_none with { HasSocket = true, HasLock = true, LockHolder = 7, Status = s_status, Tunnels = [s_tun1] };

    [Fact]
    public void A_daemon_that_is_well_or_absent_gets_no_finding()
    {
        Assert.Empty(Find(s_none));
        Assert.Empty(Find(s_well));
    }

    [Fact]
    public void A_daemon_that_was_killed_blocks_its_tunnels_and_leaves_files_otherwise()
    {
        Assert.Equal(["blocks daemon-dead"], Find(s_none with { HasSocket = true, HasState = true, Tunnels = [s_tun1] }));
        Assert.Equal(["note daemon-left-over"], Find(s_none with { HasSocket = true }));
        Assert.Equal(["note daemon-left-over"], Find(s_none with { HasLock = true }));
    }

    [Fact]
    public void A_daemon_that_does_not_answer_is_named_by_its_process()
    {
        var silent = s_none with { HasSocket = true, LockHolder = 7, Silence = "it does not answer" };
        Assert.Equal(["blocks daemon-silent"], Find(silent));
        Assert.Contains("kill -CONT 7", (Bench.Machine() with { Daemon = silent }).Only<DaemonCheck>().Do[0], StringComparison.Ordinal);
        Assert.Equal(["warning daemon-not-listening"], Find(s_none with { LockHolder = 7 }));
    }

    [Fact]
    public void A_daemon_of_another_version_is_warned_of() =>
        Assert.Equal(["warning daemon-version"], Find(s_well with { Status = s_status with { Version = "0.0.1" } }));

    [Fact]
    public void A_tunnel_whose_device_is_gone_blocks() =>
        Assert.Equal(["blocks daemon-lost-device"], Find(s_well with { Tunnels = [s_tun1 with { Index = 99 }] }));

    [Fact]
    public void What_the_daemon_does_without_is_noted()
    {
        var features = new Dictionary<string, string> { ["packet-ring"] = "off (netfilter looks at outgoing packets)", ["gro"] = "on" };
        Assert.Equal(["note daemon-slower"], Find(s_well with { Status = s_status with { Features = features } }));
    }

    [Fact]
    public void What_nobody_asked_for_is_not_missed()
    {
        var features = new Dictionary<string, string> { ["bpf"] = new UserDataPlaneOptions().Describe(default, "on", "on")["bpf"] };
        Assert.Empty(Find(s_well with { Status = s_status with { Features = features } }));
    }

    [Fact]
    public void Files_of_namespaces_that_are_gone_are_noted_and_a_state_that_cannot_be_read_blocks()
    {
        Assert.Equal(["note daemon-orphans"], Find(s_none with { Orphans = [4026531111] }));
        Assert.Equal(["blocks daemon-state"], Find(s_none with { HasState = true, StateFault = "it is empty" }));
    }

    private static string[] Find(DaemonFacts daemon) =>
        (Bench.Machine(Bench.Tun(3, "tun1", "10.0.0.1/24")) with { Daemon = daemon }).Find<DaemonCheck>();
}
