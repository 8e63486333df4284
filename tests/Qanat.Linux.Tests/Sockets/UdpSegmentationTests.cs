using Qanat.Linux.Sockets;
using Qanat.Packets;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Sockets;

// A veth passes what was sent with UDP_SEGMENT on in one piece, and joins nothing by itself: one super-packet at the far end is
// one message at the near one.
public sealed class UdpSegmentationTests : IDisposable
{
    private readonly UdpHosts _hosts = new();

    public void Dispose() => _hosts.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Packets_of_one_flow_leave_as_one_message_and_arrive_as_many_datagrams(bool isIPv6)
    {
        using var batch = Batch(Enumerable.Range(0, 40).Select(i => _hosts.ToB(UdpHosts.Payload(i, i < 39 ? 1000 : 77), isIPv6)));
        using var sender = _hosts.OpenA(isIPv6);
        using (var receiver = _hosts.OpenB(isIPv6))
        {
            Assert.Equal(40, sender.Send(batch));
            using var arrived = receiver.ReceiveAtLeast(40);
            for (var i = 0; i < 40; i++)
                Assert.Equal(UdpHosts.PayloadOf(batch, i), UdpHosts.PayloadOf(arrived, i));
        }

        using (var receiver = _hosts.OpenB(isIPv6, coalesce: true))
        {
            Assert.Equal(40, sender.Send(batch));
            using var arrived = receiver.ReceiveAtLeast(1);
            Assert.Equal((1, GsoType.UdpL4, (ushort)1000), (arrived.Count, arrived[0].Gso, arrived[0].GsoSize));
            Assert.Equal(Enumerable.Range(0, 40).SelectMany(i => UdpHosts.PayloadOf(batch, i)), UdpHosts.PayloadOf(arrived, 0));
            var ip = arrived.Bytes(0);
            Assert.True(isIPv6 ? IPv6Header.TryParse(ip, out _) : IPv4Header.TryParse(ip, out _));
            Assert.True(UdpHeader.TryParse(ip[(isIPv6 ? 40 : 20)..], out var udp));
            Assert.Equal(8 + 39 * 1000 + 77, udp.Length);
        }

        Assert.Equal(0, sender.SegmentationRefusal);
    }

    [Fact]
    public void Destination_options_go_with_each_datagram_of_a_message()
    {
        byte[] limit = [(byte)IpProtocol.Udp, 0, 4, 1, 4, 1, 1, 0];
        using var batch = Batch(
            Enumerable.Range(0, 40).Select(i => WithOptions(_hosts.ToB(UdpHosts.Payload(i, 1000), isIPv6: true), limit)));
        using var capture = _hosts.B.Enter(() => CaptureSocket.Open(link: 0));
        using var receiver = _hosts.OpenB(isIPv6: true);
        using var sender = _hosts.OpenA(isIPv6: true);
        Assert.Equal(40, sender.Send(batch));
        using var arrived = receiver.ReceiveAtLeast(40);
        for (var i = 0; i < 40; i++)
            Assert.Equal(UdpHosts.Payload(i, 1000), UdpHosts.PayloadOf(arrived, i));
        Assert.Equal(0, sender.SegmentationRefusal);

        var seen = 0;
        while (capture.TryReceive(out _, out var frame))
            if (frame.Length > 14 + 56 && frame[14] >> 4 == 6 && frame[20] == (byte)IpProtocol.DestinationOptions)
            {
                Assert.Equal(limit, frame[54..62]);
                seen++;
            }
        Assert.InRange(seen, 1, 40); // A veth passes a message on in one piece.
    }

    [Fact]
    public void A_socket_that_is_not_to_segment_sends_a_datagram_a_message()
    {
        using var batch = Batch(Enumerable.Range(0, 10).Select(_ => _hosts.ToB(new byte[100])));
        Assert.Equal(Enumerable.Repeat((100, 100), 10), MessagesOf(batch, segment: false));
    }

    [Fact]
    public void A_message_ends_where_headers_or_sizes_differ_behind_a_shorter_one_and_at_the_limits()
    {
        // What, how often: expected messages as (bytes, bytes of a segment).
        (byte[] Packet, int Count)[] packets =
        [
            (_hosts.ToB(new byte[100]), 130), (_hosts.ToB(new byte[1400]), 60), (_hosts.ToB(new byte[10]), 3),
            (_hosts.ToB(new byte[10], trafficClass: 2), 2), (_hosts.ToB(new byte[10], hopLimit: 9), 2),
            (_hosts.ToB(new byte[10], dontFragment: false), 2), (_hosts.ToB(new byte[10], checksum: 0), 2), (_hosts.ToB([]), 2),
        ];
        using var batch = Batch(packets.SelectMany(one => Enumerable.Repeat(one.Packet, one.Count)));
        (int Length, int Size)[] expected =
        [
            (6400, 100), (6400, 100), (200, 100), (46 * 1400, 1400), (14 * 1400 + 10, 1400), (20, 10),
            (20, 10), (20, 10), (20, 10), (10, 10), (10, 10), (0, 0), (0, 0),
        ];
        Assert.Equal(expected, MessagesOf(batch));
    }

    [Fact]
    public void Only_the_source_port_identification_and_checksum_may_differ_in_a_message()
    {
        var first = _hosts.ToB(new byte[10]);
        var second = _hosts.ToB(new byte[10], checksum: 5);
        (second[4], second[20]) = (99, 99);
        IPv4Header.UpdateChecksum(second);
        using var same = Batch([first, second]);
        Assert.Equal([(20, 10)], MessagesOf(same));

        _hosts.A.Do("ip addr add 10.10.50.72/24 dev eth0");
        using var other = Batch([first, _hosts.ToB(new byte[10], source: UdpHosts.Address("10.10.50.72"))]);
        Assert.Equal([(10, 10), (10, 10)], MessagesOf(other));
        using var linked = Batch([first, first]);
        linked[1].Link = _hosts.A.IndexOf("eth0");
        Assert.Equal([(10, 10), (10, 10)], MessagesOf(linked));
    }

    [Fact]
    public void A_super_packet_leaves_as_it_is_in_as_few_messages_as_the_limits_allow()
    {
        using var batch = Batch([_hosts.ToB(UdpHosts.Payload(1, 65507)), _hosts.ToB(UdpHosts.Payload(2, 2500)), _hosts.ToB(new byte[300])]);
        (batch[0].Gso, batch[0].GsoSize) = (GsoType.UdpL4, 1000);
        (batch[1].Gso, batch[1].GsoSize) = (GsoType.UdpL4, 500);
        Assert.Equal([(64_000, 1000), (1507, 1000), (2500 + 300, 500)], MessagesOf(batch));
    }

    [Fact]
    public void A_super_packet_that_was_received_can_be_sent_on()
    {
        using var batch = Batch(Enumerable.Range(0, 5).Select(i => _hosts.ToB(UdpHosts.Payload(i, 700))));
        using var near = _hosts.OpenA();
        using var far = _hosts.OpenB(coalesce: true);
        near.Send(batch);
        using var turned = far.ReceiveAtLeast(1);
        var packet = turned.Bytes(0);
        _hosts.AddressOf(_hosts.B, false).IPv4.Write(packet[12..]);
        _hosts.AddressOf(_hosts.A, false).IPv4.Write(packet[16..]);
        (packet[22], packet[23]) = ((byte)(near.Port >> 8), (byte)near.Port);
        Assert.Equal(1, far.Send(turned));
        using var back = near.ReceiveAtLeast(1);
        Assert.Equal((1, 700), (back.Count, (int)back[0].GsoSize));
        Assert.Equal(UdpHosts.PayloadOf(turned, 0), UdpHosts.PayloadOf(back, 0));
    }

    // One that is refused together is taken one by one; the destination is tried again later, others at once.
    [Fact]
    public void A_refused_message_is_taken_apart_and_segmenting_is_tried_again_later()
    {
        _hosts.B.Do("ip addr add 10.10.50.187/24 dev eth0");
        using var sender = _hosts.OpenA();
        using var receiver = _hosts.OpenB(coalesce: true);
        using var large = Batch(Enumerable.Range(0, 3).Select(i => _hosts.ToB(UdpHosts.Payload(i, 2000), dontFragment: false)));
        Assert.Equal(3, sender.Send(large));
        Assert.Contains(sender.SegmentationRefusal, (IEnumerable<int>)[Errno.EMSGSIZE, Errno.EINVAL]);
        using (var arrived = receiver.ReceiveAtLeast(3))
        {
            for (var i = 0; i < 3; i++)
                Assert.Equal(UdpHosts.Payload(i, 2000), UdpHosts.PayloadOf(arrived, i));
        }

        using var pair = Batch([_hosts.ToB(new byte[10]), _hosts.ToB(new byte[10])]);
        using var other = Batch(Enumerable.Repeat(_hosts.ToB(new byte[10], destination: UdpHosts.Address("10.10.50.187")), 2));
        Assert.Equal([(10, 10), (10, 10)], Messages(sender, receiver, pair));
        Assert.Equal([(20, 10)], Messages(sender, receiver, other));
        for (var i = 0; i < 600; i++)
            Assert.Equal(20, Messages(sender, receiver, pair).Sum(message => message.Length));
        Assert.Equal([(20, 10)], Messages(sender, receiver, pair));
        Assert.Equal(0, sender.Errors.Refused);
    }

    [Fact]
    public void A_super_packet_for_a_way_that_refuses_it_leaves_in_pieces()
    {
        using var batch = Batch([_hosts.ToB(UdpHosts.Payload(1, 9000), dontFragment: false), _hosts.ToB([5], dontFragment: false)]);
        (batch[0].Gso, batch[0].GsoSize) = (GsoType.UdpL4, 4000);
        Assert.Equal([(4000, 4000), (4000, 4000), (1000, 1000), (1, 1)], MessagesOf(batch));
    }

    [Fact]
    public void A_super_packet_joins_only_those_with_segments_of_its_size()
    {
        using var batch = Batch(new[] { 2000, 500, 300, 300, 1000 }.Select(length => _hosts.ToB(UdpHosts.Payload(length, length))));
        int[] sizes = [500, 0, 100, 100, 500];
        for (var i = 0; i < batch.Count; i++)
            (batch[i].Gso, batch[i].GsoSize) = sizes[i] > 0 ? (GsoType.UdpL4, (ushort)sizes[i]) : (GsoType.None, (ushort)0);
        Assert.Equal([(2500, 500), (600, 100), (1000, 500)], MessagesOf(batch));
    }

    // Older kernels refuse to segment there (EIO), newer ones fill the checksums in themselves.
    [Fact]
    public void A_link_without_checksum_offload_carries_it_all()
    {
        _hosts.A.Do("ethtool -K eth0 tx off");
        using var batch = Batch(Enumerable.Range(0, 40).Select(i => _hosts.ToB(UdpHosts.Payload(i, 1000))));
        using var sender = _hosts.OpenA();
        using var receiver = _hosts.OpenB();
        Assert.Equal(40, sender.Send(batch));
        using var arrived = receiver.ReceiveAtLeast(40);
        for (var i = 0; i < 40; i++)
            Assert.Equal(UdpHosts.Payload(i, 1000), UdpHosts.PayloadOf(arrived, i));
    }

    private static PacketBatch Batch(IEnumerable<byte[]> packets)
    {
        var batch = new PacketBatch(256, 1 << 20);
        foreach (var packet in packets)
            Assert.True(batch.TryAdd(packet));
        return batch;
    }

    // The messages that a batch leaves in: their payload's bytes, and those of each datagram.
    private List<(int Length, int Size)> MessagesOf(PacketBatch batch, bool segment = true)
    {
        using var sender = _hosts.OpenA(segment: segment);
        using var receiver = _hosts.OpenB(coalesce: true);
        return Messages(sender, receiver, batch);
    }

    private List<(int Length, int Size)> Messages(UdpSocket sender, UdpSocket receiver, PacketBatch batch)
    {
        batch.TryAdd(_hosts.ToB([1, 2, 3], trafficClass: 0xFC)); // the end
        Assert.Equal(batch.Count, sender.Send(batch));
        batch.RemoveLast();
        using var arrived = new PacketBatch(256);
        while (arrived.Count == 0 || arrived.Bytes(arrived.Count - 1)[1] != 0xFC)
        {
            Assert.True(receiver.Wait(Wait.Limit));
            receiver.Receive(arrived);
        }

        return [.. Enumerable.Range(0, arrived.Count - 1).Select(i =>
            (arrived[i].Length - 28, arrived[i].Gso == GsoType.None ? arrived[i].Length - 28 : arrived[i].GsoSize))];
    }

    private static byte[] WithOptions(byte[] packet, byte[] options)
    {
        byte[] longer = [.. packet[..IPv6Header.Size], .. options, .. packet[IPv6Header.Size..]];
        longer[IPv6Header.NextHeaderOffset] = (byte)IpProtocol.DestinationOptions;
        (longer[4], longer[5]) = ((byte)((longer.Length - 40) >> 8), (byte)(longer.Length - 40));
        return longer;
    }
}
