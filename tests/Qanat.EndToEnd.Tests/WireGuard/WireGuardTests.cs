using System.Globalization;
using Qanat.Testing;
using Xunit;
using static Qanat.EndToEnd.Tests.WireGuard.WireGuardPair;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary>Two ends of qanat-wg, driven by <c>wg</c>.</summary>
public sealed class WireGuardTests
{
    [Fact]
    public async Task A_tunnel_carries_both_IP_versions_and_every_bit()
    {
        using var pair = new WireGuardPair();
        pair.A.Host.Do($"ping -c 3 -i 0.2 -W 10 {InnerB}", $"ping -c 3 -i 0.2 -W 10 {InnerB6}");
        await pair.A.Host.TransferAsync(pair.B.Host, InnerB);
        await pair.B.Host.TransferAsync(pair.A.Host, InnerA6);
    }

    [Fact]
    public async Task It_goes_over_IPv6_too()
    {
        using var pair = new WireGuardPair(endpoint: $"[{OuterB6}]:{PortOfB}");
        pair.A.Host.Do($"ping -c 3 -i 0.2 -W 10 {InnerB}");
        Assert.Equal($"{pair.A.PublicKey}\t[{OuterA6}]:{PortOfA}", pair.B.Show("endpoints"));
        await pair.A.Host.TransferAsync(pair.B.Host, InnerB);
    }

    [Fact]
    public void Over_a_link_local_address_the_endpoint_names_its_interface()
    {
        using var hosts = new TwoHosts();
        using var a = new WireGuardEnd(hosts.A, "qanat-wg");
        using var b = new WireGuardEnd(hosts.B, "qanat-wg");
        hosts.B.Do("ip addr add fe80::b/64 dev eth0 nodad");
        hosts.A.Do("ip addr add fe80::a/64 dev eth0 nodad");
        a.Begin(PortOfA, $"{InnerA}/24");
        b.Begin(PortOfB, $"{InnerB}/24");
        b.Set($"peer {a.PublicKey} allowed-ips {InnerA}/32");
        a.Set($"peer {b.PublicKey} allowed-ips {InnerB}/32 endpoint [fe80::b%eth0]:{PortOfB}");
        hosts.A.Do($"ping -c 2 -i 0.2 -W 10 {InnerB}");
        Assert.EndsWith($"%eth0]:{PortOfA}", b.Show("endpoints"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_preshared_key_is_held_to()
    {
        using var pair = new WireGuardPair();
        pair.SharePresharedKey();
        pair.A.Host.Do($"ping -c 2 -i 0.2 -W 10 {InnerB}");
        Assert.Equal(pair.A.Show("preshared-keys").Split('\t')[1], pair.B.Show("preshared-keys").Split('\t')[1]);

        using var other = new WireGuardPair();
        other.SharePresharedKey();
        other.B.Set($"peer {other.A.PublicKey} preshared-key /dev/null");
        Assert.False(other.A.Host.Reaches(InnerB));
    }

    [Fact]
    public void Wg_show_tells_all_there_is()
    {
        using var pair = new WireGuardPair();
        pair.SharePresharedKey();
        pair.A.Set($"fwmark 0x2a peer {pair.B.PublicKey} persistent-keepalive 25");
        pair.A.Host.Do($"ping -c 3 -i 0.2 -W 10 {InnerB}");

        var lines = pair.A.Host.Do($"wg show {pair.A.Device} dump").TrimEnd().Split('\n');
        Assert.Equal(2, lines.Length);
        var privateKey = File.ReadAllText(pair.A.PrivateKeyFile).Trim();
        Assert.Equal([privateKey, pair.A.PublicKey, $"{PortOfA}", "0x2a"], lines[0].Split('\t'));
        var peer = lines[1].Split('\t');
        Assert.Equal(pair.B.PublicKey, peer[0]);
        Assert.Equal($"{TwoHosts.AddressOfB}:{PortOfB}", peer[2]);
        Assert.Equal($"{InnerB}/32,{InnerB6}/128", peer[3]);
        var age = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - long.Parse(peer[4], CultureInfo.InvariantCulture);
        Assert.InRange(age, 0, 60);
        // Each echo request or reply of 84 bytes is one of 128: 96 with its padding, and 32 around it.
        Assert.InRange(long.Parse(peer[5], CultureInfo.InvariantCulture), 92 + 3 * 128, 10_000);
        Assert.InRange(long.Parse(peer[6], CultureInfo.InvariantCulture), 148 + 3 * 128, 10_000);
        Assert.Equal("25", peer[7]);
    }

    [Fact]
    public void A_peer_is_followed_to_another_address_and_port()
    {
        using var pair = new WireGuardPair();
        Assert.True(pair.A.Host.Reaches(InnerB));

        pair.A.Host.Do($"ip addr del {TwoHosts.AddressOfA}/24 dev eth0", "ip addr add 10.10.50.99/24 dev eth0");
        pair.A.Set("listen-port 40000");
        Wait.Until(() => pair.A.Host.Reaches(InnerB), what: "B to follow");
        Assert.Equal($"{pair.A.PublicKey}\t10.10.50.99:40000", pair.B.Show("endpoints"));
        Assert.True(pair.B.Host.Reaches(InnerA));
        Assert.Equal("40000", pair.A.Show("listen-port"));
    }

    [Fact]
    public async Task What_is_set_while_packets_pass_loses_none_of_the_stream()
    {
        using var pair = new WireGuardPair();
        var transfer = pair.A.Host.TransferAsync(pair.B.Host, InnerB);
        var other = pair.A.Host.Do("wg genkey | wg pubkey").Trim();
        do
        {
            pair.A.Set($"fwmark 1 peer {pair.B.PublicKey} persistent-keepalive 5 allowed-ips {InnerB}/32,{InnerB6}/128");
            pair.A.Set($"fwmark 0 peer {other} allowed-ips 10.78.0.0/16 endpoint 192.0.2.1:1");
            pair.A.Set($"listen-port 0 peer {other} remove");
            pair.B.Set($"peer {pair.A.PublicKey} persistent-keepalive 7");
        }
        while (!transfer.IsCompleted);
        await transfer;
    }

    [Fact]
    public void A_listen_port_that_is_taken_is_refused_and_the_old_one_stays()
    {
        using var pair = new WireGuardPair();
        using var second = new WireGuardEnd(pair.A.Host, "qanat-wg");
        second.Begin(40001);
        Wait.Until(() => pair.A.Host.Do("ss -Hlun sport = :40001").Length > 0, what: "the other to listen");
        var refused = pair.A.Host.Run($"wg set {pair.A.Device} listen-port 40001 fwmark 7");
        Assert.False(refused.Succeeded);
        Assert.Contains("Address already in use", refused.Error, StringComparison.Ordinal);
        Assert.Equal($"{PortOfA}", pair.A.Show("listen-port"));
        Assert.Equal("off", pair.A.Show("fwmark"));
        Assert.True(pair.A.Host.Reaches(InnerB));
    }

    [Fact]
    public void Packets_leave_by_the_routes_of_their_mark()
    {
        using var pair = new WireGuardPair();
        pair.A.Host.Do("ip rule add fwmark 42 prohibit");
        Assert.True(pair.A.Host.Reaches(InnerB));
        pair.A.Set("fwmark 42");
        Assert.False(pair.A.Host.Reaches(InnerB));
        pair.A.Set("fwmark 0");
        Wait.Until(() => pair.A.Host.Reaches(InnerB), what: "packets to pass again");
    }

    [Fact]
    public void A_device_moved_to_another_namespace_keeps_its_sockets_in_the_first()
    {
        using var pair = new WireGuardPair();
        using var inside = new TestNamespace("inside");
        pair.A.Host.Do($"ip link set {pair.A.Device} netns {inside.Name}");
        inside.Do($"ip addr add {InnerA}/24 dev {pair.A.Device}", $"ip link set {pair.A.Device} up");
        Wait.Until(() => inside.Reaches(InnerB), what: "packets to pass");
        Assert.Equal("", inside.Do("ss -Hlun"));
        inside.Do($"ip link del {pair.A.Device}");
        Wait.Until(() => !File.Exists(pair.A.Socket), what: "the program to end");
    }

    [Fact]
    public void While_the_device_is_down_nobody_listens()
    {
        using var pair = new WireGuardPair();
        Assert.True(pair.A.Host.Reaches(InnerB));
        pair.B.Host.Do($"ip link set {pair.B.Device} down");
        Wait.Until(() => pair.B.Host.Do("ss -Hlun").Length == 0, what: "the sockets to close");
        pair.B.Host.Do($"ip link set {pair.B.Device} up");
        Wait.Until(() => pair.B.Host.Do("ss -Hlun").Length > 0, what: "the sockets to open");
        // Both remember where the other is; B has no session, and begins anew.
        Wait.Until(() => pair.B.Host.Reaches(InnerA), what: "a new session");
        Assert.True(pair.A.Host.Reaches(InnerB));
    }
}
