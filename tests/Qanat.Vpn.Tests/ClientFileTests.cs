using System.Text;
using Qanat.WireGuard.Configuration;

namespace Qanat.Vpn.Tests;

public class ClientFileTests
{
    [Theory]
    [InlineData("10.8.0.0/24", "peers", "10.8.0.0/24")]
    [InlineData("10.8.0.0/24,fd00:8::/64", "peers", "10.8.0.0/24, fd00:8::/64")]
    [InlineData("10.8.0.0/24", "intranet=192.168.0.0/16,10.8.0.0/24", "10.8.0.0/24, 192.168.0.0/16")]
    [InlineData("10.8.0.0/24", "internet", "0.0.0.0/0, ::/0")]
    [InlineData("fd00:8::/64", "internet", "0.0.0.0/0, ::/0")]
    public void A_peer_sends_through_the_tunnel_what_it_may_reach(string subnets, string access, string through)
    {
        using var admission = Some.Network(subnets, access).Invite("anna", Some.Now);
        Assert.Contains($"\nAllowedIPs = {through}\n", Text(admission));
    }

    [Fact]
    public void Or_what_it_was_told_to()
    {
        using var admission = Some.Network(access: "internet").Invite("anna", Some.Now, split: VpnText.Prefixes("split", "192.0.2.0/24"));
        Assert.Contains("\nAllowedIPs = 192.0.2.0/24\n", Text(admission));
    }

    [Fact]
    public void The_file_is_read_back_without_a_remark()
    {
        using var admission = (Some.Network() with
        {
            DnsServers = VpnText.Dns("10.8.0.1").Servers,
            DnsSearch = ["corp.example"],
            Mtu = 1380,
        }).Invite("anna", Some.Now);
        var reading = ConfigReader.Read(Encoding.UTF8.GetBytes(Text(admission)));
        Assert.Empty(reading.Mistakes);
        Assert.Empty(reading.Warnings);
        var config = reading.Config!;
        var hub = Assert.Single(config.Device.Peers);
        Assert.Equal(["10.8.0.2/32", "fd00:8::2/128"], config.Addresses.Select(address => address.ToString()));
        Assert.Equal(("10.8.0.1", "corp.example", 1380), (config.DnsServers[0].ToString(), config.DnsSearch[0], config.Mtu));
        Assert.Equal(admission.PrivateKey, config.Device.PrivateKey);
        Assert.Equal((admission.Network.PublicKey, admission.Peer.PresharedKey), (hub.PublicKey, hub.PresharedKey));
        Assert.Equal((admission.Network.Endpoint, 25), (hub.Endpoint!, hub.PersistentKeepalive));
    }

    [Fact]
    public void The_file_of_a_peer_with_a_key_of_its_own_has_no_line_for_it()
    {
        using var own = WireGuardKeys.GeneratePrivate();
        using var admission = Some.Network().Invite("anna", Some.Now, publicKey: WireGuardKeys.PublicOf(own));
        Assert.DoesNotContain("PrivateKey", Text(admission));
        Assert.Empty(ConfigReader.Read(Encoding.UTF8.GetBytes(Text(admission))).Mistakes);
    }

    private static string Text(VpnAdmission admission)
    {
        using var text = new SecretBuffer();
        VpnClientFile.Write(text, admission.Network, admission.Peer, admission.PrivateKey);
        return Encoding.UTF8.GetString(text.Written);
    }
}
