using System.Buffers.Binary;
using Qanat.Linux.Sockets;
using Qanat.Packets;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Sockets;

public sealed class RawIpSocketTests : IDisposable
{
    private const byte Experiment = 253; // RFC 3692

    private readonly TwoHosts _hosts = new();

    public void Dispose() => _hosts.Dispose();

    [Fact]
    public void Packets_arrive_in_order_with_the_link_they_came_by()
    {
        using var sender = Open(_hosts.A, RawIpOptions.IPPROTO_RAW);
        using var receiver = Open(_hosts.B, Experiment, receiveLink: true);
        using var batch = new PacketBatch(300, 300 * 512);
        for (var i = 0; i < 300; i++)
            batch.TryAdd(ToB([(byte)i, (byte)(i >> 8)]), 0);
        Assert.Equal(300, sender.Send(batch));

        using var arrived = new PacketBatch(512);
        while (arrived.Count < 300)
        {
            Assert.True(receiver.Wait(Wait.Limit));
            Assert.InRange(receiver.Receive(arrived), 1, 128);
        }

        var link = _hosts.B.IndexOf("eth0");
        for (var i = 0; i < 300; i++)
        {
            Assert.Equal(link, arrived[i].Link);
            Assert.Equal(22, arrived[i].Length);
            Assert.Equal(i, BinaryPrimitives.ReadUInt16LittleEndian(arrived.Bytes(i)[20..]));
            Assert.True(arrived.TryMoveStart(i, -PacketBatch.DefaultHeadroom), "There is headroom.");
        }
    }

    [Fact]
    public void The_link_is_learnt_only_when_asked_for()
    {
        using var receiver = Open(_hosts.B, Experiment);
        using var sender = Open(_hosts.A, RawIpOptions.IPPROTO_RAW);
        sender.Send(ToB([1]));
        using var batch = receiver.ReceiveAtLeast(1);
        Assert.Equal(0, batch[0].Link);
    }

    [Fact]
    public void A_packet_leaves_by_the_link_it_asks_for()
    {
        TestNamespace.Join(_hosts.A, "eth1", _hosts.B, "eth1");
        _hosts.A.Do("ip addr add 10.99.0.1/24 dev eth1");
        _hosts.B.Do("sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth1.rp_filter=0", "ip addr add 10.99.0.2/24 dev eth1");
        using var receiver = Open(_hosts.B, Experiment, receiveLink: true);
        using var sender = Open(_hosts.A, RawIpOptions.IPPROTO_RAW);
        Assert.Equal(1, sender.Send(ToB([1]), _hosts.A.IndexOf("eth1")));
        Assert.Equal(1, sender.Send(ToB([2])));
        using var batch = receiver.ReceiveAtLeast(2);
        var links = Enumerable.Range(0, 2).ToDictionary(i => batch.Bytes(i)[20], i => batch[i].Link);
        Assert.Equal(_hosts.B.IndexOf("eth1"), links[1]);
        Assert.Equal(_hosts.B.IndexOf("eth0"), links[2]);
    }

    [Fact]
    public void A_packet_that_is_refused_does_not_hold_up_the_next()
    {
        _hosts.A.Do("ip route add unreachable 10.66.0.0/16", "ip route add prohibit 10.67.0.0/16");
        using var receiver = Open(_hosts.B, Experiment);
        using var sender = Open(_hosts.A, RawIpOptions.IPPROTO_RAW);
        using var batch = new PacketBatch();
        batch.TryAdd(ToB(new byte[1600])); // longer than the link's MTU
        batch.TryAdd(ToB([1]));
        batch.TryAdd([0x45, 0]);
        batch.TryAdd(Testbed.Packet(TwoHosts.AddressOfA, "10.66.0.1", Experiment, []));
        batch.TryAdd(Testbed.Packet(TwoHosts.AddressOfA, "172.16.0.1", Experiment, []));
        batch.TryAdd(Testbed.Packet(TwoHosts.AddressOfA, "10.67.0.1", Experiment, []));
        batch.TryAdd(ToB([2]));
        Assert.Equal(2, sender.Send(batch));
        Assert.Equal((1, 1, 2, 1), (sender.Errors.TooLong, sender.Errors.Invalid, sender.Errors.Unreachable, sender.Errors.Forbidden));
        using var arrived = receiver.ReceiveAtLeast(2);
        Assert.Equal((1, 2), (arrived.Bytes(0)[20], arrived.Bytes(1)[20]));
    }

    [Fact]
    public void A_fragmented_packet_arrives_whole()
    {
        using var receiver = Open(_hosts.B, RawIpOptions.IPPROTO_ICMP);
        _hosts.A.Do($"ping -c 1 -s 60000 {TwoHosts.AddressOfB}");
        using var batch = receiver.ReceiveAtLeast(1);
        Assert.Equal(60028, batch[0].Length);
    }

    [Fact]
    public void The_kernel_fills_in_source_length_and_checksum()
    {
        using var receiver = Open(_hosts.B, Experiment);
        using var sender = Open(_hosts.A, RawIpOptions.IPPROTO_RAW);
        var packet = Testbed.Packet("0.0.0.0", TwoHosts.AddressOfB, Experiment, [7]);
        packet.AsSpan(10, 2).Clear();
        Assert.Equal(1, sender.Send(packet));
        using var batch = receiver.ReceiveAtLeast(1);
        Assert.Equal(TwoHosts.AddressOfA, IPv4Address.Read(batch.Bytes(0)[12..]).ToString());
        Assert.NotEqual(0, BinaryPrimitives.ReadUInt16BigEndian(batch.Bytes(0)[10..]));
    }

    [Fact]
    public void Only_errors_about_the_wanted_protocols_come_through()
    {
        const byte ipip = 4, unreachable = 3;
        using var errors = _hosts.A.Enter(() => RawIpSocket.Open(new() { Protocol = RawIpOptions.IPPROTO_ICMP, ErrorsAbout = [47, ipip] }));
        using var sender = Open(_hosts.A, RawIpOptions.IPPROTO_RAW);
        using var all = Open(_hosts.A, RawIpOptions.IPPROTO_ICMP);

        // An echo reply, and errors about UDP, about the experiment and, last, about ipip: nobody listens to any over there.
        _hosts.B.Do("sysctl -qw net.ipv4.icmp_ratelimit=0");
        _hosts.A.Do($"ping -c 1 {TwoHosts.AddressOfB}");
        sender.Send(Testbed.Packet(TwoHosts.AddressOfA, TwoHosts.AddressOfB, 17, [0, 9, 0, 9, 0, 8, 0, 0]));
        sender.Send(ToB([1]));
        sender.Send(Testbed.Packet(TwoHosts.AddressOfA, TwoHosts.AddressOfB, ipip, new byte[20]));

        using var everything = all.ReceiveAtLeast(4);
        using var batch = errors.ReceiveAtLeast(1);
        Assert.Equal(1, batch.Count);
        Assert.Equal((unreachable, ipip), (batch.Bytes(0)[20], batch.Bytes(0)[28 + 9]));
        Assert.False(errors.Wait(TimeSpan.Zero));
    }

    [Fact]
    public void What_nobody_receives_in_time_is_counted()
    {
        using var receiver = _hosts.B.Enter(() => RawIpSocket.Open(new() { Protocol = Experiment, BufferLength = 1 }));
        using var sender = Open(_hosts.A, RawIpOptions.IPPROTO_RAW);
        for (var i = 0; i < 100; i++)
            sender.Send(ToB(new byte[1000]));
        using var batch = receiver.ReceiveAtLeast(1);
        Assert.Equal(100 - batch.Count, receiver.Overruns);
    }

    [Fact]
    public void A_batch_with_little_room_takes_what_fits()
    {
        using var receiver = Open(_hosts.B, Experiment);
        using var sender = Open(_hosts.A, RawIpOptions.IPPROTO_RAW);
        for (var i = 0; i < 3; i++)
            sender.Send(ToB([(byte)i]));
        Assert.True(receiver.Wait(Wait.Limit));
        using var none = new PacketBatch(4, 60_000);
        Assert.Equal(0, receiver.Receive(none));
        using var one = new PacketBatch(4, 70_000);
        Assert.Equal(1, receiver.Receive(one));
        Assert.Equal(21, one[0].Length);
        Assert.Equal(0, one.Bytes(0)[20]);
        using var rest = receiver.ReceiveAtLeast(2);
        Assert.Equal((1, 2), (rest.Bytes(0)[20], rest.Bytes(1)[20]));
    }

    [Fact]
    public void A_missing_capability_is_named()
    {
        var failure = Assert.Throws<LinuxException>(() => _hosts.A.Enter(() =>
        {
            Testbed.DropCapabilities();
            RawIpSocket.Open(new() { Protocol = Experiment }).Dispose();
        }));
        Assert.Equal(Errno.EPERM, failure.Error);
        Assert.Equal("open a raw IP socket: Operation not permitted (EPERM): CAP_NET_RAW is missing", failure.Message);
    }

    [Fact]
    public async Task Disposing_ends_a_wait_without_limit()
    {
        var cancel = TestContext.Current.CancellationToken;
        var port = Open(_hosts.A, Experiment);
        var waiter = Task.Run(() => port.Wait(Timeout.InfiniteTimeSpan), cancel);
        port.Dispose();
        await Assert.ThrowsAsync<PortClosedException>(() => waiter.WaitAsync(Wait.Limit, cancel));
    }

    private static byte[] ToB(ReadOnlySpan<byte> payload) =>
        Testbed.Packet(TwoHosts.AddressOfA, TwoHosts.AddressOfB, Experiment, payload);

    private static RawIpSocket Open(TestNamespace host, byte protocol, bool receiveLink = false) =>
        host.Enter(() => RawIpSocket.Open(new() { Protocol = protocol, ReceiveLink = receiveLink }));
}
