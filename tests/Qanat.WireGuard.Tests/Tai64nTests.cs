using Xunit;

namespace Qanat.WireGuard.Tests;

public class Tai64nTests
{
    [Theory]
    [InlineData("2026-01-01T00:00:00.5000000Z", "400000006955b90a1d000000")]
    [InlineData("1970-01-01T00:00:00.0000000Z", "400000000000000a00000000")]
    [InlineData("1969-12-31T23:59:59.9999999Z", "40000000000000093b000000")]
    [InlineData("2026-01-01T00:00:00.0167772Z", "400000006955b90a00000000")]
    [InlineData("2026-01-01T00:00:00.0167773Z", "400000006955b90a01000000")]
    public void A_moment_is_written_in_steps_of_two_to_the_24_nanoseconds(string moment, string expected)
    {
        var bytes = new byte[Tai64n.Size];
        var timestamp = Tai64n.From(DateTimeOffset.Parse(moment, null));
        timestamp.Write(bytes);
        Assert.Equal(expected, Convert.ToHexStringLower(bytes));
        Assert.Equal(timestamp, Tai64n.Read(bytes));
    }

    [Fact]
    public void The_next_moment_is_later_and_never_has_more_nanoseconds_than_a_second()
    {
        var timestamp = Tai64n.From(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var begin = timestamp.Seconds;
        for (var i = 0; i < 120; i++)
        {
            var next = timestamp.Next();
            Assert.True(next.CompareTo(timestamp) > 0 && timestamp.CompareTo(next) < 0 && next.Nanoseconds < 1_000_000_000);
            timestamp = next;
        }
        Assert.Equal(begin + 2, timestamp.Seconds);
    }
}
