using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Qanat.WireGuard.Tests.Control;

public class ControlMessageTests
{
    private const ControlMessageType Unheard = (ControlMessageType)0x0E;

    [Fact]
    public void The_fields_are_where_they_should_be()
    {
        var text = new byte[16];
        text.AsSpan().Fill(0xEE);
        ControlMessage.Write(text, Unheard, 0x0403_0201, [7, 8, 9]);
        Assert.Equal([0x0E, 0, 3, 0, 1, 2, 3, 4, 7, 8, 9, 0xEE, 0xEE, 0xEE, 0xEE, 0xEE], text);
        Assert.True(ControlMessage.TryParse(text, out var message));
        Assert.Equal((Unheard, 0x0403_0201u), (message.Type, message.Identifier));
        Assert.Equal([7, 8, 9], message.Body.ToArray());
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 2, 3 })] // shorter than a header
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 2, 3, 4 })] // nothing but padding
    [InlineData(new byte[] { 1, 1, 0, 0, 1, 2, 3, 4 })] // of a later kind
    [InlineData(new byte[] { 1, 0, 1, 0, 1, 2, 3, 4 })] // its body is missing
    [InlineData(new byte[] { 0x45, 0, 0, 0, 1, 2, 3, 4 })] // a packet
    public void What_is_none_is_not_read_as_one(byte[] text) => Assert.False(ControlMessage.TryParse(text, out _));

    [Fact]
    public void Whatever_it_is_that_can_be_read_lies_within_what_arrived() => Prop.ForAll<byte[]>(bytes =>
    {
        if (bytes is [var first, ..])
            bytes[0] = (byte)(first & 0x1F); // one in two
        return !ControlMessage.TryParse(bytes, out var message) ||
            ControlMessage.IsMeant(bytes) && message.Body.Length <= bytes.Length - ControlMessage.HeaderSize;
    }).QuickCheckThrowOnFailure();
}
