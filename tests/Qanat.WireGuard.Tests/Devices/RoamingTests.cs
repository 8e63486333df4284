using Xunit;

namespace Qanat.WireGuard.Tests.Devices;

public class RoamingTests
{
    [Fact]
    public void A_peer_is_where_it_last_sent_from()
    {
        using var hosts = new TwoHosts().Connect();
        var before = hosts.Left.Here;
        hosts.Left.Here = before with { Port = 40000 };
        hosts.Left.Send(hosts.Right, 1);
        hosts.Network.Run(0.1);
        Assert.Equal(hosts.Left.Here, hosts.LeftAtRight.Endpoint);
        Assert.Equal([$"{before} -> {hosts.Left.Here}"], hosts.Right.Events);
        hosts.Right.Send(hosts.Left, 2);
        hosts.Network.Run(0.1);
        Assert.Equal([2UL], hosts.Left.Arrived);
    }

    [Fact]
    public void A_keepalive_and_a_handshake_tell_it_too()
    {
        using var hosts = new TwoHosts().Connect();
        hosts.Left.Here = hosts.Left.Here with { Port = 40000 };
        hosts.Left.Device.SetPersistentKeepalive(hosts.RightAtLeft, TimeSpan.FromSeconds(600));
        hosts.Network.Run(0.1);
        Assert.Equal(40000, hosts.LeftAtRight.Endpoint.Port);

        hosts.Network.Run(200);
        hosts.Left.Here = hosts.Left.Here with { Port = 40001 };
        hosts.Lose();
        hosts.Left.Send(hosts.Right, 3);
        var initiation = hosts.Seen[^1].Datagram;
        hosts.Right.Receive(initiation, hosts.Left.Here);
        Assert.Equal(40001, hosts.LeftAtRight.Endpoint.Port);
    }

    [Fact]
    public void A_cookie_reply_does_not()
    {
        using var hosts = new TwoHosts().Connect();
        hosts.Network.Run(200);
        hosts.Lose();
        hosts.Left.Send(hosts.Right, 1);
        var initiation = hosts.Seen[^1].Datagram;
        using var identity = new LocalIdentity(hosts.Right.PrivateKey.Bytes);
        using var checker = new CookieChecker(identity, hosts.Network.Time);
        var reply = new byte[CookieReplyMessage.Size];
        checker.CreateReply(initiation, hosts.Left.Here.Address, hosts.Left.Here.Port, reply);
        var place = hosts.RightAtLeft.Endpoint;
        hosts.Left.Receive(reply, hosts.Right.Here with { Port = 666 });
        Assert.Equal(place, hosts.RightAtLeft.Endpoint);
        Assert.Equal(0, hosts.Left.Device.Counters.Dropped(DropReason.InvalidHandshake)); // although it was genuine
    }

    [Fact]
    public void Answers_leave_from_the_address_that_was_asked()
    {
        using var hosts = new TwoHosts().Connect();
        var local = Qanat.Packets.IpAddress.TryParse("198.51.100.7", out var address) ? address : default;
        hosts.Left.Send(hosts.Right, 1);
        hosts.Right.Receive(hosts.Seen[^1].Datagram, hosts.Left.Here with { Local = local });
        Assert.Equal(local, hosts.LeftAtRight.Endpoint.Local);
        Assert.Empty(hosts.Right.Events); // it is no other place
        hosts.Right.Device.ForgetLocalAddresses();
        Assert.Equal(default, hosts.LeftAtRight.Endpoint.Local);
    }

    [Fact]
    public void A_new_endpoint_by_hand_sends_what_waits()
    {
        using var hosts = new TwoHosts();
        hosts.Left.Device.SetEndpoint(hosts.RightAtLeft, hosts.Right.Here with { Port = 5 });
        hosts.Left.Send(hosts.Right, 1);
        hosts.Network.Run(5.5);
        Assert.Empty(hosts.Right.Arrived);
        hosts.Left.Device.SetEndpoint(hosts.RightAtLeft, hosts.Right.Here);
        hosts.Left.Settle();
        hosts.Network.Run(6);
        Assert.Equal([1UL], hosts.Right.Arrived);
    }
}
