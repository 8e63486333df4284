using Qanat.EndToEnd.Tests.WireGuard;
using Qanat.Testing;
using Xunit;
using static Qanat.EndToEnd.Tests.Vpn.HubNetwork;

namespace Qanat.EndToEnd.Tests.Vpn;

/// <summary>The three networks that people build: who reaches whom, and as whom.</summary>
public sealed class VpnTopologyTests
{
    [Fact]
    public void Two_machines_reach_each_other_and_nothing_beyond()
    {
        using var net = new HubNetwork("peers");
        net.Up();
        var file = net.FileOf("laptop");
        Widen(file, "192.168.7.0/24, 203.0.113.0/24, fd07::/64, fd13::/64"); // a client that tries what it may not
        net.Client.Do($"qanat up {file}");
        WaitToReach(net.Client, HubInVpn);
        WaitToReach(net.Client, HubInVpn6);
        Assert.True(net.Hub.Reaches(ClientInVpn));
        Assert.True(net.Hub.Reaches(ClientInVpn6));
        foreach (var address in (string[])[.. Beyond, HubInside, HubBeyond, HubInside6])
            Assert.False(net.Client.Reaches(address), address);
    }

    [Fact]
    public void Peers_reach_each_other_by_the_hub()
    {
        using var net = new HubNetwork("peers");
        net.Up();
        net.Join("laptop");
        var file = net.FileOf("server");
        net.Server.Do("ip route add default via 192.168.7.1"); // its own way to where the hub is found
        net.Server.Do($"qanat up {file}");
        WaitToReach(net.Server, HubInVpn);
        WaitToReach(net.Client, HubInVpn);
        WaitToReach(net.Client, "10.8.0.3");
        WaitToReach(net.Client, "fd00:8::3");
        Assert.DoesNotContain("Redirect", net.Client.Do("ping -c 2 -i 0.2 -W 10 10.8.0.3"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_reaches_the_intranet_as_the_hub_and_nothing_else()
    {
        using var net = new HubNetwork("intranet=192.168.7.0/24,fd07::/64");
        using var echo = Echo(net.Server, isIPv6: false);
        net.Up();
        var file = net.FileOf("laptop");
        Widen(file, "203.0.113.0/24, fd13::/64");
        net.Client.Do($"qanat up {file}");
        WaitToReach(net.Client, ServerAddress);
        WaitToReach(net.Client, ServerAddress6);
        Assert.Equal(HubInside, net.SeenBy(ServerAddress));
        foreach (var address in (string[])[InternetAddress, InternetAddress6, HubBeyond, HubBeyond6])
            Assert.False(net.Client.Reaches(address), address);

        // Nor does anybody come in that was not asked, though they know the way.
        net.Server.Do($"ip route add 10.8.0.0/24 via {HubInside}", $"ip route add fd00:8::/64 via {HubInside6}");
        Assert.False(net.Server.Reaches(ClientInVpn));
        Assert.False(net.Server.Reaches(ClientInVpn6));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_client_reaches_intranet_and_internet_as_the_hub(bool isIPv6)
    {
        using var net = new HubNetwork("internet");
        using var inside = Echo(net.Server, isIPv6);
        using var beyond = Echo(net.Internet, isIPv6);
        net.Up();
        net.Join("laptop");
        WaitToReach(net.Client, isIPv6 ? HubInVpn6 : HubInVpn);
        Assert.Equal(isIPv6 ? HubInside6 : HubInside, net.SeenBy(isIPv6 ? ServerAddress6 : ServerAddress));
        Assert.Equal(isIPv6 ? HubBeyond6 : HubBeyond, net.SeenBy(isIPv6 ? InternetAddress6 : InternetAddress));
    }

    [Fact]
    public void Wg_quick_takes_the_file_of_an_invitation_too()
    {
        using var net = new HubNetwork("internet");
        using var beyond = Echo(net.Internet, isIPv6: false);
        net.Up();
        var (file, quick) = (net.FileOf("laptop"), WgQuickTests.WithoutKernel(net.Client));
        net.Client.Do($"{quick} up {file}");
        WaitToReach(net.Client, HubInVpn6);
        Assert.Equal(HubBeyond, net.SeenBy(InternetAddress));
        net.Client.Do($"{quick} down {file}");
    }

    [Fact]
    public void Nobody_but_the_peers_is_passed_on_while_the_hub_is_up()
    {
        using var net = new HubNetwork("internet");
        net.Up();
        foreach (var address in Beyond)
            Assert.False(net.Client.Reaches(address), address); // the client has routes to them by the hub, but no tunnel
        net.Join("laptop");
        WaitToReach(net.Client, InternetAddress);
        WaitToReach(net.Client, InternetAddress6);
    }

    [Fact]
    public void Tcp_is_told_of_the_tunnels_narrowness_in_both_directions()
    {
        using var net = new HubNetwork("intranet=192.168.7.0/24");
        using var echo = Echo(net.Server, isIPv6: false);
        net.Up();
        var file = net.Join("laptop");
        var device = Path.GetFileNameWithoutExtension(file);
        WaitToReach(net.Client, ServerAddress);
        net.Client.Do($"ip link set {device} mtu 1500"); // so that it asks for segments which the hub's end cannot carry
        using var atServer = Syns(net.Server, "eth0");
        using var atClient = Syns(net.Client, device);
        net.SeenBy(ServerAddress);
        Wait.Until(() => atServer.Output.Contains("Flags [S],", StringComparison.Ordinal) &&
            atClient.Output.Contains("Flags [S.],", StringComparison.Ordinal), what: "the packets that begin a connection");
        Assert.Contains("mss 1460", LineOf(atClient, "[S],"), StringComparison.Ordinal);
        Assert.Contains("mss 1380", LineOf(atServer, "[S],"), StringComparison.Ordinal);
        Assert.Contains("mss 1380", LineOf(atClient, "[S.],"), StringComparison.Ordinal);
    }

    private static RunningCommand Syns(TestNamespace host, string device)
    {
        var tcpdump = host.Start($"exec tcpdump -l -n -i {device} 'tcp[tcpflags] & tcp-syn != 0'");
        Wait.Until(() => tcpdump.Error.Contains("listening on", StringComparison.Ordinal), what: $"tcpdump on {device}");
        return tcpdump;
    }

    private static string LineOf(RunningCommand tcpdump, string flags) =>
        tcpdump.Output.Split('\n').First(line => line.Contains(flags, StringComparison.Ordinal));
}
