using System.Net;
using Qanat.Daemon.Vpn.Forwarding;
using Qanat.Linux.Netlink;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.Tests.Vpn;

/// <summary>By which devices answers come: those that the routes name.</summary>
public sealed class UplinksTests
{
    private const int Internet = 2, Office = 3, Lab = 4;

    private static readonly Route[] s_routes =
    [
        Way("0.0.0.0/0", Internet), Way("192.168.7.0/24", Office), Way("192.168.7.128/25", Lab),
        Way("192.168.9.0/24", 5) with { Type = RouteType.Blackhole },
    ];

    [Theory]
    [InlineData("192.168.7.0/24", new[] { Office, Lab })] // the way to it, and to a part of it
    [InlineData("192.168.7.5/32", new[] { Office })]
    [InlineData("192.168.7.130/32", new[] { Lab })]
    [InlineData("172.16.0.0/12", new[] { Internet })]
    [InlineData("192.168.0.0/16", new[] { Internet, Office, Lab })]
    [InlineData("0.0.0.0/0", new[] { Internet, Office, Lab })]
    [InlineData("192.168.9.0/24", new[] { Internet })] // what leads nowhere is no way
    public void A_network_is_reached_by_its_nearest_route_and_those_within(string network, int[] devices) =>
        Assert.Equal(devices.Order(), Uplinks.To([Prefix(network)], s_routes).Order());

    [Fact]
    public void Without_a_route_there_is_no_device() => Assert.Empty(Uplinks.To([Prefix("10.0.0.0/8")], s_routes[1..]));

    [Fact]
    public void Every_way_of_several_counts()
    {
        var route = Way("10.0.0.0/8", 0) with { NextHops = [new() { OutputInterface = 7 }, new() { OutputInterface = 8 }] };
        Assert.Equal([7, 8], Uplinks.To([Prefix("10.1.0.0/16")], [route]).Order());
    }

    [Fact]
    public void What_is_of_one_link_alone_is_no_way() => Assert.Equal(
        [Internet], Uplinks.To([Prefix("::/0")], [Way("fe80::/64", Lab), Way("::/0", Internet)]));

    internal static AllowedIp Prefix(string text) => new(
        Packets.IpAddress.From(IPNetwork.Parse(text).BaseAddress), IPNetwork.Parse(text).PrefixLength);

    private static Route Way(string destination, int device) =>
        new() { Destination = IPNetwork.Parse(destination), OutputInterface = device };
}
