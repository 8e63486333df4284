using System.Security.Cryptography;
using Qanat.Packets;
using Xunit;

namespace Qanat.WireGuard.Tests.Devices;

public class FloodTests
{
    [Fact]
    public void A_flood_without_the_right_codes_costs_no_answer_and_no_memory_beyond_the_queue()
    {
        using var hosts = new TwoHosts().Connect();
        var datagram = new byte[InitiationMessage.Size];
        for (var i = 0; i < 20_000; i++)
        {
            RandomNumberGenerator.Fill(datagram);
            (datagram[0], datagram[1], datagram[2], datagram[3]) = (1, 0, 0, 0);
            hosts.Right.Receive(datagram, Anywhere(i));
        }
        Assert.Empty(hosts.SentBy(hosts.Right));
        Assert.Equal(20_000, hosts.Right.Device.Counters.Dropped(DropReason.InvalidMac));
    }

    [Fact]
    public void Under_load_a_sender_must_prove_its_address_and_then_gets_through()
    {
        using var hosts = new TwoHosts();
        Overload(hosts);
        hosts.Left.Send(hosts.Right, 1);
        hosts.Network.Run(0.01);
        Assert.Contains(MessageType.CookieReply, hosts.SentBy(hosts.Right));
        Assert.Empty(hosts.Right.Arrived);
        // The initiation that is sent again 5 s later bears the cookie.
        hosts.Network.After(5, () => Overload(hosts));
        hosts.Network.Run(6);
        Assert.Equal([1UL], hosts.Right.Arrived);
        Assert.True(hosts.Right.Device.Counters.Dropped(DropReason.CookieSent) > 0);
    }

    [Fact]
    public void The_queue_is_bounded_and_is_worked_off()
    {
        using var hosts = new TwoHosts();
        Overload(hosts, 10_000);
        Assert.InRange(hosts.Right.Device.WaitingHandshakes, HandshakeQueue.Limit / 2, HandshakeQueue.Limit);
        Assert.True(hosts.Right.Device.Counters.Dropped(DropReason.HandshakeQueueFull) > 5_000);
        Assert.Equal(TimeSpan.Zero, hosts.Right.Device.NextTick);
        hosts.Right.Settle();
        hosts.Network.Run(0.1);
        Assert.Equal(0, hosts.Right.Device.WaitingHandshakes);
    }

    [Fact]
    public void A_peer_may_begin_50_handshakes_a_second()
    {
        using var hosts = new TwoHosts();
        using var identity = new LocalIdentity(hosts.Left.PrivateKey.Bytes);
        using var handshake = new Handshake(identity, hosts.Network.Time);
        using var peer = new HandshakePeer(identity, hosts.Right.Device.PublicKey);
        var message = new byte[InitiationMessage.Size];
        for (var i = 0; i < 200; i++)
        {
            handshake.TryCreateInitiation(peer, (uint)i, message);
            hosts.Right.Receive(message, hosts.Left.Here);
            hosts.Network.Run(0.005);
        }
        Assert.Equal(50, hosts.SentBy(hosts.Right).Count(type => type == MessageType.Response));
        Assert.Equal(150, hosts.Right.Device.Counters.Dropped(DropReason.RateLimited));
        Assert.Equal(1, hosts.Right.Device.SessionCount);
    }

    [Fact]
    public void Sessions_pass_packets_during_a_flood()
    {
        using var hosts = new TwoHosts().Connect();
        Overload(hosts, 5_000);
        hosts.Left.Send(hosts.Right, 1);
        hosts.Network.Run(0.01);
        Assert.Equal([1UL], hosts.Right.Arrived);
    }

    // Initiations of which only the first code is right, in batches larger than what is worked off between them.
    private static void Overload(TwoHosts hosts, int count = 700)
    {
        using var identity = new LocalIdentity(hosts.Network.AddHost(9).PrivateKey.Bytes);
        using var handshake = new Handshake(identity, hosts.Network.Time);
        using var peer = new HandshakePeer(identity, hosts.Right.Device.PublicKey);
        var message = new byte[InitiationMessage.Size];
        handshake.TryCreateInitiation(peer, 1, message);
        using var batch = new PacketBatch(count, 512 * count);
        for (var i = 0; i < count; i++)
            batch.TryAdd(message);
        hosts.Right.Device.FromWire(batch, [.. Enumerable.Range(0, count).Select(Anywhere)]);
    }

    private static Endpoint Anywhere(int number) => new(new IPv4Address(0xC6120000 + (uint)number), 1000);
}
