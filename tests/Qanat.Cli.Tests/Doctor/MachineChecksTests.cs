using System.Net;
using Qanat.Cli.Doctor.Checks;
using Qanat.Cli.Doctor.Facts;
using Qanat.Cli.Tests.Doctor.Support;
using Qanat.Linux;
using Qanat.Linux.Devices;
using Qanat.Linux.Privileges;

namespace Qanat.Cli.Tests.Doctor;

/// <summary>What is wrong with the machine: the node, the rights, the kernel.</summary>
public class MachineChecksTests
{
    private static readonly Machine s_healthy = Bench.Machine();
    private static readonly Asked s_someone = new() { Destinations = [IPAddress.Parse("2001:db8::9")] };

    [Fact]
    public void A_machine_with_nothing_wrong_gets_no_finding()
    {
        Assert.Empty(s_healthy.Find<DeviceNodeCheck>());
        Assert.Empty(s_healthy.Find<CapabilityCheck>());
        Assert.Empty(s_healthy.Find<KernelOptionCheck>());
        Assert.Empty(s_healthy.Find<OffloadCheck>());
        Assert.Empty(s_healthy.Find<IPv6Check>());
    }

    [Theory]
    [InlineData("node-missing", Errno.ENOENT, Errno.ENOENT, 10)]
    [InlineData("node-unusable", Errno.EACCES, Errno.EACCES, 10)]
    [InlineData("node-wrong", 0, 0, 1)]
    [InlineData("node-wrong", 0, Errno.ENXIO, 240)]
    [InlineData("node-cgroup", 0, Errno.EPERM, 10)]
    [InlineData("node-forbidden", 0, Errno.EACCES, 10)]
    [InlineData("driver-missing", 0, Errno.ENODEV, 10)]
    [InlineData("node-unusable", 0, Errno.EIO, 10)]
    public void What_is_wrong_with_the_node_is_told_by_what_it_is_and_how_it_fails(string name, int stat, int open, uint major)
    {
        var machine = s_healthy with { Node = new() { Node = new() { StatError = stat, OpenError = open, Major = major } } };
        Assert.Equal([$"blocks {name}"], machine.Find<DeviceNodeCheck>());
        Assert.NotEmpty(machine.Only<DeviceNodeCheck>().Do);
    }

    [Fact]
    public void A_node_on_a_file_system_without_devices_is_told_apart_from_one_without_rights()
    {
        var machine = s_healthy with { Node = new() { Node = new() { OpenError = Errno.EACCES }, NoDevMount = "/dev/net" } };
        Assert.Equal("mount -o remount,dev /dev/net", Assert.Single(machine.Only<DeviceNodeCheck>().Do));
    }

    [Fact]
    public void A_kernel_without_the_driver_is_not_told_to_load_it()
    {
        var node = new NodeFacts { Node = new() { OpenError = Errno.ENODEV }, DriverLoaded = false };
        var built = s_healthy with { Node = node, Kernel = new() { Options = new Dictionary<string, char> { ["VETH"] = 'y' } } };
        Assert.DoesNotContain(built.Only<DeviceNodeCheck>().Do, way => way.Contains("modprobe", StringComparison.Ordinal));
        Assert.Contains("modprobe tun", (s_healthy with { Node = node }).Only<DeviceNodeCheck>().Do);
        var stripped = s_healthy with { Node = node with { ModuleInstalled = false } };
        Assert.Contains(stripped.Only<DeviceNodeCheck>().Do, way => way.Contains("linux-modules-extra", StringComparison.Ordinal));
    }

    [Fact]
    public void The_device_cgroup_is_opened_where_it_is()
    {
        const string group = "/sys/fs/cgroup/devices/a";
        var node = new NodeFacts { Node = new() { OpenError = Errno.EPERM }, DeviceGroup = group, AllowedDevices = "c 1:3 rwm" };
        var first = (s_healthy with { Node = node }).Only<DeviceNodeCheck>();
        Assert.Contains("c 1:3 rwm", first.What, StringComparison.Ordinal);
        Assert.Equal($"echo 'c 10:200 rwm' > {group}/devices.allow", Assert.Single(first.Do));
        var second = (s_healthy with { Node = node with { DeviceGroup = null, AllowedDevices = null } }).Only<DeviceNodeCheck>();
        Assert.Contains("DeviceAllow=", Assert.Single(second.Do), StringComparison.Ordinal);
        var container = s_healthy with { Node = node, Rights = new() { Container = "docker" } };
        Assert.Contains("--device /dev/net/tun", container.Only<DeviceNodeCheck>().Do[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Capabilities_that_are_missing_are_told_apart_from_those_that_count_elsewhere()
    {
        var nobody = s_healthy with { Rights = new() { NetAdmin = Grant.Missing, NetRaw = Grant.Missing, IsRoot = false } };
        Assert.Equal(["blocks no-net-admin", "blocks no-net-raw"], nobody.Find<CapabilityCheck>());
        var guest = s_healthy with { Rights = new() { NetAdmin = Grant.NotHere, InUserNamespace = true } };
        Assert.Equal(["blocks net-admin-elsewhere"], guest.Find<CapabilityCheck>());
        Assert.Contains("user namespace", guest.Only<CapabilityCheck>().What, StringComparison.Ordinal);
        var contained = s_healthy with { Rights = new() { NetRaw = Grant.Missing, Container = "podman" } };
        Assert.Contains("--cap-add NET_RAW", contained.Only<CapabilityCheck>().Do[0], StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_proven_by_trying_counts_for_more_than_the_kernels_configuration()
    {
        var machine = s_healthy with { Kernel = new() { Options = new Dictionary<string, char> { ["TUN"] = 'y' } } };
        Assert.Equal(["note option-missing", "note option-missing"], machine.Find<KernelOptionCheck>());
        Assert.Empty((machine with { Trial = new() { Kinds = ["veth", "bridge"] } }).Find<KernelOptionCheck>());
        Assert.Empty(s_healthy.Find<KernelOptionCheck>());
    }

    [Fact]
    public void Offloads_that_the_kernel_refuses_are_named_with_what_that_costs()
    {
        var machine = s_healthy with { Trial = new() { Offloads = new(TunOffloads.All, TunOffloads.All & ~TunOffloads.Uso) } };
        var finding = machine.Only<OffloadCheck>();
        Assert.Equal("offload-refused", finding.Name);
        Assert.Contains("USO", finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_that_gets_super_packets_wrong_is_warned_of()
    {
        var trial = new TrialFacts { Offloads = new(TunOffloads.All, TunOffloads.All) };
        Assert.Empty((s_healthy with { Trial = trial with { TcpSegmentation = Outcome.Works } }).Find<OffloadCheck>());
        Assert.Equal(["warning super-packet-refused", "warning segments-corrupt"], (s_healthy with
        {
            Trial = trial with { TcpSegmentation = Outcome.Refused, UdpSegmentation = Outcome.Wrong },
        }).Find<OffloadCheck>());
    }

    [Fact]
    public void What_the_environment_turns_off_is_noted()
    {
        var machine = s_healthy with { Trial = new() { Offloads = new(TunOffloads.All, TunOffloads.All) }, Disabled = "gro,tso" };
        Assert.Equal(["note offload-disabled"], machine.Find<OffloadCheck>());
    }

    [Fact]
    public void Segments_joined_for_good_in_hardware_are_warned_of()
    {
        var card = Bench.Wire(2, "eth0", "192.0.2.1/24") with { Offloads = new(true, true, true, Lro: true) };
        Assert.Equal("ethtool -K eth0 lro off", Assert.Single(Bench.Machine(card).Only<OffloadCheck>().Do));
    }

    [Fact]
    public void Checksums_that_a_veth_leaves_undone_matter_to_the_kernels_own_tunnels_alone()
    {
        var wire = Bench.Wire(2, "eth0", "192.0.2.1/24") with { Offloads = new(TransmitChecksum: true, true, true, Lro: false) };
        var device = Bench.Tun(3, "tun1", "10.0.0.1/24");
        var tunnel = Bench.Ipip(device, "192.0.2.1", "192.0.2.2");
        Assert.Empty(Bench.Machine(wire, device).With(tunnel).Find<OffloadCheck>());
        Assert.Equal(["note unfinished-checksums"], Bench.Machine(wire, device).With(tunnel with { IsOurs = false }).Find<OffloadCheck>());
    }

    [Fact]
    public void IPv6_that_is_off_matters_as_much_as_it_is_wanted()
    {
        var device = Bench.Tap(3, "tap0", "10.0.0.1/24");
        var machine = Bench.Machine(device);
        var off = machine.Set(("ipv6/conf/all/disable_ipv6", 1), ("ipv6/conf/lo/disable_ipv6", 1), ("ipv6/conf/tap0/disable_ipv6", 1));
        Assert.Equal(["note ipv6-disabled"], off.Find<IPv6Check>());
        Assert.Equal(["blocks ipv6-disabled"], (off with { Asked = s_someone }).Find<IPv6Check>());

        var here = ("ipv6/conf/tap0/disable_ipv6", 1);
        Assert.Equal(["note ipv6-disabled"], machine.Set(here).Find<IPv6Check>());
        Assert.Equal(["warning ipv6-disabled"], Bench.Machine(device, Bench.Wire(2, "eth0", "2001:db8::1/64")).Set(here).Find<IPv6Check>());
        Assert.Empty(Bench.Machine(device).With(Bench.Ipip(device, "any", "any")).Set(here).Find<IPv6Check>());
    }

    [Fact]
    public void A_kernel_without_IPv6_is_noted()
    {
        var machine = s_healthy with { Sysctls = new(path => path.Contains("ipv6", StringComparison.Ordinal) ? null : "0") };
        Assert.Equal(["note ipv6-absent"], machine.Find<IPv6Check>());
        Assert.Equal(["blocks ipv6-absent"], (machine with { Asked = s_someone }).Find<IPv6Check>());
    }
}
