using Xunit;

namespace Qanat.WireGuard.Tests.Sessions;

public class ReplayWindowTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_window_agrees_with_a_set_that_forgets_nothing(int seed)
    {
        var random = new Random(seed);
        var window = new ReplayWindow();
        HashSet<ulong> seen = [];
        var highest = 0UL;
        for (var i = 0; i < 200_000; i++)
        {
            var counter = random.Next(40) switch
            {
                0 => highest + (ulong)random.Next(3 * ReplayWindow.Size),
                1 => highest - Math.Min(highest, (ulong)random.Next(ReplayWindow.Size - 2, ReplayWindow.Size + 70)),
                < 12 => highest + (ulong)random.Next(4),
                _ => highest - Math.Min(highest, (ulong)random.Next(ReplayWindow.Size + 70)),
            };
            var expected = counter + ReplayWindow.Size >= highest && seen.Add(counter);
            Assert.Equal(expected, window.TryAccept(counter));
            highest = Math.Max(highest, counter);
        }
    }

    [Fact]
    public void The_first_counter_is_0_and_comes_once()
    {
        var window = new ReplayWindow();
        Assert.True(window.TryAccept(0));
        Assert.False(window.TryAccept(0));
        Assert.True(window.TryAccept(1));
    }

    [Fact]
    public void A_window_reaches_back_so_far_and_no_farther()
    {
        var window = new ReplayWindow();
        Assert.True(window.TryAccept(ReplayWindow.Size + 1));
        Assert.False(window.TryAccept(0));
        Assert.True(window.TryAccept(1));
        Assert.False(window.TryAccept(1));
    }

    [Fact]
    public void Nothing_wraps_at_the_end_of_the_counters()
    {
        var window = new ReplayWindow();
        Assert.True(window.TryAccept(ulong.MaxValue));
        Assert.False(window.TryAccept(ulong.MaxValue));
        Assert.True(window.TryAccept(ulong.MaxValue - ReplayWindow.Size));
        Assert.False(window.TryAccept(ulong.MaxValue - ReplayWindow.Size - 1));
        Assert.False(window.TryAccept(0));
    }
}
