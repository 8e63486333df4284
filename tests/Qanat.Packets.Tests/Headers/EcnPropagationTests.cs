using Xunit;

namespace Qanat.Packets.Tests.Headers;

public class EcnPropagationTests
{
    [Theory]
    [InlineData(0x10, 0x00, 0x10)]
    [InlineData(0x10, 0x01, 0x11)]
    [InlineData(0x10, 0x02, 0x12)]
    [InlineData(0x10, 0x03, 0x12)] // the kernel marks ECT(0) where the inner says CE
    [InlineData(0xB8, 0xBB, 0xBA)]
    public void Outer_header_carries_the_inner_ecn_but_for_ce(byte tos, byte inner, byte outer) =>
        Assert.Equal(outer, EcnPropagation.Encapsulate(tos, inner));

    // RFC 6040, figure 4: rows are the inner field, columns the outer; -1 drops.
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 2, 0)]
    [InlineData(0, 1, 0)]
    [InlineData(0, 3, -1)]
    [InlineData(2, 0, 2)]
    [InlineData(2, 2, 2)]
    [InlineData(2, 1, 1)]
    [InlineData(2, 3, 3)]
    [InlineData(1, 0, 1)]
    [InlineData(1, 2, 1)]
    [InlineData(1, 1, 1)]
    [InlineData(1, 3, 3)]
    [InlineData(3, 0, 3)]
    [InlineData(3, 2, 3)]
    [InlineData(3, 1, 3)]
    [InlineData(3, 3, 3)]
    public void Decapsulation_follows_rfc_6040(byte inner, byte outer, int expected)
    {
        const byte dscp = 0xA8;
        var passed = EcnPropagation.TryDecapsulate((byte)(0x10 | outer), (byte)(dscp | inner), out var result);
        Assert.Equal(expected >= 0, passed);
        if (passed)
            Assert.Equal(dscp | expected, result);
    }
}
