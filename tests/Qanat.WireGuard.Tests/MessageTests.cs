using FsCheck;
using FsCheck.Fluent;
using Xunit;
using static Qanat.WireGuard.Tests.HandshakeVectors;

namespace Qanat.WireGuard.Tests;

public class MessageTests
{
    [Fact]
    public void Messages_have_the_sizes_of_the_whitepaper() => Assert.Equal(
        (148, 92, 64, 16, 32),
        (InitiationMessage.Size, ResponseMessage.Size, CookieReplyMessage.Size, TransportMessage.HeaderSize, TransportMessage.MinSize));

    [Fact]
    public void The_fields_of_an_initiation_are_where_they_should_be()
    {
        byte[] bytes = [1, 0, 0, 0, .. Counting(144)];
        Assert.True(InitiationMessage.TryParse(bytes, out var message));
        Assert.Equal(0x0302_0100u, message.Sender);
        Assert.Equal(bytes.AsSpan(8..40), message.Ephemeral);
        Assert.Equal(bytes.AsSpan(40..88), message.Static);
        Assert.Equal(bytes.AsSpan(88..116), message.Timestamp);
        Assert.Equal(bytes.AsSpan(116..132), message.Mac1);
        Assert.Equal(bytes.AsSpan(132..), message.Mac2);
        Assert.Equal(bytes, message.Bytes);
    }

    [Fact]
    public void The_fields_of_a_response_are_where_they_should_be()
    {
        byte[] bytes = [2, 0, 0, 0, .. Counting(88)];
        Assert.True(ResponseMessage.TryParse(bytes, out var message));
        Assert.Equal((0x0302_0100u, 0x0706_0504u), (message.Sender, message.Receiver));
        Assert.Equal(bytes.AsSpan(12..44), message.Ephemeral);
        Assert.Equal(bytes.AsSpan(44..60), message.Empty);
        Assert.Equal(bytes.AsSpan(60..76), message.Mac1);
        Assert.Equal(bytes.AsSpan(76..), message.Mac2);
        Assert.Equal(bytes, message.Bytes);
    }

    [Fact]
    public void The_fields_of_a_cookie_reply_are_where_they_should_be()
    {
        byte[] bytes = [3, 0, 0, 0, .. Counting(60)];
        Assert.True(CookieReplyMessage.TryParse(bytes, out var message));
        Assert.Equal(0x0302_0100u, message.Receiver);
        Assert.Equal(bytes.AsSpan(8..32), message.Nonce);
        Assert.Equal(bytes.AsSpan(32..), message.Cookie);
        Assert.Equal(bytes, message.Bytes);
    }

    [Fact]
    public void The_fields_of_a_transport_message_are_where_they_should_be()
    {
        byte[] bytes = [4, 0, 0, 0, .. Counting(60)];
        Assert.True(TransportMessage.TryParse(bytes, out var message));
        Assert.Equal((0x0302_0100u, 0x0B0A_0908_0706_0504ul), (message.Receiver, message.Counter));
        Assert.Equal(bytes.AsSpan(16..), message.Packet);
        var header = new byte[16];
        TransportMessage.WriteHeader(header, message.Receiver, message.Counter);
        Assert.Equal(bytes[..16], header);
    }

    [Theory]
    [InlineData("initiation", MessageType.Initiation)]
    [InlineData("response", MessageType.Response)]
    [InlineData("cookie-reply-v4", MessageType.CookieReply)]
    public void A_message_of_another_length_type_or_reserved_bytes_is_none(string name, MessageType type)
    {
        var bytes = Get(name);
        Assert.Equal(type, Message.TypeOf(bytes));
        Assert.Equal(MessageType.None, Message.TypeOf([.. bytes, 0]));
        for (var length = 0; length < bytes.Length; length++)
            Assert.Equal(MessageType.None, Message.TypeOf(bytes.AsSpan(0, length)));
        for (var bit = 0; bit < 32; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.NotEqual(type, Message.TypeOf(bytes));
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
        }
    }

    [Fact]
    public void A_transport_message_has_a_tag_at_least()
    {
        byte[] message = [4, .. new byte[63]];
        for (var length = 0; length < 64; length++)
            Assert.Equal(length >= 32, TransportMessage.TryParse(message.AsSpan(0, length), out _));
    }

    [Fact]
    public void Whatever_arrives_is_at_most_one_kind_of_message() => Prop.ForAll<byte, byte[]>((type, rest) =>
    {
        byte[] datagram = [(byte)(type % 6), 0, 0, 0, .. rest];
        var kinds = 0;
        kinds += InitiationMessage.TryParse(datagram, out _) ? 1 : 0;
        kinds += ResponseMessage.TryParse(datagram, out _) ? 1 : 0;
        kinds += CookieReplyMessage.TryParse(datagram, out _) ? 1 : 0;
        kinds += TransportMessage.TryParse(datagram, out _) ? 1 : 0;
        return kinds == (Message.TypeOf(datagram) == MessageType.None ? 0 : 1);
    }).QuickCheckThrowOnFailure();

    private static byte[] Counting(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)i)];
}
