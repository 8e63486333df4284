using Xunit;

namespace Qanat.WireGuard.Tests.Devices;

public class TimerTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    [Fact]
    public void What_is_not_answered_is_confirmed_after_10_seconds_once()
    {
        using var hosts = new TwoHosts().Connect();
        hosts.Network.Run(9.5);
        Assert.Equal(0, hosts.KeepalivesOf(hosts.Right));
        hosts.Network.Run(1);
        Assert.Equal(1, hosts.KeepalivesOf(hosts.Right));
        hosts.Network.Run(60);
        Assert.Equal(1, hosts.KeepalivesOf(hosts.Right));
        Assert.Equal(0, hosts.KeepalivesOf(hosts.Left)); // an empty message needs no confirmation
        Assert.Single(hosts.Seen);
    }

    [Fact]
    public void Several_packets_are_confirmed_twice_and_an_answer_confirms_them_too()
    {
        using var hosts = new TwoHosts().Connect();
        hosts.Network.Run(1);
        hosts.Left.Send(hosts.Right, 1);
        hosts.Network.Run(30);
        Assert.Equal(2, hosts.KeepalivesOf(hosts.Right));
        hosts.Forget();
        hosts.Left.Send(hosts.Right, 2);
        hosts.Network.Run(1);
        hosts.Right.Send(hosts.Left, 3);
        hosts.Network.Run(5);
        Assert.Equal(0, hosts.KeepalivesOf(hosts.Right));
    }

    [Fact]
    public void A_persistent_keepalive_is_sent_after_each_silence()
    {
        using var hosts = new TwoHosts().Connect();
        hosts.Network.Run(11);
        hosts.Forget();
        hosts.Left.Device.SetPersistentKeepalive(hosts.RightAtLeft, TimeSpan.FromSeconds(25));
        hosts.Left.Settle();
        Assert.Equal(1, hosts.KeepalivesOf(hosts.Left));
        hosts.Network.Run(76);
        Assert.Equal(4, hosts.KeepalivesOf(hosts.Left));
        Assert.Equal(0, hosts.KeepalivesOf(hosts.Right));
        hosts.Left.Device.SetPersistentKeepalive(hosts.RightAtLeft, TimeSpan.Zero);
        hosts.Forget();
        hosts.Network.Run(100);
        Assert.Empty(hosts.Seen);
    }

    [Fact]
    public void Silence_after_a_packet_makes_a_new_handshake_after_15_seconds()
    {
        using var hosts = new TwoHosts().Connect();
        hosts.Network.Run(11);
        hosts.Forget();
        hosts.Lose();
        var sent = hosts.Network.Time.Ticks;
        hosts.Left.Send(hosts.Right, 1);
        hosts.Network.Run(17);
        var initiation = Assert.Single(hosts.Seen, seen => Message.TypeOf(seen.Datagram) == MessageType.Initiation);
        Assert.InRange(initiation.At - sent, 15 * Second, 15 * Second + Second / 3);
    }

    [Fact]
    public void A_handshake_is_tried_again_every_5_seconds_for_90_and_then_given_up()
    {
        using var hosts = new TwoHosts();
        hosts.Lose();
        hosts.Left.Send(hosts.Right, 1);
        hosts.Network.Run(200);
        var times = hosts.Seen.Select(seen => seen.At).ToList();
        Assert.Equal(20, times.Count); // the first and 19 more, as the kernel counts to 18
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 5 * Second, 5 * Second + Second / 3));
        Assert.Equal(["given up"], hosts.Left.Events);
        Assert.Equal(1, hosts.RightAtLeft.Counters.Dropped(DropReason.StagingFull));

        hosts.Heal();
        hosts.Left.Send(hosts.Right, 2);
        hosts.Network.Run(0.1);
        Assert.Equal([2UL], hosts.Right.Arrived);
    }

    [Fact]
    public void The_initiator_asks_for_new_keys_when_it_sends_after_120_seconds()
    {
        using var hosts = new TwoHosts().Connect();
        hosts.Network.Run(119);
        hosts.Forget();
        hosts.Left.Send(hosts.Right, 1);
        hosts.Network.Run(0.5);
        Assert.DoesNotContain(MessageType.Initiation, hosts.SentBy(hosts.Left));
        hosts.Network.Run(1);
        hosts.Right.Send(hosts.Left, 2); // the responder does not
        hosts.Network.Run(0.5);
        Assert.DoesNotContain(MessageType.Initiation, hosts.SentBy(hosts.Right));
        hosts.Left.Send(hosts.Right, 3);
        Assert.Contains(MessageType.Initiation, hosts.SentBy(hosts.Left));
    }

    [Fact]
    public void An_initiator_that_only_receives_asks_for_new_keys_after_165_seconds()
    {
        using var hosts = new TwoHosts().Connect();
        hosts.Network.Run(164);
        hosts.Forget();
        hosts.Right.Send(hosts.Left, 1);
        hosts.Network.Run(0.5);
        Assert.DoesNotContain(MessageType.Initiation, hosts.SentBy(hosts.Left));
        hosts.Network.Run(1);
        hosts.Right.Send(hosts.Left, 2);
        hosts.Network.Run(0.5);
        Assert.Single(hosts.SentBy(hosts.Left), type => type == MessageType.Initiation);
    }

    [Fact]
    public void Keys_are_wiped_540_seconds_after_the_last_session_began()
    {
        using var hosts = new TwoHosts().Connect();
        hosts.Network.Run(539);
        Assert.True(hosts.RightAtLeft.HasSession);
        hosts.Network.Run(1);
        Assert.Contains("wiped", hosts.Left.Events);
        Assert.Contains("wiped", hosts.Right.Events);
        Assert.False(hosts.RightAtLeft.HasSession);
        Assert.Equal(0, hosts.Left.Device.SessionCount);
        Assert.Null(hosts.Left.Device.NextTick);
    }

    [Fact]
    public void A_clock_that_goes_back_stops_nothing()
    {
        using var hosts = new TwoHosts().Connect();
        hosts.Network.Time.Ticks -= 3600 * Second;
        hosts.Left.Tick();
        hosts.Right.Tick();
        for (var i = 1UL; i < 300; i++)
        {
            hosts.Left.Send(hosts.Right, i);
            hosts.Right.Send(hosts.Left, i);
            hosts.Network.Run(1);
        }
        Assert.Equal(299, hosts.Right.Arrived.Count);
        Assert.Equal(299, hosts.Left.Arrived.Count);
        Assert.Contains("handshake", hosts.Left.Events); // its initiations bear the time of day, which went back too
    }

    // Timers go by the clock, which nobody sets; initiations bear the time of day, which never goes back in them.
    [Theory]
    [InlineData(-3600)]
    [InlineData(-86_400 * 365)]
    [InlineData(86_400 * 365)]
    public void A_calendar_that_is_set_stops_no_packet_and_hurries_none(int seconds)
    {
        using var hosts = new TwoHosts().Connect();
        var began = hosts.Network.Time.Ticks;
        for (var i = 1UL; i <= 600; i++)
        {
            if (i % 200 == 100)
                hosts.Network.Time.CalendarError += TimeSpan.FromSeconds(i == 300 ? -seconds : seconds);
            hosts.Left.Send(hosts.Right, i);
            hosts.Right.Send(hosts.Left, i);
            hosts.Network.Run(1);
        }
        Assert.Equal(600, hosts.Right.Arrived.Count);
        Assert.Equal(600, hosts.Left.Arrived.Count);
        var rekeyed = hosts.Seen.Where(seen => Message.TypeOf(seen.Datagram) == MessageType.Initiation).Select(seen => seen.At).ToList();
        Assert.InRange(rekeyed.Count, 4, 5);
        Assert.All(rekeyed.Prepend(began).Zip(rekeyed), pair => Assert.InRange(pair.Second - pair.First, 119 * Second, 122 * Second));
        Assert.Equal(hosts.Seen.Count(seen => Message.TypeOf(seen.Datagram) == MessageType.Response), rekeyed.Count);
    }
}
