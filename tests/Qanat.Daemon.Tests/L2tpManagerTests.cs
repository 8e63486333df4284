using Qanat.Daemon.Api;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Linux;

namespace Qanat.Daemon.Tests;

public sealed class L2tpManagerTests : IDisposable
{
    private readonly SettingsBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_session_has_the_ends_and_ports_of_its_tunnel()
    {
        await _bench.L2tp.AddAsync(Tunnel(1, 5000) with { UdpChecksum = true });
        await _bench.Tunnels.Tunnels.AddAsync(Session("s1", 1, 10));
        var parameters = _bench.Tunnels.Plane.Parameters.Values.Single();
        Assert.Equal(("127.0.0.1", "127.0.0.2"), (parameters.Local.ToString(), parameters.Remote.ToString()));
        var l2tp = parameters.L2tp!;
        Assert.Equal((true, 5000, 5001, true), (l2tp.OverUdp, (int)l2tp.SourcePort, (int)l2tp.DestinationPort, l2tp.UdpChecksum));
    }

    [Fact]
    public async Task A_session_and_its_tunnel_come_back_after_a_restart()
    {
        await _bench.L2tp.AddAsync(Tunnel(1, 5000));
        await _bench.Tunnels.Tunnels.AddAsync(Session("s1", 1, 10));
        var before = _bench.Tunnels.Plane.Parameters.Values.Single();
        await _bench.RestartAsync();
        Assert.Equal(1u, Assert.Single(_bench.L2tp.List()).TunnelId);
        Assert.Equal(before.L2tp!.SourcePort, _bench.Tunnels.Plane.Parameters.Values.Single().L2tp!.SourcePort);
    }

    [Theory]
    [InlineData(1, 5002, "127.0.0.1", Errno.EEXIST)]
    [InlineData(2, 5000, "127.0.0.1", Errno.EADDRINUSE)]
    [InlineData(2, 5002, "192.0.2.99", Errno.EADDRNOTAVAIL)]
    [InlineData(0, 5002, "127.0.0.1", Errno.EINVAL)]
    [InlineData(2, 0, "127.0.0.1", Errno.EINVAL)]
    [InlineData(2, 5002, "::1", Errno.EINVAL)]
    [InlineData(2, 5002, "any", Errno.EINVAL)]
    public async Task A_tunnel_that_cannot_be_is_refused(uint id, int port, string local, int errno)
    {
        await _bench.L2tp.AddAsync(Tunnel(1, 5000));
        Assert.Equal(errno, await Bench.ErrorOf(() => _bench.L2tp.AddAsync(Tunnel(id, port) with { Local = local })));
        Assert.Equal(1, _bench.L2tp.Count);
    }

    [Fact]
    public async Task A_deleted_tunnel_takes_its_sessions_along()
    {
        await _bench.L2tp.AddAsync(Tunnel(1, 5000));
        await _bench.L2tp.AddAsync(Tunnel(2, 5002));
        await _bench.Tunnels.Tunnels.AddAsync(Session("s1", 1, 10));
        await _bench.Tunnels.Tunnels.AddAsync(Session("s2", 1, 11));
        await _bench.Tunnels.Tunnels.AddAsync(Session("s3", 2, 10));
        await _bench.L2tp.RemoveAsync(1);
        Assert.Equal(["s3"], _bench.Tunnels.Tunnels.Kept.Select(kept => kept.Name));
        Assert.Equal(Errno.ENODEV, await Bench.ErrorOf(() => _bench.L2tp.RemoveAsync(1)));
    }

    [Theory]
    [InlineData(99, 10, Errno.ENODEV)] // no such tunnel
    [InlineData(1, 10, Errno.EEXIST)] // the same session
    [InlineData(2, 10, 0)] // over UDP each tunnel has its own numbers
    [InlineData(3, 10, Errno.EEXIST)] // over IP they are all tunnels'
    public async Task Identifiers_of_sessions_are_unique_where_packets_need_it(uint tunnel, uint session, int errno)
    {
        await _bench.L2tp.AddAsync(Tunnel(1, 5000));
        await _bench.L2tp.AddAsync(Tunnel(2, 5002));
        await _bench.L2tp.AddAsync(Tunnel(3, 0) with { Encap = "ip" });
        await _bench.Tunnels.Tunnels.AddAsync(Session("s1", 1, 10));
        if (errno == 0)
            await _bench.Tunnels.Tunnels.AddAsync(Session("s2", tunnel, session));
        else
            Assert.Equal(errno, await Bench.ErrorOf(() => _bench.Tunnels.Tunnels.AddAsync(Session("s2", tunnel, session))));
    }

    private static L2tpTunnel Tunnel(uint id, int port) => new()
    {
        TunnelId = id, PeerTunnelId = 7, Local = "127.0.0.1", Remote = "127.0.0.2", SourcePort = port, DestinationPort = 5001,
    };

    private static TunnelSpec Session(string name, uint tunnel, uint session) => new()
    {
        Name = name, Mode = "l2tp", L2tp = new() { TunnelId = tunnel, SessionId = session, PeerSessionId = 20 },
    };
}
