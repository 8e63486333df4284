using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

public class UdpServicesTests
{
    private const ushort Port = 4500;
    private static readonly IpAddress s_any = IpAddress.Any(false), s_one = Ip("192.0.2.1"), s_other = Ip("192.0.2.2");
    private static readonly UdpService s_esp = new(UdpServiceKind.Esp), s_l2tp = new(UdpServiceKind.L2tp);
    private readonly UdpServices _services = new();

    [Fact]
    public void A_port_stays_open_until_its_last_user_closes_it()
    {
        Assert.True(_services.TryOpen(s_any, Port, 0, s_l2tp) && _services.TryOpen(s_any, Port, 0, s_l2tp));
        _services.Close(s_any, Port, 0);
        Assert.Equal(s_l2tp, _services.Find(s_one, Port, 0));
        _services.Close(s_any, Port, 0);
        Assert.Null(_services.Find(s_one, Port, 0));
    }

    [Fact]
    public void A_port_is_not_taken_from_what_arrives_there_already()
    {
        Assert.True(_services.TryOpen(s_any, Port, 0, s_esp));
        Assert.False(_services.TryOpen(s_any, Port, 0, s_l2tp));
        Assert.Equal(s_esp, _services.Find(s_one, Port, 0));
        _services.Close(s_any, Port, 0);
        Assert.True(_services.TryOpen(s_any, Port, 0, s_l2tp));
    }

    [Fact]
    public void Each_address_has_ports_of_its_own_and_any_stands_in_for_the_rest()
    {
        Assert.True(_services.TryOpen(s_one, Port, 0, s_esp) && _services.TryOpen(s_any, Port, 0, s_l2tp));
        Assert.Equal((s_esp, s_l2tp), (_services.Find(s_one, Port, 0), _services.Find(s_other, Port, 0)));
        Assert.Null(_services.Find(IpAddress.Any(true), Port, 0));
    }

    [Fact]
    public void Each_device_has_ports_of_its_own_and_none_stands_in_for_the_rest()
    {
        Assert.True(_services.TryOpen(s_any, Port, 7, s_esp) && _services.TryOpen(s_any, Port, 8, s_l2tp));
        Assert.Equal((s_esp, s_l2tp), (_services.Find(s_one, Port, 7), _services.Find(s_one, Port, 8)));
        Assert.Null(_services.Find(s_one, Port, 9));
        Assert.True(_services.TryOpen(s_other, Port, 0, s_esp));
        Assert.Equal(s_esp, _services.Find(s_other, Port, 9));
        _services.Close(s_any, Port, 8);
        Assert.Null(_services.Find(s_one, Port, 8));
    }

    [Fact]
    public void Closing_what_is_not_open_changes_nothing()
    {
        _services.Close(s_one, Port, 0);
        Assert.Null(_services.Find(s_one, Port, 0));
    }

    [Fact]
    public void Ports_are_unbound_where_one_thing_arrives_for_every_address_by_every_device_from_everybody()
    {
        UdpService fou = new(UdpServiceKind.Fou, IpProtocol.IpIp), gue = new(UdpServiceKind.Gue);
        Open(s_any, 1, fou);
        Open(s_any, 2, gue);
        Open(IpAddress.Any(true), 2, fou); // that of IPv6 is another
        Open(s_one, 3, fou);
        Open(s_any, 4, fou, link: 7);
        Open(s_any, 5, fou with { Peer = s_one });
        Open(s_any, 6, fou with { PeerPort = 9 });
        Open(s_any, 7, fou);
        Open(s_one, 7, gue); // an exception
        Open(s_any, 8, gue);
        Open(s_any, 8, fou, link: 7);
        Open(IpAddress.Any(true), 9, fou);
        Assert.Equal(
            [KeyValuePair.Create((ushort)1, fou), KeyValuePair.Create((ushort)2, gue)], _services.Unbound.OrderBy(port => port.Key));

        _services.Close(s_one, 7, 0);
        _services.Close(s_any, 8, 7);
        _services.Close(s_any, 1, 0);
        Assert.Equal([2, 7, 8], _services.Unbound.Select(port => (int)port.Key).Order());

        void Open(IpAddress local, ushort port, UdpService service, int link = 0) =>
            Assert.True(_services.TryOpen(local, port, link, service));
    }
}
