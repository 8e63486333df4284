using Qanat.WireGuard.Tests.Devices;
using Xunit;

namespace Qanat.WireGuard.Tests.Peers;

/// <summary>How long a message takes to a peer and back.</summary>
public class RttTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    // Of a network that does no harm.
    private static readonly TimeSpan s_thereAndBack = TimeSpan.FromMilliseconds(2);

    [Fact]
    public void Samples_that_follow_each_other_are_smoothed_and_late_ones_replace_the_estimate()
    {
        var estimate = new RttEstimate();
        Assert.Null(estimate.Value);
        estimate.Add(800, 0);
        Assert.Equal(800, estimate.Value!.Value.Ticks);
        estimate.Add(1600, Second);
        Assert.Equal(900, estimate.Value!.Value.Ticks); // 7/8 of what was, 1/8 of what is
        estimate.Add(100, 2 * Second);
        Assert.Equal(800, estimate.Value!.Value.Ticks);
        estimate.Add(5000, 60 * Second);
        Assert.Equal(5000, estimate.Value!.Value.Ticks);
    }

    [Fact]
    public void Samples_of_nothing_leave_the_smallest_estimate()
    {
        var estimate = new RttEstimate();
        for (var i = 0; i < 10; i++)
            estimate.Add(0, i);
        Assert.Equal(1, estimate.Value!.Value.Ticks);
    }

    [Fact]
    public void A_handshake_shows_it_to_both_ends()
    {
        using var hosts = new TwoHosts();
        Assert.Null(hosts.RightAtLeft.Rtt);
        Assert.Null(hosts.Left.Device.SessionAgeOf(hosts.RightAtLeft));
        hosts.Left.Send(hosts.Right, 0);
        hosts.Network.Run(1);
        Assert.Equal(s_thereAndBack, hosts.RightAtLeft.Rtt);
        Assert.Equal(s_thereAndBack, hosts.LeftAtRight.Rtt);
        Assert.Equal(TimeSpan.FromSeconds(1) - s_thereAndBack, hosts.Left.Device.SessionAgeOf(hosts.RightAtLeft));
    }

    [Fact]
    public void An_initiation_that_was_lost_does_not_count()
    {
        using var hosts = new TwoHosts();
        hosts.Lose();
        hosts.Left.Send(hosts.Right, 0);
        hosts.Network.Run(3);
        hosts.Heal();
        hosts.Network.Run(10);
        Assert.Equal(s_thereAndBack, hosts.RightAtLeft.Rtt);
    }

    [Fact]
    public void A_confirmation_that_was_lost_does_not_count()
    {
        using var hosts = new TwoHosts();
        var isFirst = true;
        hosts.Network.Sent = (sender, _, datagram) =>
        {
            if (!isFirst || sender != hosts.Left || Message.TypeOf(datagram) != MessageType.Transport)
                return;
            isFirst = false;
            hosts.Lose();
        };
        hosts.Left.Send(hosts.Right, 0);
        hosts.Network.After(7, hosts.Heal);
        hosts.Network.After(8, () => hosts.Left.Send(hosts.Right, 1));
        hosts.Network.Run(9);
        Assert.Contains(1UL, hosts.Right.Arrived);
        Assert.Null(hosts.LeftAtRight.Rtt);
    }

    [Fact]
    public void Another_place_is_another_way()
    {
        using var hosts = new TwoHosts().Connect();
        Assert.NotNull(hosts.RightAtLeft.Rtt);
        hosts.Left.Device.SetEndpoint(hosts.RightAtLeft, hosts.Right.Here with { Port = 1 });
        Assert.Null(hosts.RightAtLeft.Rtt);

        Assert.NotNull(hosts.LeftAtRight.Rtt);
        hosts.Left.Device.SetEndpoint(hosts.RightAtLeft, hosts.Right.Here);
        hosts.Left.Here = hosts.Left.Here with { Port = 40000 };
        hosts.Left.Send(hosts.Right, 1);
        hosts.Network.Run(0.1);
        Assert.Equal(40000, hosts.LeftAtRight.Endpoint.Port);
        Assert.Null(hosts.LeftAtRight.Rtt);
    }
}
