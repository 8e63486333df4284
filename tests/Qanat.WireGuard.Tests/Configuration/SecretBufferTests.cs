using Qanat.WireGuard.Configuration;
using Xunit;

namespace Qanat.WireGuard.Tests.Configuration;

public class SecretBufferTests
{
    [Fact]
    public void What_it_grew_out_of_and_what_is_cleared_is_wiped()
    {
        using var buffer = new SecretBuffer();
        var first = buffer.GetMemory(8);
        first.Span[..8].Fill(7);
        buffer.Advance(8);
        buffer.GetSpan(100_000)[..100_000].Fill(8);
        buffer.Advance(100_000);
        Assert.Equal(new byte[8], first[..8].ToArray());
        Assert.Equal((100_008, 7, 8), (buffer.Written.Length, buffer.Written[7], buffer.Written[8]));

        var second = buffer.WrittenMemory;
        buffer.Clear();
        Assert.True(buffer.Written.IsEmpty);
        Assert.DoesNotContain((byte)8, second.ToArray());
    }

    [Fact]
    public void More_than_was_asked_for_cannot_be_taken()
    {
        using var buffer = new SecretBuffer();
        var length = buffer.GetSpan().Length;
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(length + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(-1));
    }
}
