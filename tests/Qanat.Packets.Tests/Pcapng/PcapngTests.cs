using System.Buffers;
using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Qanat.Packets.Tests.Pcapng;

/// <summary>What is written is read again, and what is damaged is said to be so.</summary>
public class PcapngTests
{
    private static readonly CaptureInterface[] Interfaces =
    [
        new("tun1", CaptureLinkType.Raw, 262_144, "inner", "icmp or host 10.0.0.1"),
        new("é", CaptureLinkType.Ethernet),
    ];

    [Fact]
    public void Any_packet_is_read_as_it_was_written() => Prop.ForAll(
        ArbMap.Default.ArbFor<(bool First, long Time, byte[] Bytes, ulong Id, byte Direction, NonNull<string> Comment)>(), given =>
        {
            var packet = new CapturedPacket
            {
                Interface = given.First ? 0 : 1,
                Timestamp = given.Time & long.MaxValue,
                OriginalLength = given.Bytes.Length + 7,
                Id = given.Id,
                Direction = (CaptureDirection)(given.Direction % 3),
                Comment = given.Comment.Get.Length > 0 && !given.Comment.Get.Any(c => c == '\0' || char.IsSurrogate(c))
                    ? given.Comment.Get
                    : null,
            };
            var reader = new PcapngReader(new MemoryStream(Write(writer => writer.Write(packet, given.Bytes))));
            Assert.True(reader.TryRead(out var read, out var bytes));
            Assert.Equal(packet, read);
            Assert.Equal(given.Bytes, bytes.ToArray());
            Assert.Equal(Interfaces, reader.Interfaces);
            Assert.False(reader.TryRead(out _, out _));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Statistics_are_read_as_they_were_written()
    {
        var reader = new PcapngReader(new MemoryStream(Write(writer => writer.Write(1, 5_000_000_000, new(1000, 7)))));
        Assert.False(reader.TryRead(out _, out _));
        Assert.Equal([default, new CaptureStatistics(1000, 7)], reader.Statistics);
    }

    [Fact]
    public void The_other_byte_order_and_the_resolution_are_heeded()
    {
        // A section in the other order, an interface of microseconds, a packet of 4 bytes at 1.000002 s.
        byte[] file =
        [
            .. Words(0x0A0D0D0A, 28, 0x1A2B3C4D, 0x00010000, 0xFFFFFFFF, 0xFFFFFFFF, 28),
            .. Words(1, 20, 0x00650000, 0, 20),
            .. Words(6, 36, 0, 0, 1_000_002, 4, 9, 0x45000000, 36),
        ];
        var reader = new PcapngReader(new MemoryStream(file));
        Assert.True(reader.TryRead(out var packet, out var bytes));
        Assert.Equal((1_000_002_000L, 9, 0x45), (packet.Timestamp, packet.OriginalLength, bytes[0]));
        Assert.Equal(CaptureLinkType.Raw, reader.Interfaces[0].LinkType);

        static IEnumerable<byte> Words(params uint[] words) =>
            words.SelectMany(word => BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(word)));
    }

    [Fact]
    public void A_damaged_file_ends_or_says_so()
    {
        var whole = Write(writer =>
        {
            for (var i = 0; i < 5; i++)
                writer.Write(new() { Id = 9, Comment = "dropped: no route", Direction = CaptureDirection.Inbound }, new byte[40 + i]);
            writer.Write(0, 1, new(5, 0));
        });
        var random = new Random(7);
        var refused = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var file = whole.ToArray();
            for (var i = random.Next(4); i >= 0; i--)
                file[random.Next(file.Length)] = (byte)random.Next(256);
            var reader = new PcapngReader(new MemoryStream(file, 0, random.Next(file.Length + 1)));
            try
            {
                while (reader.TryRead(out _, out _))
                {
                }
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1000, 20_000);
    }

    [Fact]
    public void What_is_no_capture_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => new PcapngReader(new MemoryStream(new byte[100])).TryRead(out _, out _));
        var empty = Assert.Throws<InvalidDataException>(() => new PcapngReader(new MemoryStream()).TryRead(out _, out _));
        Assert.Equal("This is no pcapng file: it is empty.", empty.Message);
        Assert.False(new PcapngReader(new MemoryStream(Write(_ => { }))).TryRead(out _, out _));
        Assert.Throws<ArgumentException>(() => Write(writer => writer.Write(new() { Interface = 2 }, [1])));
    }

    private static byte[] Write(Action<PcapngWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new PcapngWriter(output, "qanat", "Linux");
        foreach (var description in Interfaces)
            writer.AddInterface(description);
        write(writer);
        return output.WrittenSpan.ToArray();
    }
}
