using System.Buffers.Binary;
using Qanat.Packets;
using Qanat.Testing;
using Qanat.WireGuard.Tests.Simulation;
using Xunit;

namespace Qanat.WireGuard.Tests.Devices;

public class DataPathTests
{
    private const int Packets = 100;

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_steady_stream_is_sealed_and_opened_in_order_without_allocation(int helpers)
    {
        using var ends = new JoinedEnds(helpers);
        using var inner = new PacketBatch(Packets, 1 << 18);
        for (var i = 0; i < Packets; i++)
        {
            inner.TryAdd(1400, PacketBatch.DefaultHeadroom, out var index);
            SimulatedHost.WritePacket(inner.Bytes(index), JoinedEnds.LeftInner, JoinedEnds.RightInner, (ulong)i);
        }
        void Pass()
        {
            for (var i = 0; i < 10; i++)
                ends.Pass(inner);
        }
        Pass();
        Pass();
        ends.Forget();
        Allocations.AssertNone(10 * Packets, Pass);
        Assert.Equal((10 * Packets, 10 * Packets * 1400), (ends.Delivered, ends.DeliveredBytes));

        var numbers = new List<ulong>();
        ends.Numbers = numbers;
        Pass();
        Assert.Equal(Enumerable.Range(0, 10 * Packets).Select(i => (ulong)(i % Packets)), numbers);
    }

    [Fact]
    public void A_super_packet_leaves_in_segments_and_arrives_whole_again()
    {
        using var ends = new JoinedEnds();
        using var inner = new PacketBatch(1, 1 << 18);
        WriteTcp(inner, payload: 13_600, segment: 1360);
        ends.Pass(inner); // which waits for the session
        ends.Forget();
        ends.Pass(inner);
        Assert.Equal(10, ends.Datagrams);
        Assert.Equal((1, 40 + 13_600), (ends.Delivered, ends.DeliveredBytes));
    }

    [Fact]
    public void A_super_packet_that_makes_no_sense_is_counted()
    {
        using var ends = new JoinedEnds();
        using var inner = new PacketBatch(1, 1 << 18);
        WriteTcp(inner, payload: 13_600, segment: 1360);
        inner[0].GsoSize = 0;
        ends.Pass(inner);
        Assert.Equal(0, ends.Datagrams);
        Assert.Equal(1, ends.RightAtLeft.Counters.Dropped(DropReason.InnerHeader));
    }

    [Fact]
    public void Datagrams_that_arrive_as_one_are_taken_apart()
    {
        using var hosts = new TwoHosts().Connect();
        hosts.Lose();
        for (var i = 1UL; i <= 5; i++)
            hosts.Left.Send(hosts.Right, i, i < 5 ? 100 : 60);
        using var batch = new PacketBatch(1, 1 << 16);
        batch.TryAdd((byte[])[.. hosts.Seen.SelectMany(seen => seen.Datagram)]);
        (batch[0].Gso, batch[0].GsoSize) = (GsoType.UdpL4, (ushort)hosts.Seen[0].Datagram.Length);
        hosts.Right.Device.FromWire(batch, [hosts.Left.Here]);
        Assert.Equal([1UL, 2, 3, 4, 5], hosts.Right.Arrived);
    }

    [Fact]
    public void An_idle_peer_costs_little_and_ten_thousand_are_waited_for_at_once()
    {
        const int count = 10_000;
        using var network = new SimulatedNetwork(1);
        var device = network.AddHost(0).Device;
        var key = new byte[PublicKey.Size];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 1; i <= count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(key, i * 7919);
            var peer = device.Add(new(key))!;
            device.Allow(peer, new(new IPv4Address(0x0A000000 + (uint)i), 32));
            device.SetPersistentKeepalive(peer, TimeSpan.FromSeconds(i % 100 + 1));
        }
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / count, 1, 8192);
        Assert.Equal(TimeSpan.FromSeconds(1), device.NextTick);
        for (var second = 1; second <= 100; second++)
        {
            network.Time.Ticks += TimeSpan.TicksPerSecond;
            Assert.Equal(TimeSpan.FromSeconds(1), device.Tick());
        }
    }

    private static void WriteTcp(PacketBatch batch, int payload, int segment)
    {
        const int headers = IPv4Header.MinSize + TcpHeader.MinSize;
        batch.TryAdd(headers + payload, PacketBatch.DefaultHeadroom, out var index);
        var packet = batch.Bytes(index);
        packet.Fill(0x5A);
        IPv4Header.Write(packet, 0, packet.Length, 1, true, 64, IpProtocol.Tcp, JoinedEnds.LeftInner, JoinedEnds.RightInner);
        var tcp = packet[IPv4Header.MinSize..];
        tcp[..TcpHeader.MinSize].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(tcp, 1234);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], 80);
        tcp[12] = TcpHeader.MinSize / 4 << 4;
        tcp[13] = (byte)TcpFlags.Ack;
        var pseudo = InternetChecksum.PseudoHeader(JoinedEnds.LeftInner, JoinedEnds.RightInner, IpProtocol.Tcp, tcp.Length);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[TcpHeader.ChecksumOffset..], (ushort)~InternetChecksum.Finish(pseudo));
        ref var info = ref batch[index];
        (info.Gso, info.GsoSize) = (GsoType.TcpV4, (ushort)segment);
        (info.Checksum, info.ChecksumStart, info.ChecksumOffset) = (ChecksumState.Partial, IPv4Header.MinSize, TcpHeader.ChecksumOffset);
    }
}
