using Qanat.Linux.Sockets;
using Qanat.Packets;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Sockets;

public sealed class UdpPortPoolTests : IDisposable
{
    private readonly UdpHosts _hosts = new();

    public void Dispose() => _hosts.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_flow_keeps_its_port_and_its_order_and_flows_spread_over_the_ports(bool isIPv6)
    {
        using var pool = Open(isIPv6);
        using var receiver = _hosts.OpenB(isIPv6);
        using var batch = new PacketBatch();
        var random = new Random(3);
        for (var i = 0; i < 100; i++)
            batch.TryAdd(From((ushort)(50_000 + random.Next(40)), [(byte)i], isIPv6));
        Assert.Equal(100, pool.Send(batch));

        using var arrived = receiver.ReceiveAtLeast(100);
        var expected = Enumerable.Range(0, 100).GroupBy(i => pool.PortOf(Udp(batch, i).Port, isIPv6), i => (byte)i).ToList();
        var found = Enumerable.Range(0, 100)
            .GroupBy(i => Udp(arrived, i).Port, i => Udp(arrived, i).First).ToDictionary(group => group.Key);
        Assert.InRange(expected.Count, UdpPortPool.DefaultSize / 2, UdpPortPool.DefaultSize);
        Assert.Equal(expected.Count, found.Count);
        foreach (var flow in expected)
            Assert.Equal(flow, found[flow.Key]);
    }

    [Fact]
    public void Packets_with_the_port_of_a_listener_leave_by_it()
    {
        using var pool = Open();
        using var listener = _hosts.A.Enter(() => UdpSocket.Open(new() { Port = 4789 }));
        using var receiver = _hosts.OpenB();
        pool.Add(listener);
        Assert.Equal(4789, pool.PortOf(4789, isIPv6: false));
        Assert.NotEqual(4789, pool.PortOf(4789, isIPv6: true)); // It does not speak IPv6.
        pool.Send(From(4789, [1]));
        pool.Remove(listener);
        pool.Send(From(4789, [2]));
        using var arrived = receiver.ReceiveAtLeast(2);
        Assert.Equal((4789, pool.Sockets[4789 % UdpPortPool.DefaultSize].Port), (Udp(arrived, 0).Port, Udp(arrived, 1).Port));
    }

    [Fact]
    public void Where_listeners_share_a_port_packets_leave_by_the_one_that_has_their_source()
    {
        _hosts.A.Do("ip addr add 10.10.50.72/24 dev eth0", "ip addr add 10.10.50.73/24 dev eth0");
        using var pool = Open();
        using var first = OpenListener("10.10.50.72");
        using var second = OpenListener("10.10.50.73");
        using var receiver = _hosts.OpenB();
        pool.Add(first);
        pool.Add(second);
        foreach (var socket in (ReadOnlySpan<UdpSocket>)[second, first])
            pool.Send(From(4789, [1], source: socket.Address));
        first.Dispose();
        Assert.Throws<PortClosedException>(() => pool.Send(From(4789, [2], source: UdpHosts.Address("10.10.50.72"))));
        pool.Remove(first);
        pool.Send(From(4789, [3], source: UdpHosts.Address("10.10.50.72")));
        using var arrived = receiver.ReceiveAtLeast(3);
        Assert.Equal(
            [(4789, 73), (4789, 72), (4789, 72)],
            Enumerable.Range(0, 3).Select(i => ((int)Udp(arrived, i).Port, (int)arrived.Bytes(i)[15])));
    }

    [Fact]
    public void A_listener_that_is_bound_to_a_link_takes_those_alone_that_leave_by_it()
    {
        TestNamespace.Join(_hosts.A, "eth1", _hosts.B, "eth1");
        using var pool = Open();
        using var other = OpenListener("0.0.0.0", _hosts.A.IndexOf("eth1"));
        using var bound = OpenListener("0.0.0.0", _hosts.A.IndexOf("eth0"));
        using var receiver = _hosts.OpenB();
        pool.Add(other);
        pool.Add(bound);
        pool.Send(From(4789, [1]), bound.Link);
        pool.Send(From(4789, [2]));
        using var arrived = receiver.ReceiveAtLeast(2);
        Assert.Equal((4789, pool.Sockets[4789 % UdpPortPool.DefaultSize].Port), (Udp(arrived, 0).Port, Udp(arrived, 1).Port));
    }

    [Fact]
    public void A_port_that_is_given_up_is_free_and_another_takes_its_place()
    {
        using var pool = Open();
        var port = pool.Sockets[3].Port;
        _hosts.A.Enter(() => pool.GiveUp(port));
        _hosts.A.Enter(() => pool.GiveUp(9));
        using var other = _hosts.A.Enter(() => UdpSocket.Open(new() { Port = port }));
        Assert.Equal(UdpPortPool.DefaultSize, pool.Sockets.Select(socket => socket.Port).Distinct().Count());
        using var receiver = _hosts.OpenB();
        Assert.Equal(1, pool.Send(From(3, [1])));
        using var arrived = receiver.ReceiveAtLeast(1);
        Assert.Equal(pool.Sockets[3].Port, Udp(arrived, 0).Port);
        Assert.NotEqual(port, Udp(arrived, 0).Port);
    }

    [Fact]
    public void What_comes_to_a_port_of_the_pool_is_dropped_in_silence()
    {
        using var pool = Open();
        using var sender = _hosts.B.Enter(() => UdpSocket.Open(new()));
        using var errors = _hosts.B.Enter(() => RawIpSocket.Open(new() { Protocol = RawIpOptions.IPPROTO_ICMP, ErrorsAbout = [17] }));
        var (toA, from) = (_hosts.AddressOf(_hosts.A, false), _hosts.AddressOf(_hosts.B, false));
        // The other is closed: its error would come behind that of the first.
        foreach (var port in (ReadOnlySpan<ushort>)[pool.Sockets[0].Port, 9])
            Assert.Equal(1, sender.Send(_hosts.ToB([1], source: from, destination: toA, port: port)));
        using var arrived = errors.ReceiveAtLeast(1);
        Assert.Equal((1, 9), (arrived.Count, arrived.Bytes(0)[20 + 8 + 20 + 3]));
        Assert.False(pool.Sockets[0].Wait(TimeSpan.Zero));
        using var batch = new PacketBatch(1);
        Assert.Equal(0, pool.Receive(batch));
    }

    [Fact]
    public void What_is_no_packet_is_refused()
    {
        using var pool = Open();
        Assert.Equal(0, pool.Send([]));
        Assert.Equal(0, pool.Send([0x60]));
        Assert.Equal(0, pool.Send([0x45, .. new byte[30]]));
        Assert.Equal(3, pool.Sockets.Sum(socket => socket.Errors.Invalid));
    }

    [Fact]
    public void A_pool_that_cannot_be_had_whole_leaves_no_port_taken()
    {
        _hosts.A.Do("sysctl -qw net.ipv4.ip_local_port_range='40000 40002'");
        var failure = Assert.Throws<LinuxException>(() => _hosts.A.Enter(() => UdpPortPool.Open(new(), size: 4)));
        Assert.Equal(Errno.EADDRINUSE, failure.Error);
        using var pool = _hosts.A.Enter(() => UdpPortPool.Open(new(), size: 3));
        Assert.Equal([40000, 40001, 40002], pool.Sockets.Select(socket => (int)socket.Port).Order());
    }

    private UdpPortPool Open(bool isIPv6 = false) => _hosts.A.Enter(() => UdpPortPool.Open(new() { Address = IpAddress.Any(isIPv6) }));

    private UdpSocket OpenListener(string address, int link = 0) =>
        _hosts.A.Enter(() => UdpSocket.Open(new() { Address = UdpHosts.Address(address), Port = 4789, Link = link }));

    private byte[] From(ushort port, byte[] payload, bool isIPv6 = false, IpAddress? source = null)
    {
        var packet = _hosts.ToB(payload, isIPv6, source: source);
        var offset = isIPv6 ? IPv6Header.Size : IPv4Header.MinSize;
        (packet[offset], packet[offset + 1]) = ((byte)(port >> 8), (byte)port);
        return packet;
    }

    private static (ushort Port, byte First) Udp(PacketBatch batch, int index)
    {
        var packet = batch.Bytes(index);
        Assert.True(UdpHeader.TryParse(packet[(packet[0] >> 4 == 6 ? IPv6Header.Size : IPv4Header.MinSize)..], out var udp));
        return (udp.SourcePort, udp.Payload[0]);
    }
}
