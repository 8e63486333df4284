using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Qanat.WireGuard.Tests.Probing;

public class PathProberTests
{
    private const int Lowest = 1200, Largest = 1480;

    private static PathProber Prober() => new(Lowest, Largest, uint.MaxValue - 5);

    private static Arbitrary<(int Mtu, int RoundTrip)> Paths() =>
        (from mtu in Gen.Choose(Lowest - 100, Largest + 100)
         from roundTrip in Gen.Choose(1, 700)
         select (mtu, roundTrip)).ToArbitrary();

    [Fact]
    public void It_arrives_at_the_true_size_whatever_it_is() => Prop.ForAll(Paths(), path =>
    {
        var prober = Prober();
        new ProbedPath(prober) { Mtu = path.Mtu, RoundTrip = path.RoundTrip * TimeSpan.TicksPerMillisecond }.Run(120);
        Assert.Equal(Math.Clamp(path.Mtu, Lowest, Largest), prober.PathMtu);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_path_that_narrows_is_found_within_ten_seconds_and_one_that_widens_in_time() => Prop.ForAll(Paths(), path =>
    {
        var prober = Prober();
        var network = new ProbedPath(prober);
        network.Run(60);
        network.Mtu = path.Mtu;
        if (path.Mtu < Largest)
            Assert.InRange(network.Run(20, () => prober.PathMtu <= Math.Max(path.Mtu, Lowest)), 0, 10);
        network.Run(60);
        Assert.Equal(Math.Clamp(path.Mtu, Lowest, Largest), prober.PathMtu);
        network.Mtu = Largest;
        network.Run(700);
        Assert.Equal(Largest, prober.PathMtu);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Loss_and_changes_never_take_it_below_the_base_nor_leave_it_above_the_truth() => Prop.ForAll(
        Gen.Choose(0, 1_000_000).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var prober = Prober();
            var network = new ProbedPath(prober, seed) { Loss = 0.15 * random.NextDouble() };
            for (var i = 0; i < 10; i++)
            {
                network.Mtu = random.Next(Lowest, Largest + 50);
                network.Run(40 * random.NextDouble(), () => prober.PathMtu is < Lowest or > Largest);
                Assert.True(prober.PathMtu is null or >= Lowest and <= Largest);
            }
            network.Run(300); // whatever was going on
            Assert.InRange(prober.PathMtu!.Value, Lowest, Math.Min(network.Mtu, Largest));
            network.Loss = 0;
            network.Run(1300);
            Assert.Equal(Math.Min(network.Mtu, Largest), prober.PathMtu);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_way_on_which_nothing_comes_through_is_no_narrow_one()
    {
        var prober = Prober();
        var network = new ProbedPath(prober);
        network.Run(30);
        network.Loss = 1;
        network.Run(300);
        Assert.Equal(Largest, prober.PathMtu);
    }

    [Fact]
    public void Without_packets_nothing_is_asked()
    {
        var network = new ProbedPath(Prober());
        network.Run(30);
        network.Traffic = null;
        network.Run(5); // what was under way
        network.Sent.Clear();
        network.Run(3600);
        Assert.Empty(network.Sent);
        network.Traffic = Lowest;
        network.Run(3600);
        Assert.Empty(network.Sent); // small packets are in no danger
    }

    [Fact]
    public void Who_answers_nothing_is_left_alone_more_and_more()
    {
        var prober = Prober();
        var network = new ProbedPath(prober) { Loss = 1 };
        network.Run(3600);
        Assert.Null(prober.PathMtu);
        Assert.InRange(network.Sent.Count, 20, 100);
        Assert.All(network.Sent, probe => Assert.Equal(Probe.Smallest, probe.Size));
    }

    [Fact]
    public void Who_answers_echo_requests_alone_is_measured_by_them()
    {
        var prober = Prober();
        new ProbedPath(prober) { Answers = ProbeMeans.Echo, Mtu = 1400 }.Run(60);
        Assert.Equal((1400, false), (prober.PathMtu, prober.IsAnsweredByQanat));
    }

    [Fact]
    public void What_was_not_asked_or_was_answered_before_is_no_answer()
    {
        var prober = Prober();
        prober.TryWake(1500, 0);
        Assert.True(prober.TryNext(0, out var probe));
        Assert.False(prober.Answer(probe.Means, probe.Identifier + 8, 1));
        Assert.False(prober.Answer(ProbeMeans.Echo, probe.Identifier, 1));
        Assert.True(prober.Answer(probe.Means, probe.Identifier, 1));
        Assert.False(prober.Answer(probe.Means, probe.Identifier, 1));
    }

    [Fact]
    public void The_time_there_and_back_is_known()
    {
        var prober = Prober();
        new ProbedPath(prober) { RoundTrip = 100 * TimeSpan.TicksPerMillisecond }.Run(60);
        Assert.Equal(100 * TimeSpan.TicksPerMillisecond, prober.RoundTrip);
    }

    [Fact]
    public void Elsewhere_it_is_measured_again_while_the_old_size_holds()
    {
        var prober = Prober();
        var network = new ProbedPath(prober) { Mtu = 1400 };
        network.Run(60);
        prober.Restart();
        Assert.Equal(1400, prober.PathMtu);
        network.Mtu = 1450;
        network.Run(60);
        Assert.Equal(1450, prober.PathMtu);
    }
}
