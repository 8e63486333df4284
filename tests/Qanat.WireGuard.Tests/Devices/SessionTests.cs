using Qanat.WireGuard.Tests.Simulation;
using Xunit;

namespace Qanat.WireGuard.Tests.Devices;

public class SessionTests
{
    [Fact]
    public void A_first_packet_waits_for_the_handshake_and_arrives()
    {
        using var hosts = new TwoHosts();
        hosts.Left.Send(hosts.Right, 7);
        hosts.Network.Run(0.1);
        Assert.Equal([7UL], hosts.Right.Arrived);
        Assert.Equal([MessageType.Initiation, MessageType.Transport], hosts.SentBy(hosts.Left));
        Assert.Equal([MessageType.Response], hosts.SentBy(hosts.Right));
        Assert.Equal(["handshake"], hosts.Left.Events);
        Assert.Equal(["handshake"], hosts.Right.Events);

        hosts.Right.Send(hosts.Left, 8);
        hosts.Network.Run(0.1);
        Assert.Equal([8UL], hosts.Left.Arrived);
        Assert.NotNull(hosts.LeftAtRight.LastHandshake);
    }

    [Fact]
    public void A_handshake_without_a_packet_is_confirmed_by_a_keepalive()
    {
        using var hosts = new TwoHosts();
        hosts.Left.Device.SetPersistentKeepalive(hosts.RightAtLeft, TimeSpan.FromSeconds(25));
        hosts.Network.Run(0.1);
        Assert.Equal(1, hosts.KeepalivesOf(hosts.Left));
        Assert.True(hosts.LeftAtRight.HasSession);
    }

    [Fact]
    public void Packets_are_padded_to_16_bytes_and_never_beyond_the_MTU()
    {
        using var hosts = new TwoHosts().Connect();
        foreach (var length in (int[])[40, 48, 49, 1409, 1416, 1420])
            hosts.Left.Send(hosts.Right, 1, length);
        Assert.Equal([48 + 32, 48 + 32, 64 + 32, 1420 - 4 + 4 + 32, 1420 + 32, 1420 + 32], hosts.Seen.Select(seen => seen.Datagram.Length));
    }

    [Fact]
    public void Rekeying_under_traffic_loses_and_repeats_nothing()
    {
        using var hosts = new TwoHosts();
        hosts.Network.Conditions = Conditions.Perfect with { MaxDelay = 0.2 };
        var number = 0UL;
        for (var i = 0; i < 2400; i++)
        {
            hosts.Left.Send(hosts.Right, number++);
            hosts.Right.Send(hosts.Left, number++);
            hosts.Network.Run(0.25);
        }
        hosts.Network.Run(1);
        Assert.Equal(Enumerable.Range(0, 2400).Select(i => 2UL * (ulong)i), hosts.Right.Arrived.Order());
        Assert.Equal(Enumerable.Range(0, 2400).Select(i => 2UL * (ulong)i + 1), hosts.Left.Arrived.Order());
        Assert.InRange(hosts.Left.Events.Count(e => e == "handshake"), 5, 10); // every 120 s
        Assert.Equal((0, 0), (hosts.Left.ReusedNonces, hosts.Right.ReusedNonces));
    }

    [Fact]
    public void Rekeying_while_only_one_end_sends_loses_nothing()
    {
        foreach (var leftSends in (bool[])[true, false])
        {
            using var hosts = new TwoHosts().Connect();
            var (sender, receiver) = leftSends ? (hosts.Left, hosts.Right) : (hosts.Right, hosts.Left);
            for (var i = 0UL; i < 1200; i++)
            {
                sender.Send(receiver, i);
                hosts.Network.Run(0.5);
            }
            Assert.Equal(Enumerable.Range(0, 1200).Select(i => (ulong)i), receiver.Arrived);
        }
    }

    [Fact]
    public void A_session_grown_too_old_is_not_used()
    {
        using var hosts = new TwoHosts().Connect();
        hosts.Network.Run(181);
        hosts.Forget();
        hosts.Right.Send(hosts.Left, 5);
        Assert.Equal([MessageType.Initiation], hosts.SentBy(hosts.Right));
        hosts.Network.Run(0.1);
        Assert.Equal([5UL], hosts.Left.Arrived);
    }

    [Fact]
    public void What_arrives_under_a_key_grown_too_old_is_dropped()
    {
        using var hosts = new TwoHosts().Connect();
        hosts.Lose();
        hosts.Left.Send(hosts.Right, 5);
        var late = hosts.Seen[0].Datagram;
        hosts.Network.Run(181);
        hosts.Right.Receive(late, hosts.Left.Here);
        Assert.Empty(hosts.Right.Arrived);
        Assert.Equal(1, hosts.LeftAtRight.Counters.Dropped(DropReason.KeyExpired));
    }

    [Fact]
    public void New_keys_are_asked_for_after_so_many_messages_and_no_message_goes_beyond_the_last()
    {
        using var hosts = new TwoHosts().Connect();
        hosts.Network.Run(6);
        hosts.Forget();
        hosts.RightAtLeft.Keypairs.Current!.NextCounter = SessionLimits.RekeyAfterMessages + 1;
        hosts.Left.Send(hosts.Right, 1);
        Assert.Contains(MessageType.Initiation, hosts.SentBy(hosts.Left));
        hosts.Network.Run(6);

        hosts.Lose();
        var keypair = hosts.RightAtLeft.Keypairs.Current!;
        keypair.NextCounter = SessionLimits.RejectAfterMessages - 1;
        hosts.Forget();
        hosts.Left.Send(hosts.Right, 2);
        hosts.Left.Send(hosts.Right, 3);
        Assert.Equal(1, hosts.SentBy(hosts.Left).Count(type => type == MessageType.Transport));
        Assert.Equal(SessionLimits.RejectAfterMessages, keypair.NextCounter);
        hosts.Heal();
        hosts.Network.Run(7);
        Assert.Contains(3UL, hosts.Right.Arrived);
    }

    [Fact]
    public void A_replay_a_forgery_and_a_stranger_are_counted_and_change_nothing()
    {
        using var hosts = new TwoHosts().Connect();
        hosts.Left.Send(hosts.Right, 1);
        hosts.Network.Run(0.1);
        var datagram = hosts.Seen[0].Datagram;
        var counters = hosts.LeftAtRight.Counters;
        var (bytes, place) = (counters.RxBytes, hosts.LeftAtRight.Endpoint);
        var elsewhere = hosts.Left.Here with { Port = 9 };

        hosts.Right.Receive((byte[])datagram.Clone(), elsewhere);
        Assert.Equal(1, counters.Dropped(DropReason.Replayed));
        var forged = (byte[])datagram.Clone();
        forged[^1] ^= 1;
        forged[8]++; // another counter
        hosts.Right.Receive(forged, elsewhere);
        Assert.Equal(1, counters.Dropped(DropReason.NotAuthentic));
        var strange = (byte[])datagram.Clone();
        strange[4] ^= 1;
        hosts.Right.Receive(strange, elsewhere);
        Assert.Equal(1, hosts.Right.Device.Counters.Dropped(DropReason.UnknownIndex));
        Assert.Equal([1UL], hosts.Right.Arrived);
        Assert.Equal((bytes, place), (counters.RxBytes, hosts.LeftAtRight.Endpoint));
    }

    [Fact]
    public void A_packet_from_an_address_of_somebody_else_is_not_let_in()
    {
        using var hosts = new TwoHosts().Connect();
        hosts.Left.Send(new(0x0A000063), hosts.Right.Inner, 1);
        hosts.Network.Run(0.1);
        Assert.Empty(hosts.Right.Arrived);
        Assert.Equal(1, hosts.LeftAtRight.Counters.Dropped(DropReason.SpoofedSource));
        hosts.Right.Device.Allow(hosts.LeftAtRight, new(new Qanat.Packets.IPv4Address(0x0A000063), 32));
        hosts.Left.Send(new(0x0A000063), hosts.Right.Inner, 2);
        hosts.Network.Run(0.1);
        Assert.Equal([2UL], hosts.Right.Arrived);
    }

    [Fact]
    public void Two_ends_that_begin_at_once_both_get_through()
    {
        using var hosts = new TwoHosts();
        hosts.Left.Send(hosts.Right, 1);
        hosts.Right.Send(hosts.Left, 2);
        hosts.Network.Run(1);
        Assert.Equal([1UL], hosts.Right.Arrived);
        Assert.Equal([2UL], hosts.Left.Arrived);

        // And share one session afterwards, which one of them renews.
        hosts.Left.Send(hosts.Right, 3);
        hosts.Right.Send(hosts.Left, 4);
        hosts.Network.Run(1);
        Assert.NotEqual(hosts.RightAtLeft.Keypairs.Current!.IsInitiator, hosts.LeftAtRight.Keypairs.Current!.IsInitiator);
    }
}
