using Qanat.Packets;
using Qanat.Testing;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>The captures of two real kernels with L2TPv3 sessions (tests/golden), played again, IP id aside.</summary>
public class GoldenL2tpTests
{
    private static readonly L2tpParameters s_session = new()
    {
        TunnelId = 10, SessionId = 100, PeerSessionId = 200, SourcePort = 1701, DestinationPort = 1701,
    };

    private static readonly L2tpParameters s_cookies = s_session with
    {
        OverUdp = false, L2SpecificSublayer = false,
        Cookie = Convert.FromHexString("0011223344556677"), PeerCookie = Convert.FromHexString("8899aabb"),
    };

    public static TheoryData<string, L2tpParameters, int> Captures => new()
    {
        { "l2tp-udp", s_session, 20 },
        { "l2tp-ip", s_session with { OverUdp = false }, 8 },
        { "l2tp-ip-cookie-nol2spec", s_cookies, 12 },
    };

    [Theory]
    [MemberData(nameof(Captures), DisableDiscoveryEnumeration = true)]
    public void The_same_frames_give_the_same_outer_packets(string capture, L2tpParameters session, int overhead)
    {
        using var host = HostOf(session);
        var sent = Sent(capture, "192.0.2.2").ToArray();
        foreach (var packet in sent)
            Assert.Equal(WithoutId(packet), WithoutId(Assert.Single(host.FromDevice(packet[(IPv4Header.MinSize + overhead)..]).Sent)));
        Assert.NotEmpty(sent);
    }

    [Theory]
    [MemberData(nameof(Captures), DisableDiscoveryEnumeration = true)]
    public void The_outer_packets_give_up_their_frames(string capture, L2tpParameters session, int overhead)
    {
        using var host = HostOf(session);
        var theirs = overhead + session.PeerCookie.Length - session.Cookie.Length;
        foreach (var packet in Sent(capture, "192.0.2.1"))
            Assert.Equal(packet[(IPv4Header.MinSize + theirs)..], Assert.Single(host.FromWire(packet).Delivered));
        Assert.True(host.Tunnel.Counters.RxPackets > 0);
    }

    [Fact]
    public void A_wrong_cookie_is_counted_and_let_in_by_nobody()
    {
        using var host = HostOf(s_cookies with { PeerCookie = Convert.FromHexString("8899aabc") });
        foreach (var packet in Sent("l2tp-ip-cookie-nol2spec", "192.0.2.1"))
            Assert.Empty(host.FromWire(packet).Delivered);
        Assert.True(host.Tunnel.Counters.Dropped(DropReason.WrongCookie) > 0);
    }

    [Fact]
    public void Numbered_packets_may_jump_but_not_go_back()
    {
        var parameters = s_session with { OverUdp = false, SendSequence = true, ReceiveSequence = true };
        using var sender = HostOf(parameters with { SessionId = 200, PeerSessionId = 100 });
        using var receiver = HostOf(parameters);
        var frame = new byte[60];
        var packets = Enumerable.Range(0, 4).Select(_ => Assert.Single(sender.FromDevice(frame).Sent)).ToArray();
        Assert.Single(receiver.FromWire(packets[0]).Delivered);
        Assert.Single(receiver.FromWire(packets[2]).Delivered);
        Assert.Empty(receiver.FromWire(packets[1], packets[2]).Delivered);
        Assert.Single(receiver.FromWire(packets[3]).Delivered);
        Assert.Equal(2, receiver.Tunnel.Counters.Dropped(DropReason.OutOfSequence));
    }

    private static TunnelHost HostOf(L2tpParameters session)
    {
        var host = new TunnelHost(new() { Mode = TunnelMode.L2tp, Local = Ip("192.0.2.2"), Remote = Ip("192.0.2.1"), L2tp = session });
        host.Engine.TryOpenPort(IpAddress.Any(false), session.SourcePort, new(UdpServiceKind.L2tp));
        return host;
    }

    private static IEnumerable<byte[]> Sent(string capture, string source) =>
        from packet in Golden.Load(capture).Packets.Select(packet => packet.ToArray())
        where IPv4Header.TryParse(packet, out var ip) && ip.Source == Ip(source) && !ip.IsFragment
        select packet;
}
