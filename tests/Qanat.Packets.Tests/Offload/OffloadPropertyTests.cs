using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Qanat.Packets.Tests.Offload;

public sealed class OffloadPropertyTests : IDisposable
{
    private readonly KeepingPort _port = new();
    private readonly PacketBatch _batch = new();

    public void Dispose() => _batch.Dispose();

    private static Gen<TestSegment> Flows =>
        from isV4 in Gen.Elements(true, false)
        from isTcp in Gen.Elements(true, false)
        from options in Gen.Choose(0, 10)
        from sequence in Gen.Choose(int.MinValue, int.MaxValue)
        from identification in Gen.Choose(0, ushort.MaxValue)
        from fields in Gen.Choose(0, int.MaxValue)
        select new TestSegment
        {
            IsV4 = isV4,
            IsTcp = isTcp,
            TcpOptions = isTcp ? TestSegment.Bytes(options * 4, sequence) : [],
            SequenceNumber = (uint)sequence,
            Identification = (ushort)identification,
            TrafficClass = (byte)fields,
            TimeToLive = (byte)(fields >> 8),
            Window = (ushort)(fields >> 12),
            FlowLabel = (uint)fields & 0xFFFFF,
            AcknowledgmentNumber = (uint)fields * 31,
            FlagsAndOffset = (ushort)(fields % 2 * 0x4000),
            Flags = TcpFlags.Ack | (fields % 3 == 0 ? TcpFlags.Psh : TcpFlags.None),
        };

    [Fact]
    public void Cutting_a_super_packet_and_joining_its_segments_gives_it_back() => Prop.ForAll(Arb.From(
        from flow in Flows
        from size in Gen.Choose(flow.IsTcp ? 1 : 1000, 1460)
        from length in Gen.Choose(size + 1, flow.IsTcp ? Math.Min(65_000, size * 500) : 64_000)
        select (Whole: flow with { Payload = TestSegment.Bytes(length, size) }, Size: size)), super =>
    {
        _port.Sent.Clear();
        var packet = super.Whole.Build(partial: true);
        var info = super.Whole.Offloaded(super.Size);
        Coalescer coalescer = new(new PacketQueue(_port, _batch), new CoalescerOptions(1500, Tcp: true, Udp: true));
        Assert.True(Segmenter.TryStart(packet, info, out var segmenter));
        var segment = new byte[2000];
        while (segmenter.NextLength > 0)
        {
            var written = segment.AsSpan(0, segmenter.WriteNext(segment));
            Assert.True(TestSegment.IsRight(written));
            coalescer.Add(written, default);
        }
        coalescer.Flush();
        var (joined, facts) = Assert.Single(_port.Sent);
        Assert.Equal(packet, joined);
        Assert.Equal(info, facts with { Start = 0, Floor = 0, Length = 0 });
    }).QuickCheckThrowOnFailure();

    // Flows interleaved at random, with segments lost, sent again, acknowledgements and short ones between: whatever is
    // joined, cutting it again gives each flow exactly the packets that it had, in their order.
    [Fact]
    public void Joining_and_cutting_again_gives_every_flow_its_packets_in_order() => Prop.ForAll(Arb.From(
        from flows in Flows.ArrayOf(12)
        from steps in Gen.Choose(0, int.MaxValue).ArrayOf(200)
        select (Flows: flows, Steps: steps)), scene =>
    {
        _port.Sent.Clear();
        Coalescer coalescer = new(new PacketQueue(_port, _batch), new CoalescerOptions(1500, Tcp: true, Udp: true));
        var heads = scene.Flows.Select((flow, i) => flow with { Host = (byte)i, Payload = TestSegment.Bytes(100, i) }).ToArray();
        var expected = heads.Select(_ => new List<byte[]>()).ToArray();
        foreach (var step in scene.Steps)
        {
            var i = step % 5 == 0 ? step / 5 % heads.Length : step / 5 % 3;
            ref var head = ref heads[i];
            head = (step / 100 % 16) switch
            {
                // Not a datagram: twice the same Identification is a rule of its own, which cutting cannot know of.
                0 when head.IsTcp => head,
                1 => head.Next(0),
                2 => head.Next(50),
                3 => head.Next(100).Next(100),
                4 => head.Next(100) with { Flags = TcpFlags.Ack | TcpFlags.Fin },
                5 => head.Next(150),
                _ => head.Next(100) with { Flags = TcpFlags.Ack | (step % 7 == 0 ? TcpFlags.Psh : TcpFlags.None) },
            };
            expected[i].Add(head.Build());
            coalescer.Add(expected[i][^1], default);
        }
        coalescer.Flush();

        var actual = heads.Select(_ => new List<byte[]>()).ToArray();
        foreach (var (packet, info) in _port.Sent)
        {
            var flow = actual[packet[0] >> 4 == 4 ? packet[15] : packet[23]];
            if (info.Gso == GsoType.None)
            {
                flow.Add(packet);
                continue;
            }
            Assert.True(Segmenter.TryStart(packet, info, out var segmenter));
            while (segmenter.NextLength > 0)
            {
                flow.Add(new byte[segmenter.NextLength]);
                segmenter.WriteNext(flow[^1]);
            }
        }
        for (var i = 0; i < heads.Length; i++)
            Assert.Equal(expected[i].Select(Convert.ToHexString), actual[i].Select(Convert.ToHexString));
        Assert.True(_port.Sent.Count < scene.Steps.Length);
    }).QuickCheckThrowOnFailure();
}
