using System.Text;
using FsCheck.Fluent;
using Qanat.Testing;
using Qanat.WireGuard.Configuration;
using Xunit;

namespace Qanat.WireGuard.Tests.Configuration;

/// <summary>Beside the real <c>wg</c>: it asks, and what it is answered it must understand.</summary>
public class WgTests
{
    private const string Interface = WgServer.Name;
    private const string Secret = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
    private const string Ann = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
    private const string Bob = "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=";

    private const string Peer = $"[Peer]\nPublicKey = {Ann}";

    private const string File = $"""
        [Interface]
        PrivateKey = {Secret}
        ListenPort = 51820
        FwMark = 0xca6c
        [Peer]
        PublicKey = {Ann}
        PresharedKey = {Bob}
        AllowedIPs = 10.8.0.2/32, fd00:8::2/128
        AllowedIPs = 10.20.0.0/16
        Endpoint = [2001:db8::1]:51820
        [Peer]
        PublicKey = {Bob}
        Endpoint = 192.0.2.1:domain
        PersistentKeepalive = 25
        """;

    [Fact]
    public void A_file_becomes_the_same_interface_through_wg_and_by_itself()
    {
        using var server = new WgServer();
        Assert.Equal("", server.Run($"wg setconf {Interface} /run/in", File).Required);
        var own = Texts.Read(File).Config!.Device;
        Assert.Equal(Texts.Show(own).Replace(":domain", ":53", StringComparison.Ordinal), Texts.Show(server.Device)); // wg looks names up.
        Assert.Equal(Texts.Show(server.Device), server.Run($"wg showconf {Interface}").Required);
    }

    [Fact]
    public void Any_interface_comes_back_from_wg_as_it_went()
    {
        using var server = new WgServer();
        foreach (var device in Gen.Sample(Texts.Devices, 20, 12))
        {
            server.Device = device;
            var shown = server.Run($"wg showconf {Interface}").Required;
            // wg separates what it writes by blank lines, also from nothing.
            Assert.Equal(Texts.Show(device).TrimEnd('\n'), shown.TrimEnd('\n'));
            server.Device = new();
            Assert.Equal("", server.Run($"wg setconf {Interface} /run/in", shown).Required);
            Assert.Equal(Texts.Show(device), Texts.Show(server.Device));
        }
    }

    [Fact]
    public void Wg_shows_what_get_answers()
    {
        var device = Texts.Read(File).Config!.Device;
        using var server = new WgServer { Device = device with { Peers = [device.Peers[0]] } };
        var handshake = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000).AddTicks(1_234_567);
        server.Status = peer => new(peer) { LastHandshake = handshake, TxBytes = ulong.MaxValue, RxBytes = 9 };
        Assert.Equal(
            $"{Secret}\t{server.Run($"echo {Secret} | wg pubkey").Required.TrimEnd()}\t51820\t0xca6c\n" +
            $"{Ann}\t{Bob}\t[2001:db8::1]:51820\t10.8.0.2/32,fd00:8::2/128,10.20.0.0/16\t1700000000\t9\t18446744073709551615\toff\n",
            server.Run($"wg show {Interface} dump").Required);
    }

    [Fact]
    public void Wg_set_changes_what_it_names()
    {
        using var server = new WgServer();
        Assert.Equal("", server.Run($"wg setconf {Interface} /run/in", File).Required);
        var ofAnn = $"peer {Ann} preshared-key /dev/null allowed-ips 10.9.0.0/24";
        Assert.Equal("", server.Run($"wg set {Interface} listen-port 7 fwmark 0 {ofAnn} peer {Bob} remove").Required);
        var (device, ann) = (server.Device, server.Device.Peers.Single());
        Assert.Equal((7, 0u), (device.ListenPort, device.FirewallMark));
        Assert.Equal((Ann, null, "10.9.0.0/24"), ($"{ann.PublicKey}", ann.PresharedKey, $"{ann.AllowedIps.Single()}"));
        Assert.Equal("[2001:db8::1]:51820", $"{ann.Endpoint}");
        Assert.Equal(Convert.FromBase64String(Secret), device.PrivateKey!.Bytes);
    }

    [Fact]
    public void Wg_syncconf_leaves_the_others_alone()
    {
        using var server = new WgServer();
        Assert.Equal("", server.Run($"wg setconf {Interface} /run/in", File).Required);
        Assert.Equal("", server.Run($"wg syncconf {Interface} /run/in", $"[Peer]\nPublicKey = {Bob}\n").Required);
        var change = ((UapiOperation.Apply)server.Asked[^1]).Change;
        Assert.False(change.ReplacePeers);
        Assert.Equal([(Ann, true), (Bob, false)], change.Peers.Select(peer => ($"{peer.PublicKey}", peer.Remove)));
        Assert.Equal((null, Bob), (server.Device.PrivateKey, $"{server.Device.Peers.Single().PublicKey}"));
    }

    [Fact]
    public void Public_keys_are_those_that_wg_derives()
    {
        using var key = WireGuardKeys.GeneratePrivate();
        var text = new byte[KeyText.Base64Length];
        KeyText.WriteBase64(key.Bytes, text);
        using var running = new RunningCommand($"echo {Encoding.ASCII.GetString(text)} | wg pubkey");
        Assert.Equal($"{WireGuardKeys.PublicOf(key)}\n", running.WaitForExit().Required);
    }

    [Theory] // Each of them is wrong for both, or for neither.
    [InlineData("[Interface]\nListenPort = 5")]
    [InlineData("[interface]\nlistenport=5")]
    [InlineData("[Inter face]\nListen Port = 5 1")]
    [InlineData("[Interface]\nListenPort = -5")]
    [InlineData("[Interface]\nFwMark = 0XFF")]
    [InlineData("[Interface]\nFwMark = 0xff")]
    [InlineData("[Interface]\nFwMark = off")]
    [InlineData("[Interface]\nFwMark = 4294967296")]
    [InlineData("[Interface]\nPrivateKey = " + Secret + " # ours")]
    [InlineData("[Interface]\nPrivateKey = " + Secret + "=")]
    [InlineData("[Interface]\nPrivateKey =")]
    [InlineData("[Interface]\nPublicKey = " + Ann)]
    [InlineData("[Interface] x")]
    [InlineData("ListenPort = 5")]
    [InlineData("[Peer]")]
    [InlineData(Peer)]
    [InlineData(Peer + "\n[Peer]")]
    [InlineData(Peer + "\nAllowedIPs = 10.0.0.0/8,")]
    [InlineData(Peer + "\nAllowedIPs = 10.0.0.0/08")]
    [InlineData(Peer + "\nAllowedIPs = 10.0.0.0/33")]
    [InlineData(Peer + "\nAllowedIPs = 10.0.0.0/")]
    [InlineData(Peer + "\nAllowedIPs = 10.1/16")]
    [InlineData(Peer + "\nAllowedIPs = 10.01.0.0/16")]
    [InlineData(Peer + "\nAllowedIPs = ::ffff:10.1.2.3, 10.1.2.3 / 9")]
    [InlineData(Peer + "\nAllowedIPs = 1::2::3")]
    [InlineData(Peer + "\nAllowedIPs = fd00::/129")]
    [InlineData(Peer + "\nEndpoint = 192.0.2.1")]
    [InlineData(Peer + "\nEndpoint = 192.0.2.1:")]
    [InlineData(Peer + "\nEndpoint = [2001:db8::1]51820")]
    [InlineData(Peer + "\nEndpoint = [2001:db8::1]:51820")]
    [InlineData(Peer + "\nEndpoint = 2001:db8::1:51820")]
    [InlineData(Peer + "\nPersistentKeepalive = 0")]
    [InlineData(Peer + "\nPersistentKeepalive = Off")]
    [InlineData(Peer + "\nPersistentKeepalive = 65536")]
    [InlineData(Peer + "\nPersistentKeepalive = 0x10")]
    public void Files_are_as_right_or_wrong_as_wg_finds_them(string text)
    {
        using var server = new WgServer();
        var reading = Texts.Read(text);
        Assert.Equal(server.Run($"wg setconf {Interface} /run/in", text).Succeeded, reading.Config is not null);
        if (reading.Config is { } config)
            Assert.Equal(Texts.Show(server.Device), Texts.Show(config.Device));
    }
}
