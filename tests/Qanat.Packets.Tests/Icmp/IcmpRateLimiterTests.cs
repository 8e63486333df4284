using Qanat.Testing;
using Xunit;

namespace Qanat.Packets.Tests.Icmp;

public class IcmpRateLimiterTests
{
    private static readonly IcmpError _unreachable = IcmpError.Unreachable(IcmpUnreachableCode.Host);

    private readonly ManualTime _time = new();
    private readonly IcmpRateLimiter _limiter;

    public IcmpRateLimiterTests() => _limiter = new IcmpRateLimiter(_time, new Ones());

    [Fact]
    public void A_destination_gets_six_at_once_and_then_one_a_second()
    {
        Assert.Equal(6, Allowed(20, _ => new(1)));
        _time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Equal(0, Allowed(20, _ => new(1)));
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(1, Allowed(20, _ => new(1)));
        _time.Advance(TimeSpan.FromSeconds(100));
        Assert.Equal(6, Allowed(20, _ => new(1)));
        Assert.Equal(14 + 20 + 19 + 14, _limiter.Suppressed);
    }

    [Fact]
    public void All_destinations_get_fifty_at_once_and_then_a_thousand_a_second()
    {
        Assert.Equal(50, Allowed(200, i => new((uint)i + 1)));
        _time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal(10, Allowed(200, i => new((uint)i + 1000)));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(50, Allowed(200, i => new((uint)i + 2000)));
    }

    [Fact]
    public void What_one_destination_is_refused_the_others_do_not_miss()
    {
        Allowed(1000, _ => new(1));
        Assert.Equal(44, Allowed(200, i => new((uint)i + 2)));
    }

    [Fact]
    public void Path_mtu_discovery_is_never_limited()
    {
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(_limiter.Allow(IcmpError.FragmentationNeeded(1400), new(1)));
            Assert.True(_limiter.Allow(Icmpv6Error.PacketTooBig(1400), new(1)));
        }
        Assert.Equal(6, Allowed(20, _ => new(1)));
    }

    [Theory]
    [InlineData(IcmpType.DestinationUnreachable, true)]
    [InlineData(IcmpType.SourceQuench, true)]
    [InlineData(IcmpType.TimeExceeded, true)]
    [InlineData(IcmpType.ParameterProblem, true)]
    [InlineData(IcmpType.Redirect, false)]
    [InlineData(IcmpType.EchoReply, false)]
    public void The_types_of_the_kernels_rate_mask_are_limited(IcmpType type, bool limited)
    {
        for (var i = 0; i < 6; i++)
            Assert.True(_limiter.Allow(new IcmpError(type, 0), new(1)));
        Assert.Equal(!limited, _limiter.Allow(new IcmpError(type, 0), new(1)));
    }

    [Fact]
    public void The_same_number_is_another_destination_in_ipv6()
    {
        Assert.Equal(6, Allowed(20, _ => new(1)));
        var six = 0;
        for (var i = 0; i < 20; i++)
            six += _limiter.Allow(Icmpv6Error.HopLimitExceeded, new IPv6Address(1)) ? 1 : 0;
        Assert.Equal(6, six);
    }

    [Fact]
    public void What_an_error_costs_cannot_be_counted_from_outside()
    {
        HashSet<int> bursts = [];
        for (var seed = 0; seed < 20; seed++)
        {
            var limiter = new IcmpRateLimiter(_time, new Random(seed));
            var allowed = 0;
            for (var i = 1u; i < 1000; i++)
                allowed += limiter.Allow(_unreachable, new(i)) ? 1 : 0;
            Assert.InRange(allowed, 25, 150);
            bursts.Add(allowed);
        }
        Assert.InRange(bursts.Count, 3, 20);
    }

    [Fact]
    public void Nothing_is_allocated_however_many_destinations_there_are()
    {
        Allowed(10, i => new((uint)i));
        var allowed = 0;
        Allocations.AssertNone(packets: 100_000, () =>
        {
            for (var i = 0u; i < 100_000; i++)
            {
                _time.Advance(TimeSpan.FromMilliseconds(1));
                allowed += _limiter.Allow(_unreachable, new(i)) ? 1 : 0;
            }
        });
        Assert.Equal(100_000, allowed);
    }

    private int Allowed(int count, Func<int, IPv4Address> destination) =>
        Enumerable.Range(0, count).Count(i => _limiter.Allow(_unreachable, destination(i)));

    /// <summary>No chance at all: every error costs one.</summary>
    private sealed class Ones : Random
    {
        public override int Next(int maxValue) => 1;

        public override long NextInt64() => 0x1234_5678_9ABC_DEF0;
    }
}
