using FsCheck;
using FsCheck.Fluent;
using Qanat.Packets;
using Qanat.WireGuard.Configuration;
using Xunit;

namespace Qanat.WireGuard.Tests.Configuration;

public class ChangeTests
{
    private static readonly PublicKey Ann = Named(1), Bob = Named(2);
    private static readonly AllowedIp Ten = Prefix("10.0.0.0", 8), Host = Prefix("10.1.2.3", 32);

    [Fact]
    public void What_a_change_does_not_say_stays()
    {
        using var key = WireGuardKeys.GeneratePrivate();
        var ann = new PeerConfig(Ann) { PersistentKeepalive = 25, AllowedIps = [Ten] };
        var device = new WireGuardConfig { PrivateKey = key, ListenPort = 51820, FirewallMark = 7, Peers = [ann] };
        Assert.Equal(Texts.Show(device), Texts.Show(device.With(new())));
        Assert.Equal(Texts.Show(device), Texts.Show(device.With(new() { Peers = [new(Ann)] })));
    }

    [Fact]
    public void Zeros_are_no_key()
    {
        using var key = WireGuardKeys.GeneratePrivate();
        using var zero = new Crypto.SecretKey(new byte[KeyText.KeySize]);
        var device = new WireGuardConfig { PrivateKey = key, Peers = [new(Ann) { PresharedKey = key }] }
            .With(new() { PrivateKey = zero, Peers = [new(Ann) { PresharedKey = zero }] });
        Assert.Null(device.PrivateKey);
        Assert.Null(device.Peers.Single().PresharedKey);
    }

    [Fact]
    public void An_address_belongs_to_whoever_asked_last()
    {
        var device = new WireGuardConfig { Peers = [new(Ann) { AllowedIps = [Ten, Host] }] }
            .With(new() { Peers = [new(Bob) { AllowedIps = [new(Ten)] }] });
        Assert.Equal([Host], device.Peers[0].AllowedIps);
        Assert.Equal([Ten], device.Peers[1].AllowedIps);
    }

    [Fact]
    public void Taking_an_address_from_one_who_has_it_not_leaves_it()
    {
        var device = new WireGuardConfig { Peers = [new(Ann) { AllowedIps = [Ten, Host] }, new(Bob)] }
            .With(new()
            {
                Peers = [new(Bob) { AllowedIps = [new(Ten, Remove: true)] }, new(Ann) { AllowedIps = [new(Host, Remove: true)] }],
            });
        Assert.Equal([Ten], device.Peers[0].AllowedIps);
    }

    [Fact]
    public void Peers_are_replaced_removed_and_updated()
    {
        var device = new WireGuardConfig { Peers = [new(Ann) { AllowedIps = [Ten], PersistentKeepalive = 9 }] };
        Assert.Empty(device.With(new() { ReplacePeers = true }).Peers);
        Assert.Empty(After(new(Ann) { Remove = true }, new(Bob) { Remove = true }, new(Bob) { UpdateOnly = true }));
        Assert.Equal(25, After(new PeerChange(Ann) { UpdateOnly = true, PersistentKeepalive = 25 }).Single().PersistentKeepalive);
        Assert.Empty(After(new PeerChange(Ann) { ReplaceAllowedIps = true }).Single().AllowedIps);
        var anew = After(new(Bob), new(Ann) { Remove = true }, new(Ann)); // Who comes back comes last, as new.
        Assert.Equal([Bob, Ann], anew.Select(peer => peer.PublicKey));
        Assert.Equal((0, 0), (anew[1].AllowedIps.Count, anew[1].PersistentKeepalive));

        IReadOnlyList<PeerConfig> After(params PeerChange[] changes) => device.With(new() { Peers = changes }).Peers;
    }

    [Fact]
    public void Nobody_is_a_peer_of_their_own()
    {
        using var key = WireGuardKeys.GeneratePrivate();
        var own = WireGuardKeys.PublicOf(key);
        var before = new WireGuardConfig { Peers = [new(own), new(Ann) { AllowedIps = [Ten] }] };
        var after = before.With(new() { PrivateKey = key, Peers = [new(own) { AllowedIps = [new(Ten)] }] });
        Assert.Equal((Ann, Ten), (after.Peers.Single().PublicKey, after.Peers.Single().AllowedIps.Single()));
    }

    [Fact]
    public void A_whole_change_makes_the_same_of_any_interface() =>
        Prop.ForAll(Texts.Devices.ToArbitrary(), Texts.Changes.ToArbitrary(), (device, change) =>
            Texts.Show(device.With(change.Whole())) == Texts.Show(new WireGuardConfig().With(change.Whole()))).QuickCheckThrowOnFailure();

    [Fact]
    public void No_address_has_two_owners() => Prop.ForAll(Texts.Devices.ToArbitrary(), device =>
    {
        var all = device.Peers.SelectMany(peer => peer.AllowedIps).ToArray();
        return all.Distinct().Count() == all.Length && device.Peers.Select(peer => peer.PublicKey).Distinct().Count() == device.Peers.Count;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_difference_of_two_interfaces_makes_one_of_the_other() =>
        Prop.ForAll(Texts.Devices.ToArbitrary(), Texts.Devices.ToArbitrary(), (before, after) =>
        {
            var change = WireGuardChange.Between(before, after);
            var made = before.With(change);
            return Sorted(made) == Sorted(WithEndpointsOf(before, after)) && change.Peers.Count <= before.Peers.Count + after.Peers.Count;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Nothing_is_said_of_what_stays() => Prop.ForAll(Texts.Devices.ToArbitrary(), device =>
        Texts.Set(WireGuardChange.Between(device, device)) == "set=1\n\n").QuickCheckThrowOnFailure();

    private static PublicKey Named(byte name) => new([.. Enumerable.Repeat(name, PublicKey.Size)]);

    private static AllowedIp Prefix(string address, int length) =>
        IpAddress.TryParse(address, out var parsed) ? new(parsed, length) : throw new ArgumentException(address);

    // An endpoint cannot be taken back.
    private static WireGuardConfig WithEndpointsOf(WireGuardConfig before, WireGuardConfig after) => after with
    {
        Peers = [.. after.Peers.Select(peer => peer with
        {
            Endpoint = peer.Endpoint ?? before.Peers.FirstOrDefault(old => old.PublicKey == peer.PublicKey)?.Endpoint,
        })],
    };

    private static string Sorted(WireGuardConfig device) => Texts.Show(device with
    {
        Peers = [.. device.Peers.OrderBy(peer => peer.PublicKey.ToString(), StringComparer.Ordinal).Select(peer => peer with
        {
            AllowedIps = [.. peer.AllowedIps.OrderBy(prefix => prefix.ToString(), StringComparer.Ordinal)],
        })],
    });
}
