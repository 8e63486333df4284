using Qanat.Packets;
using Xunit;

namespace Qanat.WireGuard.Tests.Admission;

public class AdmissionTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    [Fact]
    public void A_source_has_five_handshakes_at_once_and_then_twenty_a_second()
    {
        var limiter = new HandshakeLimiter();
        var source = new IPv4Address(0xC0000201);
        Assert.Equal(5, Enumerable.Range(0, 100).Count(_ => limiter.Allow(source, Second)));
        Assert.Equal(20, Enumerable.Range(1, 1000).Count(i => limiter.Allow(source, Second + i * Second / 1000)));
        Assert.True(limiter.Allow(new IPv4Address(0xC0000202), 2 * Second));
    }

    [Fact]
    public void Sources_of_IPv6_are_counted_by_their_subnet()
    {
        var limiter = new HandshakeLimiter();
        Assert.Equal(5, Enumerable.Range(0, 100).Count(i => limiter.Allow(new IPv6Address(((UInt128)7 << 64) + (ulong)i), Second)));
        Assert.True(limiter.Allow(new IPv6Address((UInt128)8 << 64), Second));
        Assert.True(limiter.Allow(new IPv4Address(7), Second));
    }

    [Fact]
    public void A_flood_from_many_sources_is_bounded_and_passes()
    {
        var limiter = new HandshakeLimiter();
        var allowed = Enumerable.Range(0, 1_000_000).Count(i => limiter.Allow(new IPv4Address((uint)i * 2654435761), Second));
        Assert.InRange(allowed, 1, 4096);
        Assert.True(limiter.Allow(new IPv4Address(1), 2 * Second));
    }

    [Fact]
    public void Load_begins_at_an_eighth_of_the_queue_and_lasts_a_second_longer()
    {
        var load = new LoadMonitor();
        Assert.False(load.IsUnderLoad(511, 4096, 0));
        Assert.True(load.IsUnderLoad(512, 4096, Second));
        Assert.True(load.IsUnderLoad(0, 4096, 2 * Second - 1));
        Assert.False(load.IsUnderLoad(0, 4096, 2 * Second));
    }
}
