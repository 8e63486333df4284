using Qanat.Cli.Doctor.Checks;
using Qanat.Cli.Doctor.Facts;
using Qanat.Cli.Tests.Doctor.Support;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Tests.Doctor;

/// <summary>What is wrong with devices: their state, their addresses, the programs that hold them.</summary>
public class DeviceChecksTests
{
    private static readonly Device s_wire = Bench.Wire(2, "eth0", "192.0.2.1/24");
    private static readonly Device s_tun = Bench.Tun(3, "tun0", "10.0.0.1/24");
    private static readonly Device s_tap = Bench.Tap(4, "tap0", "10.1.0.1/24");

    [Fact]
    public void Devices_that_are_up_held_and_addressed_get_no_finding()
    {
        var machine = Bench.Machine(s_wire, s_tun, s_tap);
        Assert.Empty(machine.Find<DeviceStateCheck>());
        Assert.Empty(machine.Find<HolderCheck>());
        Assert.Empty(machine.Find<OverlapCheck>());
    }

    [Fact]
    public void A_device_that_is_down_blocks_when_it_is_meant_to_work()
    {
        Assert.Equal("ip link set tun0 up", Assert.Single(Bench.Machine(s_tun.Down()).Only<DeviceStateCheck>().Do));
        var untouched = Bench.Tun(3, "tun0").Abandoned().Down();
        Assert.Empty(Bench.Machine(untouched).Find<DeviceStateCheck>());
        var asked = Bench.Machine(untouched) with { Asked = new() { Devices = ["tun0"] } };
        Assert.Equal(["blocks device-down"], asked.Find<DeviceStateCheck>());
        var tunnel = Bench.Ipip(untouched, "any", "192.0.2.2");
        Assert.Equal(["blocks device-down"], Bench.Machine(untouched).With(tunnel).Find<DeviceStateCheck>());
    }

    [Fact]
    public void A_bridge_that_is_down_blocks_its_ports()
    {
        var bridge = Bench.Wire(9, "br0").Down();
        Assert.Equal(["blocks bridge-down"], Bench.Machine(bridge, Bench.Tap(4, "tap0").On(bridge)).Find<DeviceStateCheck>());
    }

    [Fact]
    public void A_device_that_no_packet_enters_is_warned_of()
    {
        var bare = Bench.Tun(3, "tun0");
        Assert.Equal(["warning no-address"], Bench.Machine(bare).Find<DeviceStateCheck>());
        Assert.Empty(Bench.Machine(bare).Routed(Bench.Route("10.9.0.0/16", bare)).Find<DeviceStateCheck>());
        var bridge = Bench.Wire(9, "br0");
        Assert.Empty(Bench.Machine(bridge, bare.On(bridge)).Find<DeviceStateCheck>());
    }

    [Fact]
    public void A_peer_that_is_routed_elsewhere_is_warned_of()
    {
        var device = Bench.Tun(3, "tun0", "10.0.0.1 peer 10.0.0.2/32");
        Assert.Empty(Bench.Machine(device).Find<DeviceStateCheck>());
        var machine = Bench.Machine(device);
        machine = machine with { Routing = new FakeRouting(machine.Devices, []) };
        Assert.Equal(["warning peer-without-route"], machine.Find<DeviceStateCheck>());
    }

    [Fact]
    public void A_duplicate_address_and_a_loopback_that_is_down_are_told_of()
    {
        var twice = s_tap with { Addresses = [Bench.Address(4, "2001:db8::1/64") with { Flags = AddressFlags.DuplicateDetected }] };
        Assert.Equal(["warning duplicate-address"], Bench.Machine(twice).Find<DeviceStateCheck>());
        var loopback = Bench.Wire(1, "lo");
        loopback = loopback with { Link = loopback.Link with { Flags = LinkFlags.Loopback } };
        Assert.Equal(["note loopback-down"], Bench.Machine(loopback).Find<DeviceStateCheck>());
    }

    [Fact]
    public void A_device_without_a_program_blocks_and_the_remedy_works_as_it_stands()
    {
        var finding = Bench.Machine(s_tap.Abandoned()).Only<HolderCheck>();
        Assert.Equal("no-program", finding.Name);
        Assert.Contains("tcpdump shows nothing", finding.Why, StringComparison.Ordinal);
        Assert.StartsWith("qanat echo dev tap0 address 10.1.0.2/24", finding.Do[0], StringComparison.Ordinal);
        var point = Bench.Tun(3, "tun0", "10.0.0.1 peer 10.0.0.9/32").Abandoned();
        var remedy = Bench.Machine(point).Only<HolderCheck>().Do[0];
        Assert.StartsWith("qanat echo dev tun0 address 10.0.0.9/32", remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_program_left_behind_is_noted_and_how_to_remove_it()
    {
        var left = Bench.Tap(4, "tap0").Abandoned().Down();
        var finding = Bench.Machine(left).Only<HolderCheck>();
        Assert.Equal("left-over", finding.Name);
        Assert.Equal("qanat tuntap del dev tap0 mode tap", Assert.Single(finding.Do));
        var queued = left with { Link = left.Link with { Tun = left.Link.Tun! with { MultiQueue = true } } };
        Assert.EndsWith("mode tap multi_queue", Assert.Single(Bench.Machine(queued).Only<HolderCheck>().Do), StringComparison.Ordinal);
    }

    [Fact]
    public void Tunnels_of_a_daemon_that_is_gone_are_left_to_the_check_of_the_daemon()
    {
        var alone = s_tun.Abandoned();
        Assert.Empty(Bench.Machine(alone).With(Bench.Ipip(alone, "any", "192.0.2.2")).Find<HolderCheck>());
    }

    [Fact]
    public void A_holder_that_switched_the_carrier_off_is_named()
    {
        var device = s_tap with { Details = s_tap.Details with { Carrier = false } };
        var finding = Bench.Machine(device).Only<HolderCheck>();
        Assert.Equal("carrier-off", finding.Name);
        Assert.Contains("vpn (process 42)", finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_processes_at_one_queue_are_warned_of_and_at_several_queues_are_not()
    {
        var device = s_tun with { Holders = [new("tun0", 42, "vpn"), new("tun0", 43, "sh")] };
        Assert.Equal(["warning held-twice"], Bench.Machine(device).Find<HolderCheck>());
        var queues = device with { Link = device.Link with { Tun = new() { MultiQueue = true, Queues = 2 } } };
        Assert.Empty(Bench.Machine(queues).Find<HolderCheck>());
        var off = device with { Link = device.Link with { Tun = new() { MultiQueue = true, Queues = 1, DisabledQueues = 1 } } };
        Assert.Equal(["note queues-off"], Bench.Machine(off).Find<HolderCheck>());
    }

    [Fact]
    public void A_program_that_does_not_read_is_told_by_drops_that_grow()
    {
        var dropped = s_tun with { Link = s_tun.Link with { Statistics = new() { TxDropped = 9 } } };
        Assert.Equal(["note was-not-read"], Bench.Machine(dropped).Find<HolderCheck>());
        Assert.Equal(["warning not-read"], Bench.Machine(dropped with { DroppedMeanwhile = 3 }).Find<HolderCheck>());
    }

    [Fact]
    public void Two_devices_with_one_network_are_warned_of_once()
    {
        var same = Bench.Tun(5, "tun1", "10.0.0.7/24");
        Assert.Equal(["warning same-network"], Bench.Machine(s_tun, same).Find<OverlapCheck>());
        Assert.Equal(["warning same-network"], Bench.Machine(Bench.Wire(9, "eth1", "10.0.0.9/24"), s_tun).Find<OverlapCheck>());
        Assert.Equal(["note overlapping-networks"], Bench.Machine(s_tun, Bench.Wire(9, "eth1", "10.0.0.9/8")).Find<OverlapCheck>());
        Assert.Empty(Bench.Machine(s_wire, Bench.Wire(9, "eth1", "192.0.2.7/24"), s_tun).Find<OverlapCheck>());
    }

    [Fact]
    public void A_tunnel_of_the_kernels_beside_one_of_ours_is_warned_of()
    {
        var native = Bench.Wire(9, "tunl0");
        var machine = Bench.Machine(s_wire, s_tun, native with { Link = native.Link with { Kind = "ipip" } });
        Assert.Equal(["warning two-engines"], machine.With(Bench.Ipip(s_tun, "any", "192.0.2.2")).Find<OverlapCheck>());
        Assert.Empty(machine.Find<OverlapCheck>());
    }
}
