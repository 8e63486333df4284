using System.Buffers.Binary;
using Qanat.Linux.Sockets;
using Qanat.Packets;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Sockets;

public sealed class RawIpv6SocketTests : IDisposable
{
    private const byte Experiment = 253; // RFC 3692

    private readonly UdpHosts _hosts = new();

    public void Dispose() => _hosts.Dispose();

    [Fact]
    public void Packets_arrive_whole_in_order_with_the_header_they_were_sent_with()
    {
        using var sender = Open(_hosts.A, RawIpOptions.IPPROTO_RAW);
        using var receiver = Open(_hosts.B, Experiment, receiveLink: true);
        using var batch = new PacketBatch(300, 300 * 512);
        for (var i = 0; i < 300; i++)
            batch.TryAdd(ToB([(byte)i, (byte)(i >> 8)], trafficClass: (byte)i, flowLabel: (uint)i << 8, hopLimit: (byte)(1 + i % 255)), 0);
        Assert.Equal(300, sender.Send(batch));

        using var arrived = new PacketBatch(512);
        while (arrived.Count < 300)
        {
            Assert.True(receiver.Wait(Wait.Limit));
            receiver.Receive(arrived);
        }

        var link = _hosts.B.IndexOf("eth0");
        for (var i = 0; i < 300; i++)
        {
            Assert.Equal(batch.Bytes(i), arrived.Bytes(i));
            Assert.Equal(link, arrived[i].Link);
            Assert.True(arrived.TryMoveStart(i, -PacketBatch.DefaultHeadroom), "There is headroom.");
        }
    }

    [Fact]
    public void Extension_headers_are_left_out_and_fragments_put_together()
    {
        using var receiver = Open(_hosts.B, Experiment);
        using var sender = Open(_hosts.A, RawIpOptions.IPPROTO_RAW);
        sender.Send(ToB([Experiment, 0, 1, 4, 0, 0, 0, 0, 7], nextHeader: IpProtocol.DestinationOptions));
        sender.Send(ToB([Experiment, 0, 0, 1, 0, 0, 0, 5, 1, 2, 3, 4, 5, 6, 7, 8], nextHeader: IpProtocol.Fragment));
        sender.Send(ToB([Experiment, 0, 0, 8, 0, 0, 0, 5, 9], nextHeader: IpProtocol.Fragment));
        using var batch = receiver.ReceiveAtLeast(2);
        Assert.Equal(ToB([7]), batch.Bytes(0));
        Assert.Equal(ToB([1, 2, 3, 4, 5, 6, 7, 8, 9]), batch.Bytes(1));
        Assert.Equal(0, batch[0].Link);
    }

    [Fact]
    public void A_packet_leaves_by_the_link_it_asks_for()
    {
        TestNamespace.Join(_hosts.A, "eth1", _hosts.B, "eth1");
        _hosts.A.Do("ip addr add fd00:50::73/64 dev eth1 nodad",
            $"ip neigh add {_hosts.AddressOf(_hosts.B, true)} dev eth1 lladdr {_hosts.B.Link("eth1").GetProperty("address")}");
        using var receiver = Open(_hosts.B, Experiment, receiveLink: true);
        using var sender = Open(_hosts.A, RawIpOptions.IPPROTO_RAW);
        Assert.Equal(1, sender.Send(ToB([1]), _hosts.A.IndexOf("eth1")));
        Assert.Equal(1, sender.Send(ToB([2])));
        using var batch = receiver.ReceiveAtLeast(2);
        var links = Enumerable.Range(0, 2).ToDictionary(i => batch.Bytes(i)[40], i => batch[i].Link);
        Assert.Equal((_hosts.B.IndexOf("eth1"), _hosts.B.IndexOf("eth0")), (links[1], links[2]));
    }

    [Fact]
    public void A_packet_that_is_refused_does_not_hold_up_the_next()
    {
        _hosts.A.Do("ip route add prohibit fd67::/16");
        using var receiver = Open(_hosts.B, Experiment);
        using var sender = Open(_hosts.A, RawIpOptions.IPPROTO_RAW);
        using var batch = new PacketBatch();
        batch.TryAdd(ToB(new byte[1600])); // longer than the link's MTU
        batch.TryAdd(ToB([1]));
        batch.TryAdd([0x60, 0]);
        batch.TryAdd([]);
        batch.TryAdd(ToB([1], destination: "fd67::1"));
        batch.TryAdd(ToB([1], destination: "2001:db8::1"));
        batch.TryAdd(ToB([2]));
        Assert.Equal(2, sender.Send(batch));
        Assert.Equal((1, 2, 1, 1), (sender.Errors.TooLong, sender.Errors.Invalid, sender.Errors.Unreachable, sender.Errors.Forbidden));
        using var arrived = receiver.ReceiveAtLeast(2);
        Assert.Equal((1, 2), (arrived.Bytes(0)[40], arrived.Bytes(1)[40]));
    }

    [Fact]
    public void Only_errors_about_the_wanted_protocols_come_through()
    {
        const byte gre = 47, udp = 17, parameterProblem = 4;
        using var errors = _hosts.A.Enter(() =>
            RawIpv6Socket.Open(new() { Protocol = RawIpOptions.IPPROTO_ICMPV6, ErrorsAbout = [4, gre] }));
        using var all = Open(_hosts.A, RawIpOptions.IPPROTO_ICMPV6);
        using var sender = Open(_hosts.A, RawIpOptions.IPPROTO_RAW);

        // An echo reply, and errors about UDP, the experiment, options with the experiment behind them and, last, GRE.
        _hosts.B.Do("sysctl -qw net.ipv6.icmp.ratelimit=0");
        _hosts.A.Do("ping -c 1 fd00:50::186");
        using var datagrams = _hosts.OpenA(isIPv6: true);
        datagrams.Send(_hosts.ToB([1], isIPv6: true));
        sender.Send(ToB([1]));
        sender.Send(ToB([Experiment, 0, 1, 4, 0, 0, 0, 0, 7], nextHeader: IpProtocol.DestinationOptions));
        sender.Send(ToB(new byte[4], nextHeader: IpProtocol.Gre));

        using var batch = errors.ReceiveAtLeast(2);
        Assert.Equal([60, gre], Enumerable.Range(0, batch.Count).Select(i => batch.Bytes(i)[40 + 8 + 6]));
        Assert.True(IPv6Header.TryParse(batch.Bytes(1), out var ip));
        Assert.Equal((IpProtocol.Icmpv6, "fd00:50::186", "fd00:50::71"), (ip.NextHeader, ip.Source.ToString(), ip.Destination.ToString()));
        Assert.True(Icmpv6Header.TryParse(ip.Payload, out _));
        Assert.Equal(parameterProblem, ip.Payload[0]);
        Assert.False(errors.Wait(TimeSpan.Zero));

        var quoted = new List<byte>();
        while (!quoted.Contains(gre))
        {
            using var everything = all.ReceiveAtLeast(1);
            quoted.AddRange(Enumerable.Range(0, everything.Count)
                .Where(i => everything.Bytes(i)[40] < 128).Select(i => everything.Bytes(i)[54]));
        }

        Assert.Equal([udp, Experiment, 60, gre], quoted);
    }

    [Fact]
    public void An_ICMPv6_error_with_a_wrong_checksum_is_dropped_by_the_kernel()
    {
        using var errors = _hosts.B.Enter(() => RawIpv6Socket.Open(new() { Protocol = RawIpOptions.IPPROTO_ICMPV6, ErrorsAbout = [47] }));
        using var sender = Open(_hosts.A, RawIpOptions.IPPROTO_RAW);
        var quote = ToB([1], nextHeader: IpProtocol.Gre);
        byte[] error = [2, 0, 0, 0, 0, 0, 5, 0, .. quote];
        sender.Send(ToB(error, nextHeader: IpProtocol.Icmpv6));
        var right = ToB(error, nextHeader: IpProtocol.Icmpv6);
        var sum = InternetChecksum.Sum(right.AsSpan(8)) + (uint)error.Length + 58;
        BinaryPrimitives.WriteUInt16BigEndian(right.AsSpan(42), InternetChecksum.Finish(sum));
        sender.Send(right);
        using var batch = errors.ReceiveAtLeast(1);
        Assert.Equal(1, batch.Count);
        Assert.Equal(right, batch.Bytes(0));
    }

    [Fact]
    public void Errors_whose_header_the_kernel_makes_have_a_source_and_a_checksum_and_are_counted()
    {
        using var errors = _hosts.B.Enter(() => RawIpv6Socket.Open(new() { Protocol = RawIpOptions.IPPROTO_ICMPV6, ErrorsAbout = [47] }));
        using var sender = _hosts.A.Enter(() =>
            RawIpv6Socket.Open(new() { Protocol = RawIpOptions.IPPROTO_ICMPV6, KernelHeader = true }));
        byte[] error = [1, 4, 0, 0, 0, 0, 0, 0, .. ToB([1], nextHeader: IpProtocol.Gre)];
        var packet = ToB(error, nextHeader: IpProtocol.Icmpv6);
        Assert.Equal(1, sender.Send(packet));
        packet.AsSpan(8, IPv6Address.Size).Clear(); // any
        Assert.Equal(1, sender.Send(packet));
        Assert.Equal(0, sender.Send([0x60, 0]));
        using var batch = errors.ReceiveAtLeast(2);
        Assert.All(Enumerable.Range(0, 2), i =>
        {
            Assert.True(IPv6Header.TryParse(batch.Bytes(i), out var ip));
            Assert.Equal(("fd00:50::71", "fd00:50::186"), (ip.Source.ToString(), ip.Destination.ToString()));
            Assert.Equal(error[4..], ip.Payload[4..].ToArray());
        });
        Assert.Equal("2", _hosts.A.Do("awk '$1 == \"Icmp6OutDestUnreachs\" {print $2}' /proc/net/snmp6").TrimEnd());
        _hosts.B.Do("ping -c 1 fd00:50::71");
        Assert.False(sender.Wait(TimeSpan.Zero));
    }

    [Fact]
    public void A_mark_chooses_the_route()
    {
        _hosts.A.Do("ip rule add fwmark 7 prohibit", "ip -6 rule add fwmark 7 prohibit");
        using var socket = _hosts.A.Enter(() => RawIpv6Socket.Open(new() { Protocol = RawIpOptions.IPPROTO_RAW, Mark = 7 }));
        using var socket4 = _hosts.A.Enter(() => RawIpSocket.Open(new() { Protocol = RawIpOptions.IPPROTO_RAW, Mark = 7 }));
        Assert.Equal(0, socket.Send(ToB([1])));
        Assert.Equal(0, socket4.Send(Testbed.Packet(TwoHosts.AddressOfA, TwoHosts.AddressOfB, Experiment, [1])));
        Assert.Equal((1, 1), (socket.Errors.Forbidden, socket4.Errors.Forbidden));
    }

    [Fact]
    public void A_missing_capability_is_named()
    {
        var failure = Assert.Throws<LinuxException>(() => _hosts.A.Enter(() =>
        {
            Testbed.DropCapabilities();
            RawIpv6Socket.Open(new() { Protocol = Experiment }).Dispose();
        }));
        Assert.Equal("open a raw IPv6 socket: Operation not permitted (EPERM): CAP_NET_RAW is missing", failure.Message);
    }

    private byte[] ToB(ReadOnlySpan<byte> payload, IpProtocol nextHeader = (IpProtocol)Experiment, byte trafficClass = 0,
        uint flowLabel = 0, byte hopLimit = 64, string? destination = null)
    {
        var packet = new byte[IPv6Header.Size + payload.Length];
        IPv6Header.Write(packet, trafficClass, flowLabel, payload.Length, nextHeader, hopLimit, _hosts.AddressOf(_hosts.A, true).IPv6,
            destination is null ? _hosts.AddressOf(_hosts.B, true).IPv6 : UdpHosts.Address(destination).IPv6);
        payload.CopyTo(packet.AsSpan(IPv6Header.Size));
        return packet;
    }

    private static RawIpv6Socket Open(TestNamespace host, byte protocol, bool receiveLink = false) =>
        host.Enter(() => RawIpv6Socket.Open(new() { Protocol = protocol, ReceiveLink = receiveLink }));
}
