using Xunit;

namespace Qanat.Ipsec.Tests;

public class ReplayWindowTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(128)]
    [InlineData(1000)]
    [InlineData(4096)]
    public void The_window_agrees_with_a_set_that_forgets_nothing(int size)
    {
        var random = new Random(size);
        var window = new ReplayWindow(size);
        HashSet<ulong> seen = [];
        ulong highest = 0;
        for (var i = 0; i < 60_000; i++)
        {
            var sequence = random.Next(20) switch
            {
                0 => highest + (ulong)random.Next(3 * size + 200),
                < 8 => highest + (ulong)random.Next(4),
                _ => highest - Math.Min(highest, (ulong)random.Next(size + 70)),
            };
            var expected = sequence > highest ? ReplayVerdict.New
                : sequence == 0 || highest - sequence >= (ulong)size ? ReplayVerdict.Outside
                : seen.Contains(sequence) ? ReplayVerdict.Seen
                : ReplayVerdict.New;
            Assert.Equal(expected, window.Judge(sequence));
            if (expected != ReplayVerdict.New)
                continue;
            window.Accept(sequence);
            seen.Add(sequence);
            highest = Math.Max(highest, sequence);
            Assert.Equal(highest, window.Highest);
        }
    }

    [Fact]
    public void A_window_of_0_takes_everything()
    {
        var window = new ReplayWindow(0);
        window.Accept(5);
        Assert.Equal(ReplayVerdict.New, window.Judge(5));
        Assert.Equal(ReplayVerdict.New, window.Judge(0));
    }

    [Theory]
    [InlineData(32, 10UL)]
    [InlineData(64, 63UL)]
    [InlineData(100, 64UL)]
    [InlineData(4096, 12345UL)]
    public void A_window_that_resumes_lets_nothing_old_in_and_all_that_is_new(int size, ulong highest)
    {
        var window = new ReplayWindow(size);
        window.Resume(highest);
        window.Accept(highest + 3);
        for (var sequence = highest; sequence > 0; sequence--)
            Assert.NotEqual(ReplayVerdict.New, window.Judge(sequence));
        Assert.Equal((size > 2 ? ReplayVerdict.New : ReplayVerdict.Outside, ReplayVerdict.New), (window.Judge(highest + 1), window.Judge(highest + 2)));
    }

    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    [InlineData(4096)]
    public void The_upper_half_of_a_number_near_the_window_is_found(int size)
    {
        foreach (var highest in (ulong[])[0, 1, 31, 100, 0x7FFF_FFFF, 0xFFFF_FFF0, 0x1_0000_0000, 0x1_0000_0010, 0x5_FFFF_FFFF, 0x6_0000_1000])
        {
            var window = new ReplayWindow(size);
            window.Resume(highest);
            for (var distance = -size + 1L; distance < 2 * size; distance++)
            {
                if ((Int128)highest + distance < 0)
                    continue;
                var sequence = highest + (ulong)distance;
                Assert.True(window.TryExtend((uint)sequence, out var extended));
                Assert.Equal(sequence, extended);
            }
        }
    }

    [Fact]
    public void A_number_before_the_first_is_none()
    {
        var window = new ReplayWindow(64);
        Assert.False(window.TryExtend(uint.MaxValue, out _));
        window.Accept(10);
        Assert.False(window.TryExtend(uint.MaxValue - 20, out _));
    }
}
