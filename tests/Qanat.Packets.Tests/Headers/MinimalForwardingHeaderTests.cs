using Xunit;

namespace Qanat.Packets.Tests.Headers;

public class MinimalForwardingHeaderTests
{
    private static readonly IPv4Address s_destination = new(0x0A000001), s_source = new(0x0A000002);

    [Theory]
    [InlineData(false, 8)]
    [InlineData(true, 12)]
    public void What_is_written_is_read(bool hasSource, int length)
    {
        var bytes = new byte[length + 3];
        MinimalForwardingHeader.Write(bytes, IpProtocol.Udp, s_destination, hasSource ? s_source : null);
        bytes[^1] = 7;

        Assert.True(MinimalForwardingHeader.TryParse(bytes, out var header));
        Assert.True(header.HasValidChecksum);
        Assert.Equal((IpProtocol.Udp, s_destination, hasSource, length),
            (header.Protocol, header.OriginalDestination, header.HasOriginalSource, header.Length));
        Assert.Equal(hasSource ? s_source : IPv4Address.Any, header.OriginalSource);
        Assert.Equal([0, 0, 7], header.Payload.ToArray());
        bytes[4] ^= 1;
        Assert.False(header.HasValidChecksum);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_that_is_cut_short_is_none(bool hasSource)
    {
        var bytes = new byte[MinimalForwardingHeader.SizeOf(hasSource)];
        MinimalForwardingHeader.Write(bytes, IpProtocol.Tcp, s_destination, hasSource ? s_source : null);
        for (var length = 0; length < bytes.Length; length++)
            Assert.False(MinimalForwardingHeader.TryParse(bytes.AsSpan(0, length), out _));
    }
}
