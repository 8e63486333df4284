using Qanat.Linux.Sockets;
using Qanat.Packets;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Sockets;

public sealed class PacketRingTests : IDisposable
{
    private const byte Experiment = 253; // RFC 3692

    private readonly TwoHosts _hosts = new();
    private readonly RawIpSocket _receiver;
    private readonly int _link;
    private readonly byte[] _source;
    private readonly byte[] _destination;

    public PacketRingTests()
    {
        _receiver = _hosts.B.Enter(() => RawIpSocket.Open(new() { Protocol = Experiment }));
        _link = _hosts.A.IndexOf("eth0");
        _source = EthernetAddress(_hosts.A);
        _destination = EthernetAddress(_hosts.B);
    }

    public void Dispose()
    {
        _receiver.Dispose();
        _hosts.Dispose();
    }

    // The receiver reads nothing until each frame has been used ten times over: were the frames themselves in its queue, as
    // they are on kernels before 4.20 without a copy, all packets of a frame would be the newest.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Packets_keep_their_content_when_their_frames_are_used_again(bool bypassQdisc)
    {
        using var ring = Open(1500, 32, bypassQdisc);
        var count = ring.Frames * 10;
        using var batch = new PacketBatch(count);
        for (var i = 0; i < count; i++)
            batch.TryAdd(Numbered(i, 1480));
        Assert.Equal(count, ring.Send(batch, 0, count, _link, _destination, _source));

        using var arrived = new PacketBatch(count);
        while (arrived.Count < count)
        {
            Assert.True(_receiver.Wait(Wait.Limit));
            _receiver.Receive(arrived);
        }

        for (var i = 0; i < count; i++)
            Assert.Equal(Numbered(i, 1480), arrived.Bytes(i));
    }

    [Fact]
    public void A_run_inside_a_batch_is_sent_alone()
    {
        using var ring = Open(1500);
        using var batch = new PacketBatch();
        for (var i = 0; i < 5; i++)
            batch.TryAdd(Numbered(i, 100));
        Assert.Equal(2, ring.Send(batch, 2, 2, _link, _destination, _source));
        using var arrived = _receiver.ReceiveAtLeast(2);
        Assert.Equal(2, arrived.Count);
        Assert.Equal(Numbered(2, 100), arrived.Bytes(0));
        Assert.Equal(Numbered(3, 100), arrived.Bytes(1));
    }

    [Fact]
    public void Packets_that_are_not_finished_or_too_long_are_passed_over()
    {
        using var ring = Open(1000);
        using var batch = new PacketBatch();
        for (var i = 0; i < 3; i++)
            batch.TryAdd(Numbered(i, 100));
        batch.TryAdd(Numbered(3, 1001));
        batch.TryAdd(Numbered(4, 980));
        batch[0].Gso = GsoType.TcpV4;
        batch[1].Checksum = ChecksumState.Partial;
        Assert.Equal(2, ring.Send(batch, 0, 5, _link, _destination, _source));
        Assert.Equal((2, 1), (ring.Errors.Invalid, ring.Errors.TooLong));
        using var arrived = _receiver.ReceiveAtLeast(2);
        Assert.Equal(Numbered(2, 100), arrived.Bytes(0));
        Assert.Equal(Numbered(4, 980), arrived.Bytes(1));
    }

    [Fact]
    public void A_link_that_is_down_or_gone_takes_nothing_and_leaves_nothing_behind_for_the_next()
    {
        using var ring = Open(1500, 32);
        TestNamespace.Join(_hosts.A, "eth1", _hosts.B, "eth1");
        _hosts.A.Do("ip link set eth1 down");
        var down = _hosts.A.IndexOf("eth1");
        using var batch = new PacketBatch();
        for (var i = 0; i < 8; i++)
            batch.TryAdd(Numbered(i, 100));

        // More often than there are frames: what is refused must not use them up.
        for (var i = 0; i < ring.Frames; i++)
            Assert.Equal(0, ring.Send(batch, 0, 8, i % 2 == 0 ? down : 99_999, _destination, _source));
        Assert.Equal(ring.Frames * 8, ring.Errors.Refused);
        Assert.Equal(ring.Frames / 2 * 8 + ring.Frames % 2 * 8, ring.Errors.Down);

        Assert.Equal(1, ring.Send(batch, 7, 1, _link, _destination, _source));
        using var arrived = _receiver.ReceiveAtLeast(1);
        Assert.Equal(1, arrived.Count);
        Assert.Equal(Numbered(7, 100), arrived.Bytes(0));
    }

    // A slow queue keeps its packets as a network card does until they are sent.
    [Fact]
    public void A_ring_whose_frames_are_all_held_refuses_and_recovers()
    {
        _hosts.A.Do("tc qdisc add dev eth0 root tbf rate 100kbit burst 2000 latency 100s");
        using var ring = Open(1500, 32);
        using var batch = new PacketBatch();
        for (var i = 0; i < 100; i++)
            batch.TryAdd(Numbered(i, 1480));
        var taken = ring.Send(batch, 0, 100, _link, _destination, _source);
        Assert.InRange(taken, ring.Frames, 99);
        Assert.Equal(100 - taken, ring.Errors.NoBuffer);

        _hosts.A.Do("tc qdisc delete dev eth0 root"); // What was queued is lost.
        Assert.Equal(1, ring.Send(batch, 99, 1, _link, _destination, _source));
        using var arrived = new PacketBatch();
        while (arrived.Count == 0 || !arrived.Bytes(arrived.Count - 1).SequenceEqual(Numbered(99, 1480)))
        {
            Assert.True(_receiver.Wait(Wait.Limit));
            _receiver.Receive(arrived);
        }
    }

    [Fact]
    public void A_link_with_large_packets_has_large_frames()
    {
        _hosts.A.Do("ip link set eth0 mtu 65535");
        _hosts.B.Do("ip link set eth0 mtu 65535");
        using var ring = Open(65521, 4);
        using var batch = new PacketBatch(8);
        for (var i = 0; i < 8; i++)
            batch.TryAdd(Numbered(i, 65521 - 20));
        Assert.Equal(8, ring.Send(batch, 0, 8, _link, _destination, _source));
        using var arrived = _receiver.ReceiveAtLeast(8);
        for (var i = 0; i < 8; i++)
            Assert.Equal(Numbered(i, 65521 - 20), arrived.Bytes(i));
    }

    [Fact]
    public void Packets_of_both_IP_versions_go_by_one_ring()
    {
        _hosts.B.Do("ip addr add fd00:50::186/64 dev eth0 nodad");
        using var receiver6 = _hosts.B.Enter(() => RawIpv6Socket.Open(new() { Protocol = Experiment }));
        using var ring = Open(1500);
        using var batch = new PacketBatch();
        for (var i = 0; i < 40; i++)
            batch.TryAdd(i % 5 < 2 ? Numbered6(i) : Numbered(i, 100));
        batch[0].Checksum = ChecksumState.Partial; // A run of which nothing can be sent.
        batch[1].Checksum = ChecksumState.Partial;
        Assert.Equal(38, ring.Send(batch, 0, 40, _link, _destination, _source));
        Assert.Equal((2, 2), (ring.Errors.Invalid, ring.Errors.Refused));
        using var arrived = _receiver.ReceiveAtLeast(24);
        using var arrived6 = receiver6.ReceiveAtLeast(14);
        Assert.Equal(Numbered(39, 100), arrived.Bytes(23));
        Assert.Equal(Numbered6(36), arrived6.Bytes(13));
    }

    [Fact]
    public void A_disposed_ring_says_so()
    {
        var ring = Open(1500);
        ring.Dispose();
        using var batch = new PacketBatch(1);
        batch.TryAdd(Numbered(0, 10));
        Assert.Throws<PortClosedException>(() => ring.Send(batch, 0, 1, _link, _destination, _source));
        ring.Dispose();
    }

    [Fact]
    public void A_missing_capability_is_named()
    {
        var failure = Assert.Throws<LinuxException>(() => _hosts.A.Enter(() =>
        {
            Testbed.DropCapabilities();
            PacketRing.Open(1500).Dispose();
        }));
        Assert.Equal("open a packet socket: Operation not permitted (EPERM): CAP_NET_RAW is missing", failure.Message);
    }

    private static byte[] Numbered(int number, int payload)
    {
        var content = new byte[payload];
        new Random(number).NextBytes(content);
        return Testbed.Packet(TwoHosts.AddressOfA, TwoHosts.AddressOfB, Experiment, content);
    }

    private static byte[] Numbered6(int number)
    {
        var packet = new byte[140];
        new Random(number).NextBytes(packet);
        var (source, destination) = (UdpHosts.Address("fd00:50::71").IPv6, UdpHosts.Address("fd00:50::186").IPv6);
        IPv6Header.Write(packet, 3, (uint)number, 100, (IpProtocol)Experiment, 64, source, destination);
        return packet;
    }

    private static byte[] EthernetAddress(TestNamespace host) =>
        Convert.FromHexString(host.Link("eth0").GetProperty("address").GetString()!.Replace(":", "", StringComparison.Ordinal));

    private PacketRing Open(int maxPacketLength, int frames = PacketRing.DefaultFrames, bool bypassQdisc = false) =>
        _hosts.A.Enter(() => PacketRing.Open(maxPacketLength, frames, bypassQdisc));
}
