using Qanat.WireGuard;
using Qanat.WireGuard.Configuration;

namespace Qanat.Vpn.Tests;

public class InterfaceTests
{
    [Fact]
    public void Every_peer_is_in_it_with_its_own_addresses()
    {
        using var network = Some.With("anna", "ben");
        var (config, changes) = VpnInterface.Of(network, Some.Now);
        Assert.Equal((51820, network.PrivateKey, null), (config.ListenPort, config.PrivateKey!, changes));
        Assert.Equal(["10.8.0.2/32, fd00:8::2/128", "10.8.0.3/32, fd00:8::3/128"], config.Peers.Select(Addresses));
        Assert.Equal(network.Peers.Select(peer => peer.PresharedKey), config.Peers.Select(peer => peer.PresharedKey));
    }

    [Fact]
    public void An_expired_peer_is_not_and_the_next_to_expire_says_when_it_changes()
    {
        var (first, second) = (Some.Now + TimeSpan.FromHours(1), Some.Now + TimeSpan.FromHours(2));
        using var network = Some.Network().Invite("anna", Some.Now, second).Network.Invite("ben", Some.Now, first).Network;
        Assert.Equal(first, VpnInterface.Of(network, Some.Now).ChangesAt);
        var (config, changes) = VpnInterface.Of(network, first);
        Assert.Equal(network.Find("anna")!.PublicKey, Assert.Single(config.Peers).PublicKey);
        Assert.Equal(second, changes);
        Assert.Equal((0, null), (VpnInterface.Of(network, second).Config.Peers.Count, VpnInterface.Of(network, second).ChangesAt));
    }

    [Fact]
    public void The_addresses_of_two_keys_go_to_the_one_that_the_peer_came_with_last()
    {
        using var before = Some.With("anna");
        using var network = before.Rotate("anna", Some.Now, TimeSpan.FromHours(1)).Network;
        var (former, key) = (before.Find("anna")!.PublicKey, network.Find("anna")!.PublicKey);

        Assert.Equal(former, Owner(VpnInterface.Of(network, Some.Now)));
        Assert.Equal(key, Owner(VpnInterface.Of(network, Some.Now, new HashSet<PublicKey> { key })));
        Assert.Equal(2, VpnInterface.Of(network, Some.Now).Config.Peers.Count);
        var after = VpnInterface.Of(network, Some.Now + TimeSpan.FromHours(1));
        Assert.Equal(key, Owner(after));
        Assert.Single(after.Config.Peers);
    }

    [Fact]
    public void Of_three_keys_the_oldest_has_the_addresses_until_the_peer_comes_with_another()
    {
        using var first = Some.With("anna");
        var second = first.Rotate("anna", Some.Now, TimeSpan.FromHours(1)).Network;
        var third = second.Rotate("anna", Some.Now, TimeSpan.FromHours(2)).Network;
        var keys = new[] { first, second, third }.Select(network => network.Find("anna")!.PublicKey).ToArray();
        Assert.Equal(keys[0], Owner(VpnInterface.Of(third, Some.Now)));
        Assert.Equal(keys[1], Owner(VpnInterface.Of(third, Some.Now, new HashSet<PublicKey> { keys[1] })));
        Assert.Equal(keys[1], Owner(VpnInterface.Of(third, Some.Now + TimeSpan.FromHours(1))));
    }

    private static PublicKey Owner(VpnInterface there) => there.Config.Peers.Single(peer => peer.AllowedIps.Count > 0).PublicKey;

    private static string Addresses(PeerConfig peer) => string.Join(", ", peer.AllowedIps);
}
