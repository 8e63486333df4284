using System.Buffers.Binary;
using Qanat.Testing;
using Xunit;

namespace Qanat.Packets.Tests.Offload;

public sealed class OffloadHostileTests
{
    private const int Rounds = 500_000;

    private static readonly TestSegment[] _kinds =
    [
        new() { TcpOptions = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8] },
        new() { IsV4 = false },
        new() { IsTcp = false },
        new() { IsV4 = false, IsTcp = false },
        new() { IpOptions = [7, 7, 4, 0, 0, 0, 0, 0] },
        new() { IsV4 = false, ExtensionHeader = [0, 0, 1, 4, 0, 0, 0, 0] },
    ];

    [Fact]
    public void Mutated_super_packets_are_refused_or_cut_into_well_formed_segments()
    {
        Random random = new(1);
        var originals = _kinds.Select(kind => kind with { Payload = TestSegment.Bytes(500, 1) }).ToArray();
        var packets = originals.Select(original => original.Build(partial: true)).ToArray();
        var mutant = new byte[1024];
        var output = new byte[1024];
        var (started, refused) = (0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            var kind = random.Next(packets.Length);
            var packet = Mutate(random, packets[kind], mutant);
            var info = originals[kind].Offloaded(random.Next(60, 700));
            if (random.Next(4) == 0)
                info = MutateFacts(random, info);
            if (!Segmenter.TryStart(packet, info, out var segmenter))
            {
                refused++;
                Assert.Equal(0, segmenter.NextLength);
                continue;
            }
            started++;
            var (count, payload) = (0, 0);
            for (int length; (length = segmenter.NextLength) > 0; count++)
            {
                output[length] = 0xA7;
                Assert.True(segmenter.WriteNext(output) == length && output[length] == 0xA7);
                payload += CheckLengths(output.AsSpan(0, length));
            }
            Assert.Equal(segmenter.SegmentCount, count);
            Assert.Equal(CheckLengths(packet), payload);
        }
        // Most mutations hit the payload: the test is worth something only if both ways are taken often.
        Assert.True(started > Rounds / 10 && refused > Rounds / 10, $"{started} cut, {refused} refused");
    }

    [Fact]
    public void Mutated_streams_come_out_of_the_coalescer_whole_and_within_bounds()
    {
        Random random = new(2);
        CheckingPort port = new();
        using PacketBatch batch = new(capacity: 16);
        Coalescer coalescer = new(new PacketQueue(port, batch), new CoalescerOptions(300, Tcp: true, Udp: true));
        var flows = _kinds.Select(kind => kind with { Payload = TestSegment.Bytes(100, 1) }).ToArray();
        var streams = flows.Select(flow => Enumerable.Range(0, 64).Select(i => (flow with
        {
            Identification = (ushort)i,
            SequenceNumber = (uint)i * 100,
        }).Build()).ToArray()).ToArray();
        var mutant = new byte[1024];
        var (flow, at, passed) = (0, 0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            if (random.Next(8) == 0)
                (flow, at) = (random.Next(flows.Length), random.Next(64));
            ReadOnlySpan<byte> packet = streams[flow][at++ % 64];
            if (random.Next(2) == 0)
                packet = Mutate(random, packet, mutant);
            PacketInfo info = default;
            if (random.Next(4) == 0)
                info = MutateFacts(random, flows[flow].Offloaded(100));
            // What has facts of its own passes with them; the port checks those that the coalescer makes.
            if (info.Gso != GsoType.None)
                passed++;
            Assert.True(coalescer.Add(packet, info with { Link = info.Gso != GsoType.None ? 1 : 0 }));
            if (random.Next(50) == 0)
                coalescer.Flush();
        }
        coalescer.Flush();
        Assert.Equal(Rounds, port.Packets + port.Segments);
        Assert.True(port.Segments > Rounds / 20 && passed > Rounds / 20, $"{port.Segments} joined, {passed} passed");
    }

    [Fact]
    public void Nothing_is_allocated_for_a_packet()
    {
        using PacketBatch incoming = new(capacity: 64, size: 1 << 20);
        using PacketBatch outgoing = new(capacity: 16);
        CountingPort port = new();
        PacketQueue queue = new(port, outgoing);
        Coalescer coalescer = new(queue, new CoalescerOptions(1500, Tcp: true, Udp: true));
        var whole = new TestSegment { Payload = TestSegment.Bytes(40_000, 1) };
        var packet = whole.Build(partial: true);
        var info = whole.Offloaded(1000);

        void Work()
        {
            for (var i = 0; i < 200; i++)
            {
                incoming.Clear();
                Segmenter.TryStart(packet, info, out var segmenter);
                while (segmenter.NextLength > 0)
                {
                    incoming.TryAdd(segmenter.NextLength, 0, out var index);
                    segmenter.WriteNext(incoming.Bytes(index));
                }
                for (var index = 0; index < incoming.Count; index++)
                    coalescer.Add(incoming.Bytes(index), incoming[index]);
                coalescer.Flush();
                if (Segmenter.TryStart(packet, info, out segmenter))
                    segmenter.WriteAll(queue);
                queue.Flush();
            }
        }

        Work();
        Allocations.AssertNone(packets: 200 * 41, Work);
        Assert.Equal(2 * 200 * 41, port.Packets);
    }

    private static Span<byte> Mutate(Random random, ReadOnlySpan<byte> packet, byte[] mutant)
    {
        packet.CopyTo(mutant);
        var length = packet.Length;
        switch (random.Next(8))
        {
            case 0:
                length = random.Next(packet.Length + 1);
                break;
            case 1:
                // Cut, with lengths that agree: deeper than the first look.
                length = random.Next(20, packet.Length + 1);
                var (field, value) = mutant[0] >> 4 == 4 ? (2, length) : (4, length - 40);
                BinaryPrimitives.WriteUInt16BigEndian(mutant.AsSpan(field), (ushort)value);
                break;
            case 2:
                length += random.Next(mutant.Length - packet.Length);
                break;
            default:
                for (var changes = random.Next(1, 4); changes > 0; changes--)
                    mutant[random.Next(random.Next(3) == 0 ? packet.Length : 64)] = (byte)random.Next(256);
                break;
        }
        return mutant.AsSpan(0, length);
    }

    private static PacketInfo MutateFacts(Random random, PacketInfo info) => random.Next(6) switch
    {
        0 => info with { Gso = (GsoType)random.Next(256) },
        1 => info with { GsoSize = (ushort)random.Next(50) },
        2 => info with { GsoSize = (ushort)random.Next(65536) },
        3 => info with { ChecksumStart = (ushort)random.Next(65536) },
        4 => info with { ChecksumOffset = (ushort)random.Next(65536) },
        _ => info with { Checksum = (ChecksumState)random.Next(256) },
    };

    /// <summary>Asserts that the IP and UDP lengths agree with the bytes; returns the length of the transport's payload.</summary>
    private static int CheckLengths(ReadOnlySpan<byte> packet)
    {
        ReadOnlySpan<byte> transport;
        IpProtocol protocol;
        if (IPv4Header.TryParse(packet, out var v4))
        {
            Assert.True(packet.Length == v4.TotalLength);
            transport = v4.Payload;
            protocol = v4.Protocol;
        }
        else
        {
            Assert.True(IPv6Header.TryParse(packet, out var v6));
            Assert.True(v6.TryWalk(out var chain) && packet.Length == v6.Packet.Length);
            transport = packet[chain.Offset..];
            protocol = chain.Protocol;
        }
        if (protocol == IpProtocol.Tcp)
        {
            Assert.True(TcpHeader.TryParse(transport, out var tcp));
            return tcp.Payload.Length;
        }
        Assert.True(UdpHeader.TryParse(transport, out var udp) && udp.Length == transport.Length);
        return udp.Payload.Length;
    }

    /// <summary>Cuts what the coalescer has joined and checks it; counts the rest.</summary>
    private sealed class CheckingPort : IPort
    {
        private readonly byte[] _segment = new byte[1024];

        public int Packets { get; private set; }
        public int Segments { get; private set; }

        public int Receive(PacketBatch batch) => 0;

        public int Send(PacketBatch batch)
        {
            for (var i = 0; i < batch.Count; i++)
            {
                var info = batch[i];
                if (info.Gso == GsoType.None || info.Link != 0)
                {
                    Packets++;
                    continue;
                }
                var packet = batch.Bytes(i);
                Assert.True(Segmenter.TryStart(packet, info, out var segmenter));
                Segments += segmenter.SegmentCount;
                var payload = 0;
                for (int length; (length = segmenter.NextLength) > 0;)
                {
                    segmenter.WriteNext(_segment);
                    payload += CheckLengths(_segment.AsSpan(0, length));
                }
                Assert.Equal(CheckLengths(packet), payload);
            }
            return batch.Count;
        }

        public void Dispose() { }
    }

    private sealed class CountingPort : IPort
    {
        public int Packets { get; private set; }

        public int Receive(PacketBatch batch) => 0;

        public int Send(PacketBatch batch)
        {
            Packets += batch.Count;
            return batch.Count;
        }

        public void Dispose() { }
    }
}
