using System.Buffers.Binary;
using Qanat.Linux.Netlink;
using static Qanat.Linux.Tests.Netlink.Parsing;

namespace Qanat.Linux.Tests.Netlink;

/// <summary>Messages as bytes. Netlink is in host byte order, which is little endian wherever the tests run.</summary>
public class NetlinkCodecTests
{
    [Fact]
    public void A_written_message_is_read_back()
    {
        var buffer = new byte[256];
        var writer = new NetlinkWriter(buffer, type: 24, flags: 0x400);
        writer.Append(0x0102030405060708UL);
        writer.Add(1, (byte)0xAB);
        writer.Add(2, "tun1");
        var outer = writer.BeginNest(3);
        writer.Add(4, Ip("192.0.2.1"));
        var inner = writer.BeginNest(5);
        writer.Add(6, 0xDEADBEEF);
        writer.EndNest(inner);
        writer.EndNest(outer);
        writer.Add(7, ReadOnlySpan<byte>.Empty);
        BinaryPrimitives.WriteInt32LittleEndian(buffer, writer.Length);

        Assert.True(NetlinkMessage.TryParse(buffer, out var message, out var consumed));
        Assert.Equal((24, 0x401, writer.Length), (message.Type, message.Flags, consumed));
        Assert.True(message.TryRead(out ulong header, out var attributes));
        Assert.Equal(0x0102030405060708UL, header);
        List<string> seen = [];
        foreach (var attribute in attributes)
        {
            seen.Add(attribute.Type switch
            {
                1 => $"1:{attribute.Read<byte>():x}",
                2 => $"2:{attribute.ReadText()}",
                3 => $"3:{Describe(attribute.Nested)}",
                var type => $"{type}:{attribute.Value.Length}",
            });
        }

        Assert.Equal(["1:ab", "2:tun1", "3:[4=192.0.2.1 5=deadbeef]", "7:0"], seen);

        static string Describe(NetlinkAttributes nested)
        {
            List<string> parts = [];
            foreach (var attribute in nested)
            {
                if (attribute.Type == 4)
                    parts.Add($"4={attribute.ReadAddress()}");
                foreach (var deeper in attribute.Type == 5 ? attribute.Nested : default)
                    parts.Add($"5={deeper.Read<uint>():x}");
            }

            return $"[{string.Join(' ', parts)}]";
        }
    }

    [Fact]
    public void A_message_longer_than_its_buffer_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new NetlinkWriter(new byte[15], 16));
        Assert.Throws<ArgumentException>(() =>
        {
            var writer = new NetlinkWriter(new byte[32], 16);
            writer.Add(1, "0123456789ab");
        });
    }

    [Fact]
    public void Text_with_a_zero_in_it_is_refused() => Assert.Throws<ArgumentException>(() =>
    {
        var writer = new NetlinkWriter(new byte[64], 16);
        writer.Add(1, "eth0\0evil");
    });

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(33)]
    [InlineData(uint.MaxValue)]
    [InlineData(0x80000010)]
    public void A_message_whose_length_cannot_be_is_none(uint length)
    {
        var buffer = new byte[32];
        BinaryPrimitives.WriteUInt32LittleEndian(buffer, length);
        Assert.False(NetlinkMessage.TryParse(buffer, out _, out _));
        Assert.False(NetlinkMessage.TryParse(buffer.AsSpan(0, 15), out _, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(9)]
    [InlineData(ushort.MaxValue)]
    public void An_attribute_whose_length_cannot_be_ends_the_walk(ushort length)
    {
        var buffer = new byte[16];
        buffer[0] = 8;
        buffer[2] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(8), length);
        List<ushort> types = [];
        foreach (var attribute in new NetlinkAttributes(buffer))
            types.Add(attribute.Type);
        Assert.Equal([1], types);
    }

    [Fact]
    public void A_value_shorter_than_what_is_asked_reads_as_nothing()
    {
        foreach (var attribute in new NetlinkAttributes([6, 0, 1, 0, 0xFF, 0xFF, 0, 0]))
        {
            Assert.Equal(0u, attribute.Read<uint>());
            Assert.Equal(0xFFFF, attribute.Read<ushort>());
            Assert.Null(attribute.ReadAddress());
        }
    }

    [Theory]
    [InlineData(0x200 | 0x100, "words")]
    [InlineData(0x200, null)]
    [InlineData(0x100, null)]
    public void An_ack_gives_the_kernels_words_where_the_flags_say_that_they_are(int flags, string? words)
    {
        // NLMSG_ERROR: error -101, the refused request's header (16 bytes; its length says 36), an attribute of text.
        byte[] ack =
        [
            48, 0, 0, 0, 2, 0, (byte)flags, (byte)(flags >> 8), 0, 0, 0, 0, 0, 0, 0, 0,
            unchecked((byte)-101), 0xFF, 0xFF, 0xFF, 36, 0, 0, 0, 24, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            10, 0, 1, 0, (byte)'w', (byte)'o', (byte)'r', (byte)'d', (byte)'s', 0, 0, 0,
        ];
        Assert.True(NetlinkMessage.TryParse(ack, out var message, out _));
        var parsed = NetlinkAck.Parse(message);
        Assert.Equal((Errno.ENETUNREACH, words), (parsed.Error, parsed.Detail));
    }

    [Fact]
    public void An_ack_behind_the_whole_request_is_found_too()
    {
        // As above without NLM_F_CAPPED: four more bytes of the request stand before the text.
        byte[] ack =
        [
            52, 0, 0, 0, 2, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0,
            unchecked((byte)-22), 0xFF, 0xFF, 0xFF, 20, 0, 0, 0, 24, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4,
            10, 0, 1, 0, (byte)'w', (byte)'o', (byte)'r', (byte)'d', (byte)'s', 0, 0, 0,
        ];
        Assert.True(NetlinkMessage.TryParse(ack, out var message, out _));
        Assert.Equal("words", NetlinkAck.Parse(message).Detail);
    }

    [Fact]
    public void An_ack_cut_short_is_an_error_itself()
    {
        Assert.True(NetlinkMessage.TryParse([18, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], out var message, out _));
        Assert.Equal(Errno.EBADMSG, NetlinkAck.Parse(message).Error);
    }
}
