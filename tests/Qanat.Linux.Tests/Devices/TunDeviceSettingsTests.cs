using System.Net.Sockets;
using Qanat.Linux.Devices;
using Qanat.Linux.Namespaces;
using Qanat.Linux.Netlink;
using Qanat.Packets;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Devices;

/// <summary>Each option is set, and read back through <c>ip -d link</c> as well as through the library.</summary>
public sealed class TunDeviceSettingsTests : IDisposable
{
    private readonly TestNamespace _host = new();

    public void Dispose() => _host.Dispose();

    public static TheoryData<TunOptions, string, string> Flags => new()
    {
        { new() { Mode = TunMode.Tun }, "type", "tun" },
        { new() { Mode = TunMode.Tap }, "type", "tap" },
        { new() { PacketInformation = true }, "pi", "True" },
        { new() { PacketInformation = false }, "pi", "False" },
        { new() { VnetHeader = true }, "vnet_hdr", "True" },
        { new() { VnetHeader = false }, "vnet_hdr", "False" },
        { new() { MultiQueue = true }, "multi_queue", "True" },
        { new() { MultiQueue = false }, "multi_queue", "False" },
        { new() { Persistent = true }, "persist", "True" },
        { new() { Persistent = false }, "persist", "False" },
        { new() { Owner = 1234 }, "user", "1234" },
        { new() { Group = 4321 }, "group", "4321" },
    };

    [Theory]
    [MemberData(nameof(Flags))]
    public void What_a_device_is_made_with_ip_shows(TunOptions options, string field, string expected)
    {
        using var device = Open(options);
        Assert.Equal(expected, _host.Link("q0").GetProperty("linkinfo").GetProperty("info_data").GetProperty(field).ToString());
        Assert.Equal(options.Mode == TunMode.Tap, device.Features.HasFlag(TunFeatures.Tap));
        var seen = _host.Enter(() =>
        {
            using var netlink = new RouteNetlink();
            return netlink.Links.Get("q0").Tun!;
        });
        Assert.Equal((options.PacketInformation, options.Owner, options.Group), (seen.PacketInformation, seen.Owner, seen.Group));
        Assert.Equal(options.VnetHeader, device.Features.HasFlag(TunFeatures.VnetHeader));
        Assert.Equal(options.MultiQueue, device.Features.HasFlag(TunFeatures.MultiQueue));
        Assert.Equal(options.Persistent == true, device.IsPersistent);
    }

    [Fact]
    public void A_new_device_has_the_number_asked_for()
    {
        using var device = Open(new() { Index = 4711 });
        Assert.Equal((4711, 4711), (device.Index, _host.IndexOf("q0")));
        var taken = Assert.Throws<LinuxException>(() => _host.Enter(() => TunDevice.Open("q1", new() { Index = 4711 })));
        Assert.Equal("EBUSY", taken.ErrorName);
    }

    [Fact]
    public void The_driver_tells_what_it_can_do()
    {
        var features = TunDevice.GetFeatures();
        Assert.True(features.HasFlag(TunFeatures.Tun | TunFeatures.Tap | TunFeatures.MultiQueue | TunFeatures.VnetHeader));
        if (features.HasFlag(TunFeatures.Napi))
        {
            using var device = Open(new() { Napi = true });
            Assert.True(device.Features.HasFlag(TunFeatures.Napi));
        }
    }

    [Fact]
    public void The_MTU_and_the_address_are_what_they_were_set_to()
    {
        using var device = Open(new() { Mode = TunMode.Tap });
        (device.Mtu, device.MacAddress) = (9000, new(0x0200_0000_00AA));
        var link = _host.Link("q0");
        Assert.Equal((9000, "02:00:00:00:00:aa"), (link.GetProperty("mtu").GetInt32(), link.GetProperty("address").GetString()));
        Assert.Equal((9000, new MacAddress(0x0200_0000_00AA)), (device.Mtu, device.MacAddress));
        Assert.Equal("EADDRNOTAVAIL", Assert.Throws<LinuxException>(() => device.MacAddress = MacAddress.Broadcast).ErrorName);
        Assert.Equal("EINVAL", Assert.Throws<LinuxException>(() => device.Mtu = 10).ErrorName);
        Assert.Equal(9000, device.Mtu);
    }

    [Fact]
    public void The_carrier_comes_and_goes()
    {
        using var device = Open(new());
        _host.Do("ip link set q0 up");
        Wait.Until(() => device.HasCarrier, what: "the carrier");
        device.SetCarrier(false);
        Wait.Until(() => !device.HasCarrier, what: "the loss of the carrier");
        Assert.Contains("NO-CARRIER", _host.Do("ip link show q0"), StringComparison.Ordinal);
        device.SetCarrier(true);
        Wait.Until(() => _host.Do("ip link show q0").Contains("LOWER_UP", StringComparison.Ordinal), what: "the carrier again");
    }

    [Fact]
    public void Owner_group_and_persistence_change_while_it_is_open()
    {
        var device = Open(new());
        device.SetOwner(1000);
        device.SetGroup(1001);
        device.SetPersistent(true);
        device.Dispose();
        Assert.Contains("persist user 1000 group 1001", _host.Do("ip tuntap show"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_send_buffer_is_what_it_was_set_to()
    {
        using var device = Open(new() { SendBuffer = 100_000 });
        Assert.Equal(100_000, device.SendBuffer);
        device.SendBuffer = 200_000;
        Assert.Equal(200_000, device.SendBuffer);
        Assert.Equal("EINVAL", Assert.Throws<LinuxException>(() => device.SendBuffer = -1).ErrorName);
    }

    [Fact]
    public void Every_offload_can_be_off_alone()
    {
        using var device = Open(new() { VnetHeader = true, Offloads = TunOffloads.All });
        var all = device.Offloads.Granted;
        TunOffloads[] each = [TunOffloads.Tso4, TunOffloads.Tso6, TunOffloads.TsoEcn, TunOffloads.Uso, TunOffloads.UdpTunnelChecksum];
        foreach (var off in each.Where(off => all.HasFlag(off)))
            Assert.Equal(all & ~off, device.SetOffloads(all & ~off).Granted);
        string[] names = ["tx-tcp-segmentation", "tx-tcp6-segmentation", "tx-tcp-ecn-segmentation", "tx-checksum-ip-generic"];
        device.SetOffloads(TunOffloads.All);
        Assert.All(names, name => Assert.Contains($"{name}: on", _host.Do("ethtool -k q0"), StringComparison.Ordinal));
        device.SetOffloads(TunOffloads.None);
        Assert.All(names, name => Assert.Contains($"{name}: off", _host.Do("ethtool -k q0"), StringComparison.Ordinal));
    }

    [Fact]
    public void A_device_opened_in_one_namespace_is_used_from_another()
    {
        using var there = NetworkNamespace.Open(_host.File);
        var here = NetworkNamespace.CurrentInode;
        using var device = TunDevice.Open("q0", new() { Namespace = there });
        Assert.Equal(here, NetworkNamespace.CurrentInode);
        Assert.Equal(_host.IndexOf("q0"), device.Index);
        using (var its = device.OpenNamespace())
            Assert.Equal(there, its);
        _host.Do("ip addr add 10.7.0.1/24 dev q0", "ip link set q0 up", "sysctl -qw net.ipv4.ip_unprivileged_port_start=0");
        using var receiver = _host.Enter(() => new UdpClient(5000));
        device.Write(Udp("10.7.0.2", "10.7.0.1", 5000));
        Wait.Until(() => receiver.Available > 0, what: "the datagram");
    }

    [Fact]
    public void A_device_that_was_moved_is_still_asked_where_it_is()
    {
        using var other = new TestNamespace("other");
        using var device = Open(new());
        _host.Do($"ip link set q0 netns {other.Name} name q7");
        Assert.Equal("q7", device.Name);
        device.Mtu = 1300;
        Assert.Equal(1300, other.Link("q7").GetProperty("mtu").GetInt32());
        using var its = device.OpenNamespace();
        Assert.Equal(other.Inode, its.Inode);
    }

    [Fact]
    public void A_thousand_devices_opened_and_closed_leave_no_descriptor_and_no_device()
    {
        // Other tests have devices of their own meanwhile, and the programs that they start hold our descriptors for the moment
        // before they become themselves.
        static int Descriptors() => TunHolder.List()
            .Count(holder => holder.ProcessId == Environment.ProcessId && holder.Device.StartsWith("many", StringComparison.Ordinal));

        _host.Enter(() =>
        {
            for (var i = 0; i < 1000; i++)
                TunDevice.Open("many%d").Dispose();
        });
        Assert.Equal(0, Descriptors());
        Wait.Until(() => !_host.Do("ip link").Contains(": many", StringComparison.Ordinal), what: "the devices' end");
    }

    [Fact]
    public void A_device_that_is_not_persistent_vanishes_with_its_process()
    {
        using var holder = _host.Start("socat TUN:10.7.9.1/24,tun-name=q0,iff-up PIPE");
        Wait.Until(() => _host.Run("ip link show q0").ExitCode == 0, what: "the device");
        holder.Kill();
        Wait.Until(() => _host.Run("ip link show q0").ExitCode != 0, what: "the device's end");
    }

    private static byte[] Udp(string source, string destination, ushort port)
    {
        byte[] datagram = [0x30, 0x39, (byte)(port >> 8), (byte)port, 0, 9, 0, 0, 42];
        return Testbed.Packet(source, destination, 17, datagram);
    }

    private TunDevice Open(TunOptions options) => _host.Enter(() => TunDevice.Open("q0", options));
}
