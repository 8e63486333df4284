using Qanat.Linux.Sockets;
using Qanat.Packets;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Sockets;

public sealed class UdpSocketTests : IDisposable
{
    private readonly UdpHosts _hosts = new();

    public void Dispose() => _hosts.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_datagram_arrives_as_a_whole_packet_with_the_headers_it_was_sent_with(bool isIPv6)
    {
        using var sender = _hosts.OpenA(isIPv6);
        using var receiver = _hosts.OpenB(isIPv6);
        var payload = UdpHosts.Payload(1, 999);
        Assert.Equal(1, sender.Send(_hosts.ToB(payload, isIPv6, trafficClass: 0xB9, hopLimit: 37, flowLabel: 0xABCDE)));
        using var batch = receiver.ReceiveAtLeast(1);

        var (source, destination) = (_hosts.AddressOf(_hosts.A, isIPv6), _hosts.AddressOf(_hosts.B, isIPv6));
        ReadOnlySpan<byte> datagram;
        if (isIPv6)
        {
            Assert.True(IPv6Header.TryParse(batch.Bytes(0), out var ip));
            Assert.Equal((source, destination), (ip.Source, ip.Destination));
            Assert.Equal((0xB9, 37, 0xABCDEu, IpProtocol.Udp), (ip.TrafficClass, ip.HopLimit, ip.FlowLabel, ip.NextHeader));
            datagram = ip.Payload;
        }
        else
        {
            Assert.True(IPv4Header.TryParse(batch.Bytes(0), out var ip));
            Assert.True(ip.HasValidChecksum);
            Assert.Equal((source, destination), (ip.Source, ip.Destination));
            Assert.Equal((0xB9, 37, IpProtocol.Udp), (ip.TypeOfService, ip.TimeToLive, ip.Protocol));
            datagram = ip.Payload;
        }

        Assert.True(UdpHeader.TryParse(datagram, out var udp));
        Assert.Equal((sender.Port, UdpHosts.Port, 1007), (udp.SourcePort, udp.DestinationPort, udp.Length));
        Assert.Equal(payload, udp.Payload);
        Assert.Equal((_hosts.B.IndexOf("eth0"), ChecksumState.Valid, GsoType.None), (batch[0].Link, batch[0].Checksum, batch[0].Gso));
        Assert.True(batch.TryMoveStart(0, -PacketBatch.DefaultHeadroom), "There is headroom.");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Either_offload_is_there_when_it_is_wanted_and_the_kernel_has_it(bool segment, bool coalesce)
    {
        foreach (var isIPv6 in new[] { false, true })
        {
            using var sender = _hosts.OpenA(isIPv6, segment);
            using var receiver = _hosts.OpenB(isIPv6, coalesce);
            Assert.Equal((segment, true, true, coalesce), (sender.Segments, sender.Coalesces, receiver.Segments, receiver.Coalesces));
        }
    }

    [Fact]
    public void A_receive_stops_after_what_it_is_told_to()
    {
        using var sender = _hosts.OpenA();
        using var receiver = _hosts.OpenB();
        receiver.ReceiveLimit = 2 * PacketBatch.MaxPacketLength;
        using var batch = new PacketBatch();
        for (var i = 0; i < 6; i++)
            batch.TryAdd(_hosts.ToB(UdpHosts.Payload(i, 1000)));
        Assert.Equal(6, sender.Send(batch));
        batch.Clear();
        Wait.Until(() => receiver.Receive(batch) > 0, what: "the first packets");
        Assert.InRange(batch.Count, 1, 2); // for it does not know yet how long they are
        Wait.Until(() => receiver.Receive(batch) >= 0 && batch.Count == 6, what: "the others");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Packets_of_many_sizes_and_destinations_arrive_in_order(bool isIPv6)
    {
        using var sender = _hosts.OpenA(isIPv6);
        using var receiver = _hosts.OpenB(isIPv6);
        using var other = _hosts.B.Enter(() => UdpSocket.Open(new() { Address = IpAddress.Any(isIPv6), Port = 9999, Coalesce = false }));
        using var batch = new PacketBatch(500, 1 << 20);
        var random = new Random(5);
        var sizes = new List<(int Size, bool Other)>();
        for (var i = 0; i < 400; i++)
        {
            // Runs of one size, shorter ones and empty ones among them.
            var same = i > 0 && random.Next(8) > 0;
            sizes.Add((same ? sizes[^1].Size : random.Next(4) == 0 ? 0 : random.Next(1400), random.Next(10) == 0));
            batch.TryAdd(_hosts.ToB(UdpHosts.Payload(i, sizes[i].Size), isIPv6, port: sizes[i].Other ? (ushort)9999 : UdpHosts.Port,
                dontFragment: random.Next(10) > 0, trafficClass: (byte)(random.Next(10) == 0 ? 4 : 0)));
        }

        Assert.Equal(400, sender.Send(batch));
        Assert.Equal((0, 0), (sender.Errors.Refused, sender.SegmentationRefusal));
        foreach (var (socket, isOther) in new[] { (receiver, false), (other, true) })
        {
            using var arrived = new PacketBatch(500);
            var expected = Enumerable.Range(0, 400).Where(i => sizes[i].Other == isOther).ToList();
            while (arrived.Count < expected.Count)
            {
                Assert.True(socket.Wait(Wait.Limit));
                socket.Receive(arrived);
            }

            for (var i = 0; i < expected.Count; i++)
                Assert.Equal(UdpHosts.Payload(expected[i], sizes[expected[i]].Size), UdpHosts.PayloadOf(arrived, i));
        }
    }

    [Fact]
    public void Hostile_and_unfinished_packets_are_refused_and_do_not_hold_up_the_next()
    {
        using var sender = _hosts.OpenA();
        using var receiver = _hosts.OpenB();
        using var batch = new PacketBatch();
        byte[][] wrong =
        [
            [],
            [0x45],
            Testbed.Packet(TwoHosts.AddressOfA, TwoHosts.AddressOfB, 4, new byte[20]),
            Testbed.Packet(TwoHosts.AddressOfA, TwoHosts.AddressOfB, 17, new byte[7]),
            Testbed.Packet(TwoHosts.AddressOfA, TwoHosts.AddressOfB, 17, [0, 9, 0, 9, 0, 7, 0, 0]),
            Testbed.Packet(TwoHosts.AddressOfA, TwoHosts.AddressOfB, 17, [0, 9, 0, 9, 0, 9, 0, 0, 1, 1]),
            [.. _hosts.ToB([1]), 0],
            _hosts.ToB([1], hopLimit: 0),
            _hosts.ToB([1], source: UdpHosts.Address("10.99.99.99")),
        ];
        foreach (var packet in wrong)
        {
            batch.TryAdd(_hosts.ToB([1]));
            batch.TryAdd(packet);
        }

        var fragment = _hosts.ToB([1], dontFragment: false);
        fragment[7] = 1;
        batch.TryAdd(fragment);
        batch.TryAdd(_hosts.ToB([1]));
        batch[batch.Count - 1].Gso = GsoType.TcpV4;
        batch.TryAdd(_hosts.ToB([2]));
        Assert.Equal(wrong.Length + 1, sender.Send(batch));
        Assert.Equal((wrong.Length + 1, 1), (sender.Errors.Invalid, sender.Errors.Unreachable)); // not our address: no way from there
        using var arrived = receiver.ReceiveAtLeast(wrong.Length + 1);
        Assert.Equal([2], UdpHosts.PayloadOf(arrived, wrong.Length));
    }

    [Fact]
    public void Every_mutation_of_a_packet_is_sent_or_refused()
    {
        using var sender = _hosts.OpenA();
        using var sender6 = _hosts.OpenA(isIPv6: true);
        using var batch = new PacketBatch();
        var random = new Random(11);
        for (var round = 0; round < 400; round++)
        {
            var isIPv6 = round % 2 == 0;
            batch.Clear();
            for (var i = 0; i < 100; i++)
            {
                var packet = _hosts.ToB(new byte[random.Next(60)], isIPv6);
                packet[random.Next(Math.Min(packet.Length, 48))] = (byte)random.Next(256);
                if (random.Next(4) == 0)
                    packet = packet[..random.Next(packet.Length)];
                batch.TryAdd(packet);
                if (random.Next(4) == 0)
                    (batch[batch.Count - 1].Gso, batch[batch.Count - 1].GsoSize) = (GsoType.UdpL4, (ushort)random.Next(80));
            }

            var socket = isIPv6 ? sender6 : sender;
            var refused = socket.Errors.Refused;
            Assert.Equal(100, socket.Send(batch) + socket.Errors.Refused - refused);
        }
    }

    [Fact]
    public void A_closed_port_is_not_the_senders_trouble()
    {
        using var sender = _hosts.OpenA();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(1, sender.Send(_hosts.ToB([1], port: 4)));
            Wait.Until(() => Unreachables() > i);
        }

        Assert.False(sender.Wait(TimeSpan.Zero));
        Assert.Equal(0, sender.Errors.Refused);

        long Unreachables() => long.Parse(
            _hosts.A.Do("nstat -asz IcmpInDestUnreachs | awk '/Icmp/ {print $2}'"), System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public void The_source_address_of_the_header_is_used_and_any_is_left_to_the_routes()
    {
        _hosts.A.Do("ip addr add 10.10.50.72/24 dev eth0", "ip addr add fd00:50::72/64 dev eth0 nodad");
        foreach (var (isIPv6, text) in new[] { (false, "10.10.50.72"), (true, "fd00:50::72") })
        {
            using var sender = _hosts.OpenA(isIPv6);
            using var receiver = _hosts.OpenB(isIPv6);
            sender.Send(_hosts.ToB([1], isIPv6, source: UdpHosts.Address(text)));
            sender.Send(_hosts.ToB([1], isIPv6, source: IpAddress.Any(isIPv6)));
            using var arrived = receiver.ReceiveAtLeast(2);
            Assert.Equal(text, Source(arrived.Bytes(0)).ToString());
            Assert.NotEqual(IpAddress.Any(isIPv6), Source(arrived.Bytes(1)));
        }

        static IpAddress Source(ReadOnlySpan<byte> packet) =>
            packet[0] >> 4 == 6 ? IPv6Address.Read(packet[8..]) : IPv4Address.Read(packet[12..]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_packet_leaves_by_the_link_it_asks_for_and_a_bound_socket_hears_its_own_alone(bool isIPv6)
    {
        TestNamespace.Join(_hosts.A, "eth1", _hosts.B, "eth1");
        _hosts.A.Do("ip addr add 10.99.0.1/24 dev eth1", "ip addr add fd00:50::73/64 dev eth1 nodad");
        _hosts.B.Do("sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth1.rp_filter=0", "ip addr add 10.99.0.2/24 dev eth1");
        _hosts.A.Do($"ip neigh add {_hosts.AddressOf(_hosts.B, isIPv6)} dev eth1 lladdr {_hosts.B.Link("eth1").GetProperty("address")}");
        var link = _hosts.B.IndexOf("eth1");
        using var everywhere = _hosts.OpenB(isIPv6);
        using var bound = _hosts.B.Enter(() => UdpSocket.Open(new() { Address = IpAddress.Any(isIPv6), Port = 99, Link = link }));
        using var sender = _hosts.OpenA(isIPv6);
        sender.Send(_hosts.ToB([1], isIPv6), _hosts.A.IndexOf("eth1"));
        sender.Send(_hosts.ToB([2], isIPv6));
        sender.Send(_hosts.ToB([3], isIPv6, port: 99));
        sender.Send(_hosts.ToB([4], isIPv6, port: 99), _hosts.A.IndexOf("eth1"));
        using var batch = everywhere.ReceiveAtLeast(2);
        var links = Enumerable.Range(0, 2).ToDictionary(i => UdpHosts.PayloadOf(batch, i)[0], i => batch[i].Link);
        Assert.Equal((link, _hosts.B.IndexOf("eth0")), (links[1], links[2]));
        using var own = bound.ReceiveAtLeast(1);
        Assert.Equal((1, link), (own.Count, own[0].Link));
        Assert.Equal([4], UdpHosts.PayloadOf(own, 0));
    }

    [Fact]
    public void Packets_longer_than_the_link_are_fragmented_unless_DF_forbids_it()
    {
        using var sender = _hosts.OpenA();
        using var sender6 = _hosts.OpenA(isIPv6: true);
        using var receiver = _hosts.OpenB();
        using var receiver6 = _hosts.OpenB(isIPv6: true);
        using var batch = new PacketBatch();
        foreach (var dontFragment in new[] { true, true, false, false, true })
            batch.TryAdd(_hosts.ToB(UdpHosts.Payload(batch.Count, 3000), dontFragment: dontFragment));
        Assert.Equal(2, sender.Send(batch));
        Assert.Equal(3, sender.Errors.TooLong);
        using var arrived = receiver.ReceiveAtLeast(2);
        Assert.Equal(UdpHosts.Payload(2, 3000), UdpHosts.PayloadOf(arrived, 0));
        Assert.Equal(UdpHosts.Payload(3, 3000), UdpHosts.PayloadOf(arrived, 1));

        batch.Clear();
        batch.TryAdd(_hosts.ToB(UdpHosts.Payload(0, 3000), isIPv6: true));
        batch.TryAdd(_hosts.ToB(UdpHosts.Payload(1, 3000), isIPv6: true));
        Assert.Equal(2, sender6.Send(batch));
        using var arrived6 = receiver6.ReceiveAtLeast(2);
        Assert.Equal(UdpHosts.Payload(1, 3000), UdpHosts.PayloadOf(arrived6, 1));
    }

    [Theory]
    [InlineData(false, 65507)]
    [InlineData(true, 65487)]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    public void A_datagram_may_be_empty_or_as_long_as_a_packet(bool isIPv6, int length)
    {
        using var sender = _hosts.OpenA(isIPv6);
        using var receiver = _hosts.OpenB(isIPv6);
        Assert.Equal(1, sender.Send(_hosts.ToB(UdpHosts.Payload(1, length), isIPv6, dontFragment: false)));
        using var batch = receiver.ReceiveAtLeast(1);
        Assert.Equal(UdpHosts.Payload(1, length), UdpHosts.PayloadOf(batch, 0));
    }

    [Fact]
    public void Checksums_of_zero_stay_zero_and_are_taken_over_IPv6_where_that_is_wanted()
    {
        using var capture = _hosts.B.Enter(() => RawIpSocket.Open(new() { Protocol = 17 }));
        using var receiver = _hosts.OpenB();
        using var sender = _hosts.OpenA();
        using var batch = new PacketBatch();
        for (ushort i = 0; i < 4; i++)
            batch.TryAdd(_hosts.ToB([(byte)i, 1], checksum: (ushort)(i & 1)));
        batch.TryAdd(_hosts.ToB([4, 1, 1], checksum: 0));
        batch[batch.Count - 1].Checksum = ChecksumState.Partial;
        Assert.Equal(5, sender.Send(batch));
        using var seen = capture.ReceiveAtLeast(5);
        for (var i = 0; i < 5; i++)
        {
            Assert.True(UdpHeader.TryParse(seen.Bytes(i)[20..], out var udp));
            Assert.Equal((i, i is 1 or 3 or 4), (udp.Payload[0], udp.Checksum != 0));
        }

        using var sender6 = _hosts.OpenA(isIPv6: true);
        using var strict = _hosts.OpenB(isIPv6: true);
        using var lenient = _hosts.B.Enter(() =>
            UdpSocket.Open(new() { Address = IpAddress.Any(true), Port = 99, AcceptZeroChecksum = true }));
        foreach (var port in (ReadOnlySpan<ushort>)[UdpHosts.Port, 99])
        {
            sender6.Send(_hosts.ToB([1], isIPv6: true, port: port, checksum: 0));
            sender6.Send(_hosts.ToB([2], isIPv6: true, port: port));
        }

        using var taken = lenient.ReceiveAtLeast(2);
        using var few = strict.ReceiveAtLeast(1);
        Assert.Equal((2, 1), (taken.Count, few.Count));
        Assert.Equal([2], UdpHosts.PayloadOf(few, 0));
    }

    [Fact]
    public void An_IPv6_socket_may_serve_IPv4_as_well()
    {
        using var receiver = _hosts.B.Enter(() =>
            UdpSocket.Open(new() { Address = IpAddress.Any(true), Port = UdpHosts.Port, IPv6Only = false }));
        using var sender = _hosts.A.Enter(() => UdpSocket.Open(new() { Address = IpAddress.Any(true), IPv6Only = false }));
        using var only = _hosts.OpenA(isIPv6: true);
        Assert.Equal(0, only.Send(_hosts.ToB([1])));
        Assert.Equal(1, sender.Send(_hosts.ToB([1], trafficClass: 3, hopLimit: 9)));
        Assert.Equal(1, sender.Send(_hosts.ToB([2], isIPv6: true)));
        using var batch = receiver.ReceiveAtLeast(2);
        Assert.True(IPv4Header.TryParse(batch.Bytes(0), out var ip));
        Assert.Equal((TwoHosts.AddressOfA, TwoHosts.AddressOfB), (ip.Source.ToString(), ip.Destination.ToString()));
        Assert.Equal((3, 9, _hosts.B.IndexOf("eth0")), (ip.TypeOfService, ip.TimeToLive, batch[0].Link));
        Assert.True(IPv6Header.TryParse(batch.Bytes(1), out _));
    }

    [Fact]
    public void A_mark_chooses_the_route()
    {
        _hosts.A.Do("ip rule add fwmark 7 prohibit");
        using var plain = _hosts.OpenA();
        using var marked = _hosts.A.Enter(() => UdpSocket.Open(new() { Mark = 7 }));
        Assert.Equal(1, plain.Send(_hosts.ToB([1])));
        Assert.Equal(0, marked.Send(_hosts.ToB([1])));
        Assert.Equal(1, marked.Errors.Forbidden);
    }

    [Fact]
    public void A_port_or_address_that_cannot_be_had_is_named()
    {
        using var first = _hosts.OpenB();
        var failure = Assert.Throws<LinuxException>(() => _hosts.OpenB());
        Assert.Equal("bind UDP port 4789 of 0.0.0.0: Address already in use (EADDRINUSE): another program has it", failure.Message);
        failure = Assert.Throws<LinuxException>(() =>
            _hosts.B.Enter(() => UdpSocket.Open(new() { Address = UdpHosts.Address("10.1.1.1") })));
        Assert.Equal(Errno.EADDRNOTAVAIL, failure.Error);
    }

    [Fact]
    public void A_socket_bound_to_a_link_that_is_not_there_sends_nothing()
    {
        using var sender = _hosts.A.Enter(() => UdpSocket.Open(new() { Link = 9999 }));
        Assert.Equal(0, sender.Send(_hosts.ToB([1])));
        Assert.Equal(1, sender.Errors.Unreachable);
    }

    [Fact]
    public async Task Disposing_ends_a_wait_without_limit()
    {
        var cancel = TestContext.Current.CancellationToken;
        var port = _hosts.OpenA();
        var waiter = Task.Run(() => port.Wait(Timeout.InfiniteTimeSpan), cancel);
        port.Dispose();
        await Assert.ThrowsAsync<PortClosedException>(() => waiter.WaitAsync(Wait.Limit, cancel));
    }
}
