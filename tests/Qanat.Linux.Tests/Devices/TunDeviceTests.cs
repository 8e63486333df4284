using System.Net;
using System.Net.Sockets;
using Qanat.Linux.Devices;
using Qanat.Packets;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Devices;

public sealed class TunDeviceTests : IDisposable
{
    private readonly TestNamespace _host = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(TunMode.Tun, true, false)]
    [InlineData(TunMode.Tun, false, true)]
    [InlineData(TunMode.Tap, true, true)]
    [InlineData(TunMode.Tap, false, false)]
    public void A_new_device_is_what_ip_shows(TunMode mode, bool vnetHeader, bool multiQueue)
    {
        using var device = Open("q0", new()
        {
            Mode = mode,
            VnetHeader = vnetHeader,
            MultiQueue = multiQueue,
            Owner = 1000,
            Group = 1001,
            SendBuffer = 1 << 20,
        });
        var link = _host.Link("q0");
        var facts = link.GetProperty("linkinfo").GetProperty("info_data");
        Assert.Equal(mode == TunMode.Tun ? "none" : "ether", link.GetProperty("link_type").GetString());
        Assert.Equal(mode == TunMode.Tun ? "tun" : "tap", facts.GetProperty("type").GetString());
        Assert.Equal(vnetHeader, facts.GetProperty("vnet_hdr").GetBoolean());
        Assert.Equal(multiQueue, facts.GetProperty("multi_queue").GetBoolean());
        Assert.False(facts.GetProperty("pi").GetBoolean());
        Assert.False(facts.GetProperty("persist").GetBoolean());
        Assert.Contains("user 1000 group 1001", _host.Do("ip tuntap show"), StringComparison.Ordinal);
        Assert.Equal(link.GetProperty("ifindex").GetInt32(), device.Index);
        Assert.Equal("q0", device.Name);
        Assert.False(device.IsPersistent);
    }

    [Fact]
    public void A_device_goes_with_its_port_unless_it_is_persistent()
    {
        Open("gone").Dispose();
        Open("stays", new() { Persistent = true }).Dispose();
        Assert.False(_host.Run("ip link show gone").Succeeded);
        Assert.True(_host.Link("stays").GetProperty("linkinfo").GetProperty("info_data").GetProperty("persist").GetBoolean());
    }

    [Fact]
    public void A_persistent_device_is_attached_to_again_and_let_go()
    {
        int index;
        using (var first = Open("q0", new() { Persistent = true, Open = TunOpenMode.Create }))
            index = first.Index;
        using (var second = Open("q0", new() { Open = TunOpenMode.Attach }))
        {
            Assert.Equal(index, second.Index);
            Assert.True(second.IsPersistent);
            second.SetPersistent(false);
        }

        Assert.False(_host.Run("ip link show q0").Succeeded);
    }

    [Fact]
    public void A_device_made_by_ip_tuntap_is_attached_to()
    {
        _host.Do("ip tuntap add q0 mode tun vnet_hdr");
        using var device = Open("q0", new() { Open = TunOpenMode.Attach });
        Assert.True(device.IsPersistent);
    }

    [Fact]
    public void A_tunnel_has_the_link_type_ipip_and_the_kernel_gives_it_no_IPv6_address()
    {
        using var tunnel = Open("tunnel", new() { LinkType = TunOptions.ARPHRD_TUNNEL });
        using var plain = Open("plain");
        _host.Do("ip link set tunnel up", "ip link set plain up");
        Assert.Equal("ipip", _host.Link("tunnel").GetProperty("link_type").GetString());
        Assert.DoesNotContain("inet6", _host.Do("ip -6 addr show dev tunnel"), StringComparison.Ordinal);
        Assert.Contains("inet6 fe80", _host.Do("ip -6 addr show dev plain"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_link_type_survives_and_may_be_asked_for_again_while_the_device_is_up()
    {
        var options = new TunOptions { Persistent = true, LinkType = TunOptions.ARPHRD_TUNNEL };
        Open("q0", options).Dispose();
        _host.Do("ip link set q0 up");
        using var device = Open("q0", options);
        Assert.Equal(TunOptions.ARPHRD_TUNNEL, device.LinkType);
        Assert.Equal(Errno.EBUSY, Assert.Throws<LinuxException>(() => device.SetLinkType(TunOptions.ARPHRD_NONE)).Error);
    }

    [Fact]
    public void A_name_is_found_when_none_or_a_pattern_is_given()
    {
        using var first = Open("q%d");
        using var second = Open("q%d");
        using var third = Open("");
        Assert.Equal(("q0", "q1", "tun0"), (first.Name, second.Name, third.Name));
        Assert.Equal(_host.IndexOf("q1"), second.Index);
    }

    [Fact]
    public void A_renamed_device_says_its_new_name()
    {
        using var device = Open("q0");
        _host.Do("ip link set q0 name q1");
        Assert.Equal("q1", device.Name);
    }

    [Fact]
    public void Queues_of_a_multi_queue_device_each_have_a_port()
    {
        using var first = Open("q0", new() { MultiQueue = true });
        using var second = Open("q0", new() { MultiQueue = true });
        Assert.Equal(first.Index, second.Index);
    }

    [Fact]
    public void Offloads_are_granted_as_far_as_the_kernel_has_them_and_each_can_be_off()
    {
        using var device = Open("q0");
        var all = device.Offloads;
        Assert.Equal(TunOffloads.Plain, all.Wanted);
        Assert.Equal(TunOffloads.Plain, all.Granted | all.Refused);
        Assert.True(all.Granted.HasFlag(TunOffloads.Checksum | TunOffloads.Tso4 | TunOffloads.Tso6));
        foreach (var off in (TunOffloads[])[TunOffloads.Tso4, TunOffloads.Tso6, TunOffloads.TsoEcn, TunOffloads.Uso])
            Assert.Equal(all.Granted & ~off, device.SetOffloads(all.Granted & ~off).Granted);
        Assert.Equal(TunOffloads.None, device.SetOffloads(TunOffloads.All & ~TunOffloads.Checksum).Granted);
    }

    [Fact]
    public void A_super_packet_carries_its_facts()
    {
        using var device = Open("q0", new() { VnetHeader = true, LinkType = TunOptions.ARPHRD_TUNNEL });
        Assert.SkipUnless(device.Offloads.Granted.HasFlag(TunOffloads.Uso), "This kernel has no USO.");
        SendSegments();
        using var batch = device.ReceiveAtLeast(1);
        Assert.Equal((1, GsoType.UdpL4, 1000, 5528), (batch.Count, batch[0].Gso, batch[0].GsoSize, batch[0].Length));
        Assert.Equal((ChecksumState.Partial, 20, 6), (batch[0].Checksum, batch[0].ChecksumStart, batch[0].ChecksumOffset));
    }

    [Fact]
    public void Offloads_that_the_last_program_left_on_are_off_for_one_that_wants_none()
    {
        Open("q0", new() { VnetHeader = true, LinkType = TunOptions.ARPHRD_TUNNEL, Persistent = true }).Dispose();
        using var device = Open("q0", new() { VnetHeader = true, Offloads = TunOffloads.None });
        SendSegments();
        using var batch = device.ReceiveAtLeast(6);
        for (var i = 0; i < 6; i++)
            Assert.Equal((GsoType.None, ChecksumState.Unknown, i < 5 ? 1028 : 528), (batch[i].Gso, batch[i].Checksum, batch[i].Length));
    }

    [Fact]
    public void While_the_device_is_down_what_is_sent_is_refused_and_nothing_comes()
    {
        using var device = Open("q0");
        using var batch = new PacketBatch();
        for (var i = 0; i < 3; i++)
            batch.TryAdd(Testbed.Packet("10.7.0.2", "10.7.0.1", 253, [1]));
        Assert.Equal(0, device.Send(batch));
        Assert.Equal(3, device.Errors.Down);
        batch.Clear();
        Assert.Equal(0, device.Receive(batch));
        Assert.Equal(0, batch.Count);
    }

    [Fact]
    public void What_is_no_packet_is_refused_and_the_next_one_passes()
    {
        using var device = Open("q0");
        _host.Do("ip link set q0 up");
        using var batch = new PacketBatch();
        batch.TryAdd([0x05, 0, 0, 0]);
        batch.TryAdd([]);
        batch.TryAdd(Testbed.Packet("10.7.0.2", "10.7.0.1", 253, [1]));
        Assert.Equal(1, device.Send(batch));
        Assert.Equal(2, device.Errors.Invalid);
        Assert.Equal(2, device.Errors.Refused);
    }

    [Fact]
    public void A_super_packet_needs_the_virtio_header()
    {
        using var device = Open("q0", new());
        _host.Do("ip link set q0 up");
        using var batch = new PacketBatch();
        batch.TryAdd(Testbed.Packet("10.7.0.2", "10.7.0.1", 6, new byte[4000]));
        batch[0].Gso = GsoType.TcpV4;
        Assert.Equal(0, device.Send(batch));
        Assert.Equal(1, device.Errors.Invalid);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 128)]
    [InlineData(false, 0)]
    public void What_is_sent_the_host_receives_whatever_the_headroom(bool vnetHeader, int headroom)
    {
        using var device = Open("q0", new() { VnetHeader = vnetHeader });
        _host.Do("ip addr add 10.7.0.1/24 dev q0", "ip link set q0 up");
        using var capture = new Capture(_host, "q0", "ip proto 253");
        var packet = Testbed.Packet("10.7.0.2", "10.7.0.1", 253, [1, 2, 3]);
        Assert.Equal(1, device.Send(packet, headroom: headroom));
        Assert.Equal(packet, Assert.Single(capture.WaitFor(1)).ToArray());
    }

    [Fact]
    public void A_receive_stops_at_its_limit_and_the_next_goes_on()
    {
        using var device = Open("q0", new() { LinkType = TunOptions.ARPHRD_TUNNEL });
        _host.Do("ip addr add 10.7.0.1/24 dev q0", "ip link set q0 up");
        _host.Run("ping -c 3 -i 0.01 -W 0.1 -s 100 10.7.0.2");
        device.ReceiveLimit = 1;
        using var batch = new PacketBatch();
        for (var i = 0; i < 3; i++)
            Assert.Equal(1, device.Receive(batch));
        Assert.Equal(0, device.Receive(batch));
        Assert.All(Enumerable.Range(0, 3), i => Assert.Equal(128, batch[i].Length));
    }

    [Fact]
    public void A_batch_without_room_leaves_the_packet_waiting()
    {
        using var device = Open("q0", new() { LinkType = TunOptions.ARPHRD_TUNNEL });
        _host.Do("ip addr add 10.7.0.1/24 dev q0", "ip link set q0 up");
        _host.Run("ping -c 1 -W 0.1 10.7.0.2");
        using var small = new PacketBatch(4, 1000);
        Assert.Equal(0, device.Receive(small));
        using var batch = new PacketBatch(4);
        Assert.Equal(1, device.Receive(batch));
    }

    [Fact]
    public async Task A_device_deleted_underneath_wakes_the_waiter_and_closes_the_port()
    {
        using var device = Open("q0", new() { LinkType = TunOptions.ARPHRD_TUNNEL });
        _host.Do("ip link set q0 up");
        using var batch = new PacketBatch();
        var waiter = Task.Run(() => device.Wait(Timeout.InfiniteTimeSpan), Cancel);
        _host.Do("ip link delete q0");
        Assert.True(await waiter.WaitAsync(Wait.Limit, Cancel));
        Assert.Throws<PortClosedException>(() => device.Receive(batch));
        batch.TryAdd(Testbed.Packet("10.7.0.2", "10.7.0.1", 253, [1]));
        Assert.Throws<PortClosedException>(() => device.Send(batch));
        Assert.Throws<PortClosedException>(() => device.Name);
    }

    [Fact]
    public async Task Disposing_a_port_ends_a_wait_without_limit()
    {
        var device = Open("q0");
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiter = Task.Run(() =>
        {
            waiting.SetResult();
            return device.Wait(Timeout.InfiniteTimeSpan);
        }, Cancel);
        await waiting.Task;
        device.Dispose();
        await Assert.ThrowsAsync<PortClosedException>(() => waiter.WaitAsync(Wait.Limit, Cancel));
        Assert.Throws<PortClosedException>(() => device.Wait(TimeSpan.Zero));
        using var batch = new PacketBatch(1);
        Assert.Throws<PortClosedException>(() => device.Receive(batch));
        Assert.Throws<PortClosedException>(() => device.Send(batch));
        device.Dispose();
    }

    [Fact]
    public void A_wait_with_a_limit_ends_empty_handed()
    {
        using var device = Open("q0");
        Assert.False(device.Wait(TimeSpan.FromMilliseconds(5)));
    }

    // Five datagrams of 1000 bytes and one of 500, in one call, into q0.
    private void SendSegments()
    {
        _host.Do("ip addr add 10.7.0.1/24 dev q0", "ip link set q0 up");
        using var socket = _host.Enter(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        const int SOL_UDP = 17, UDP_SEGMENT = 103;
        socket.SetRawSocketOption(SOL_UDP, UDP_SEGMENT, BitConverter.GetBytes(1000));
        socket.SendTo(new byte[5500], new IPEndPoint(IPAddress.Parse("10.7.0.2"), 9));
    }

    private TunDevice Open(string name, TunOptions? options = null) =>
        _host.Enter(() => TunDevice.Open(name, options ?? new() { VnetHeader = true }));
}
