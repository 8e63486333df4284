using System.Buffers.Binary;
using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>ISATAP: whom it believes, where it sends, and how it asks its routers.</summary>
public sealed class IsatapTests : IDisposable
{
    private const string Router = "192.0.2.1", Other = "192.0.2.9";

    private static readonly TunnelParameters s_isatap = new()
    {
        Mode = TunnelMode.Isatap, Local = Ip("192.0.2.2"), Ttl = 64, Sit = new() { Routers = [new(Ip(Router), IsDefault: true)] },
    };

    private readonly TunnelHost _host = new(s_isatap);

    public IsatapTests() => _host.Underlay.OnDevice.Add((Ip6("fe80::5efe:c000:202"), 64));

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("192.0.2.1", "fe80::5efe:c000:201")]
    [InlineData("10.1.2.3", "fe80::5efe:a01:203")]
    [InlineData("198.19.0.1", "fe80::5efe:c613:1")]
    [InlineData("8.8.8.8", "fe80::200:5efe:808:808")]
    [InlineData("172.32.0.1", "fe80::200:5efe:ac20:1")]
    public void A_link_local_address_says_whether_it_is_unique(string address, string linkLocal)
    {
        Assert.Equal(Ip6(linkLocal), IsatapAddress.LinkLocal(Ip(address)));
        Assert.True(IsatapAddress.TryGetEmbedded(Ip6(linkLocal), out var embedded));
        Assert.Equal(Ip(address), embedded);
    }

    [Theory]
    [InlineData("fe80::5efe:c000:209", Other)]
    [InlineData("fe80::200:5efe:c000:209", Other)]
    [InlineData("fe80::100:5efe:c000:209", null)]
    [InlineData("fd00::1", null)]
    [InlineData("ff02::5efe:c000:209", null)]
    [InlineData("fe80::5efe:e000:1", null)]
    [InlineData("2002:c000:209::1", null)] // 6to4 is not for ISATAP
    public void The_neighbours_address_names_the_far_end_or_nothing_is_sent(string neighbour, string? farEnd)
    {
        var sent = _host.FromDevice(Inner6(destination: neighbour)).Sent;
        Assert.Equal(farEnd is null ? [] : [Ip(farEnd)], sent.Select(packet => IPv4Address.Read(packet.AsSpan(16))));
        Assert.Equal(farEnd is null ? 1 : 0, _host.Tunnel.Counters.Dropped(DropReason.NoRoute));
    }

    [Theory]
    [InlineData(Router, "fd00::1", true)] // a router may send on what is not its own
    [InlineData(Other, "fd00::1", false)]
    [InlineData(Other, "fe80::5efe:c000:209", true)]
    [InlineData(Other, "fe80::5efe:c000:201", false)] // another's address
    [InlineData(Other, "2001:db8::5efe:c000:209", false)] // a prefix that is not on the link
    public void Only_routers_and_neighbours_that_are_where_they_say_are_believed(string outer, string inner, bool accepted)
    {
        Assert.Equal(accepted ? 1 : 0, _host.FromWire(Outer6(Inner6(source: inner), source: outer)).Delivered.Count);
        Assert.Equal(accepted ? 0 : 1, _host.Tunnel.Counters.Dropped(DropReason.SpoofedSource));
    }

    [Theory]
    [InlineData(Other, Icmpv6Type.RouterAdvertisement, false)]
    [InlineData(Other, Icmpv6Type.Redirect, false)]
    [InlineData(Other, Icmpv6Type.EchoRequest, true)]
    [InlineData(Router, Icmpv6Type.RouterAdvertisement, true)]
    [InlineData(Router, Icmpv6Type.Redirect, true)]
    [InlineData("192.0.2.7", Icmpv6Type.RouterAdvertisement, true)] // a router that is no default one
    [InlineData("192.0.2.7", Icmpv6Type.Redirect, false)]
    public void Only_routers_say_where_things_go(string outer, Icmpv6Type type, bool accepted)
    {
        _host.Engine.Change(_host.Tunnel, s_isatap with { Sit = new() { Routers = [new(Ip(Router), true), new(Ip("192.0.2.7"), false)] } });
        var inner = Inner6(source: IsatapAddress.LinkLocal(Ip(outer)).ToString(), protocol: IpProtocol.Icmpv6);
        inner[40] = (byte)type;
        Assert.Equal(accepted ? 1 : 0, _host.FromWire(Outer6(inner, source: outer)).Delivered.Count);
    }

    [Fact]
    public void A_default_router_is_solicited_by_unicast()
    {
        var outer = Assert.Single(Solicited());
        Assert.Equal((Ip("192.0.2.2"), Ip(Router)), (IPv4Address.Read(outer.AsSpan(12)), IPv4Address.Read(outer.AsSpan(16))));
        Assert.True(IPv6Header.TryParse(outer.AsSpan(20), out var ip));
        Assert.Equal((Ip6("fe80::5efe:c000:202"), Ip6("fe80::5efe:c000:201"), 255), (ip.Source, ip.Destination, ip.HopLimit));
        Assert.True(Icmpv6Header.TryParse(ip.Payload, out var icmp) && icmp.HasValidChecksum(ip.Source, ip.Destination));
        Assert.Equal((Icmpv6Type.RouterSolicitation, 0, 8), (icmp.Type, icmp.Code, ip.PayloadLength));
    }

    [Fact]
    public void A_router_that_is_silent_is_asked_thrice_and_then_every_two_minutes()
    {
        var times = new List<int>();
        for (var second = 0; second < 300; second++, _host.Time.Advance(TimeSpan.FromSeconds(1)))
            times.AddRange(Solicited().Select(_ => second));
        Assert.Equal([0, 4, 8, 128, 248], times);
    }

    [Theory]
    [InlineData(1800, null, 900)]
    [InlineData(1800, 600u, 300)]
    [InlineData(60, null, 120)]
    [InlineData(0, null, 120)]
    [InlineData(0, uint.MaxValue, 120)] // for ever
    public void An_answer_lasts_for_half_of_what_it_gave(int routerLifetime, uint? prefixLifetime, int seconds)
    {
        Assert.Single(Solicited());
        Assert.Single(_host.FromWire(Outer6(Advertisement(routerLifetime, prefixLifetime))).Delivered);
        _host.Time.Advance(TimeSpan.FromSeconds(seconds - 1));
        Assert.Empty(Solicited());
        _host.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(Solicited());
    }

    [Fact]
    public void An_advertisement_from_beyond_the_link_is_none()
    {
        Assert.Single(Solicited());
        _host.FromWire(Outer6(With(Advertisement(1800, null), 7, 64)));
        _host.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.Single(Solicited());
    }

    [Fact]
    public void Options_that_lie_about_their_length_end_the_list()
    {
        Assert.Single(Solicited());
        _host.FromWire(Outer6(With(Advertisement(1800, 600), 40 + 17, 0)));
        _host.Time.Advance(TimeSpan.FromSeconds(899));
        Assert.Empty(Solicited());
    }

    [Fact]
    public void Nobody_is_asked_without_a_default_router_or_an_address_or_while_the_device_is_down()
    {
        _host.Tunnel.Up = false;
        Assert.Empty(Solicited());
        _host.Tunnel.Up = true;
        _host.Engine.Change(_host.Tunnel, s_isatap with { Local = Ip("0.0.0.0") });
        Assert.Empty(Solicited());
        _host.Engine.Change(_host.Tunnel, s_isatap with { Sit = new() { Routers = [new(Ip(Router), IsDefault: false)] } });
        Assert.Empty(Solicited());
        _host.Engine.Change(_host.Tunnel, s_isatap);
        Assert.Single(Solicited());
        _host.Engine.Remove(_host.Tunnel);
        _host.Time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(Solicited());
    }

    [Fact]
    public void A_device_that_comes_up_again_and_a_router_that_is_added_begin_at_once()
    {
        Assert.Single(Solicited());
        _host.Tunnel.Up = false;
        Assert.Empty(Solicited());
        _host.Tunnel.Up = true;
        Assert.Single(Solicited());
        _host.Engine.Change(_host.Tunnel, s_isatap with { Sit = new() { Routers = [new(Ip(Router), true), new(Ip(Other), true)] } });
        Assert.Equal(Ip(Other), IPv4Address.Read(Assert.Single(Solicited()).AsSpan(16)));
    }

    private List<byte[]> Solicited()
    {
        _host.Engine.SolicitRouters();
        return _host.Sent;
    }

    private static byte[] Advertisement(int routerLifetime, uint? prefixLifetime)
    {
        var packet = Inner6(
            prefixLifetime is null ? 56 : 88, 0, 255, "fe80::5efe:c000:201", "fe80::5efe:c000:202", IpProtocol.Icmpv6);
        var message = packet.AsSpan(40);
        message.Clear();
        message[0] = (byte)Icmpv6Type.RouterAdvertisement;
        BinaryPrimitives.WriteUInt16BigEndian(message[6..], (ushort)routerLifetime);
        if (prefixLifetime is not { } lifetime)
            return packet;
        (message[16], message[17], message[18]) = (3, 4, 64);
        BinaryPrimitives.WriteUInt32BigEndian(message[20..], lifetime);
        BinaryPrimitives.WriteUInt32BigEndian(message[24..], lifetime);
        return packet;
    }
}
