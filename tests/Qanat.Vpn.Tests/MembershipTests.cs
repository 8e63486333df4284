using FsCheck;
using FsCheck.Fluent;
using Qanat.Packets;
using Qanat.WireGuard;
using Qanat.WireGuard.Configuration;
using IPv4Address = Qanat.Packets.IPv4Address;

namespace Qanat.Vpn.Tests;

public class MembershipTests
{
    [Fact]
    public void The_hub_has_the_first_addresses_and_peers_the_next()
    {
        using var network = Some.With("anna", "ben");
        Assert.Equal(["10.8.0.1/24", "fd00:8::1/64"], network.Addresses.Select(address => address.ToString()));
        Assert.Equal(["10.8.0.2", "fd00:8::2"], network.Find("anna")!.Addresses.Select(address => address.ToString()));
        Assert.Equal(["10.8.0.3", "fd00:8::3"], network.Find("ben")!.Addresses.Select(address => address.ToString()));
    }

    [Fact]
    public void Whoever_comes_next_gets_what_was_given_back()
    {
        using var network = Some.With("anna", "ben", "cleo").Revoke("ben").Invite("dora", Some.Now).Network;
        Assert.Equal("10.8.0.3", network.Find("dora")!.Addresses[0].ToString());
        Assert.Null(network.Find("ben"));
    }

    [Fact]
    public void A_full_subnet_takes_nobody_in()
    {
        using var network = Some.Network("10.8.0.0/30").Invite("anna", Some.Now).Network;
        var full = Assert.Throws<VpnException>(() => network.Invite("ben", Some.Now));
        Assert.StartsWith("all addresses of 10.8.0.0/30 are taken; ", full.Message);
    }

    [Fact]
    public void However_peers_come_and_go_no_two_have_an_address_and_each_has_the_lowest_that_is_free() =>
        Prop.ForAll<(bool Comes, byte Who)[]>(steps =>
        {
            var subnets = VpnText.Subnets("10.8.0.0/28,fd00:8::/124");
            List<IpAddress> taken = [];
            foreach (var (comes, who) in steps)
            {
                var free = AddressPool.LowestFree(subnets[0], taken.ToHashSet());
                if (comes && free is { } address)
                {
                    Assert.True(AddressPool.IsForPeers(subnets[0], address));
                    Assert.DoesNotContain(address, taken);
                    Assert.All(Enumerable.Range(2, (int)(address.IPv4.Value & 15) - 2),
                        lower => Assert.Contains(new IPv4Address(0x0A08_0000u + (uint)lower), taken));
                    taken.Add(address);
                }
                else if (taken.Count > 0)
                    taken.RemoveAt(who % taken.Count);
                Assert.Equal(taken.Count == 13, AddressPool.LowestFree(subnets[0], taken.ToHashSet()) is null);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_subnet_of_any_length_has_its_addresses_and_no_more() => Prop.ForAll(Gen.Choose(8, 30).ToArbitrary(), length =>
    {
        var subnet = new AllowedIp(new IPv4Address(0x0A00_0000), length);
        var capacity = AddressPool.Capacity(subnet);
        Assert.Equal((UInt128)((1L << (32 - length)) - 3), capacity);
        Assert.False(AddressPool.IsForPeers(subnet, subnet.Address));
        Assert.False(AddressPool.IsForPeers(subnet, AddressPool.HubOf(subnet)));
        Assert.True(AddressPool.IsForPeers(subnet, new IPv4Address(0x0A00_0000 + 1 + (uint)capacity)));
        Assert.False(AddressPool.IsForPeers(subnet, new IPv4Address(0x0A00_0000 + 2 + (uint)capacity)));
        Assert.False(AddressPool.IsForPeers(subnet, new IPv4Address(0x0A00_0000 - 1)));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_peers_private_key_is_its_own_alone()
    {
        using var admission = Some.Network().Invite("anna", Some.Now);
        Assert.Equal(admission.Peer.PublicKey, WireGuardKeys.PublicOf(admission.PrivateKey!));
        Assert.NotNull(admission.Peer.PresharedKey);
    }

    [Fact]
    public void A_peer_may_bring_its_own_key_once()
    {
        using var own = WireGuardKeys.GeneratePrivate();
        var key = WireGuardKeys.PublicOf(own);
        using var admission = Some.Network().Invite("anna", Some.Now, publicKey: key);
        Assert.Null(admission.PrivateKey);
        Assert.Equal(key, admission.Peer.PublicKey);
        Assert.Contains("in use", Assert.Throws<VpnException>(() => admission.Network.Invite("ben", Some.Now, publicKey: key)).Message);
        Assert.Contains("in use", Assert.Throws<VpnException>(() =>
            admission.Network.Invite("ben", Some.Now, publicKey: admission.Network.PublicKey)).Message);
    }

    [Fact]
    public void Names_are_taken_once()
    {
        using var network = Some.With("anna");
        Assert.Contains("has a peer anna already", Assert.Throws<VpnException>(() => network.Invite("anna", Some.Now)).Message);
        Assert.Contains("has no peer ben", Assert.Throws<VpnException>(() => network.Revoke("ben")).Message);
        Assert.Contains("has no peer ben", Assert.Throws<VpnException>(() => network.Rotate("ben", Some.Now, default)).Message);
    }

    [Fact]
    public void A_rotated_peer_keeps_its_addresses_and_for_a_while_its_former_key()
    {
        var network = Some.With("anna");
        var before = network.Find("anna")!;
        using var rotated = network.Rotate("anna", Some.Now, TimeSpan.FromHours(1));
        var after = rotated.Peer;
        Assert.Equal(before.Addresses, after.Addresses);
        Assert.NotEqual(before.PublicKey, after.PublicKey);
        Assert.Equal(new FormerKey(before.PublicKey, before.PresharedKey, Some.Now + TimeSpan.FromHours(1)), after.Former);
        Assert.Null(rotated.Network.At(Some.Now + TimeSpan.FromHours(1)).Find("anna")!.Former);
        Assert.Null(network.Rotate("anna", Some.Now, TimeSpan.Zero).Peer.Former);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(48, 24)]
    public void A_former_key_is_good_no_longer_than_its_peer(int peersHours, int hours)
    {
        var network = Some.Network().Invite("anna", Some.Now, Some.Now + TimeSpan.FromHours(peersHours)).Network;
        using var rotated = network.Rotate("anna", Some.Now, TimeSpan.FromHours(24));
        Assert.Equal(Some.Now + TimeSpan.FromHours(hours), rotated.Peer.Former!.Until);
    }

    [Fact]
    public void Another_rotation_takes_nothing_from_what_the_first_key_was_promised_and_adds_nothing()
    {
        var (first, hour) = (Some.With("anna"), TimeSpan.FromHours(1));
        var second = first.Rotate("anna", Some.Now, 2 * hour).Network;
        var third = second.Rotate("anna", Some.Now + hour, 2 * hour).Network;
        Assert.Equal([Key(third), Key(second), Key(first)], GoodAt(Some.Now + hour));
        Assert.Equal(Some.Now + 2 * hour, VpnInterface.Of(third, Some.Now + hour).ChangesAt);
        Assert.Equal([Key(third), Key(second)], GoodAt(Some.Now + 2 * hour));
        Assert.Equal([Key(third)], GoodAt(Some.Now + 3 * hour));
        Assert.Same(third, third.At(Some.Now + hour));

        PublicKey[] GoodAt(DateTimeOffset now) => [.. VpnInterface.Of(third, now).Config.Peers.Select(peer => peer.PublicKey)];
    }

    [Fact]
    public void Who_has_many_former_keys_gets_no_other_before_these_end()
    {
        var (network, hour) = (Some.With("anna"), TimeSpan.FromHours(1));
        for (var i = 0; i < 8; i++)
            network = network.Rotate("anna", Some.Now, hour).Network;
        Assert.Contains("--grace 0s", Assert.Throws<VpnException>(() => network.Rotate("anna", Some.Now, hour)).Message);
        Assert.Empty(network.Rotate("anna", Some.Now, TimeSpan.Zero).Peer.FormerKeys);
        Assert.Single(network.Rotate("anna", Some.Now + hour, hour).Peer.FormerKeys);
    }

    [Fact]
    public void A_copy_outlives_the_keys_of_what_it_was_copied_from()
    {
        var network = Some.With("anna").Rotate("anna", Some.Now, TimeSpan.FromHours(1)).Network
            .Rotate("anna", Some.Now, TimeSpan.FromHours(1)).Network;
        using var copy = network.Copy();
        Assert.Equivalent(network, copy, strict: true);
        network.Dispose();
        Assert.Equal(32, copy.PrivateKey.Bytes.Length);
        foreach (var peer in VpnInterface.Of(copy, Some.Now).Config.Peers)
            Assert.Equal(32, peer.PresharedKey!.Bytes.Length);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 3)]
    public void A_shorter_grace_is_for_all_former_keys(int minutes, int keys)
    {
        var network = Some.With("anna").Rotate("anna", Some.Now, TimeSpan.FromHours(1)).Network;
        var (config, changes) = VpnInterface.Of(network.Rotate("anna", Some.Now, TimeSpan.FromMinutes(minutes)).Network, Some.Now);
        Assert.Equal((keys, minutes == 0 ? null : Some.Now + TimeSpan.FromMinutes(minutes)), (config.Peers.Count, changes));
    }

    private static PublicKey Key(VpnNetwork network) => network.Find("anna")!.PublicKey;

    [Fact]
    public void Who_has_expired_stays_so_whatever_the_clock_says()
    {
        var network = Some.Network().Invite("anna", Some.Now, Some.Now + TimeSpan.FromDays(1)).Network;
        Assert.Same(network, network.At(Some.Now));
        var later = network.At(Some.Now + TimeSpan.FromDays(1));
        Assert.True(later.Find("anna")!.HasExpired);
        Assert.Same(later, later.At(Some.Now));
        Assert.Contains("has expired", Assert.Throws<VpnException>(() => later.Rotate("anna", Some.Now, default)).Message);
        Assert.Contains("has expired", Assert.Throws<VpnException>(() => later.Invite("anna", Some.Now)).Message);
    }
}
