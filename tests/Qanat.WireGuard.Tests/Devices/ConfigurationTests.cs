using Qanat.Crypto;
using Qanat.Packets;
using Qanat.WireGuard.Configuration;
using Xunit;

namespace Qanat.WireGuard.Tests.Devices;

public class ConfigurationTests
{
    private static readonly byte[] s_key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    [Fact]
    public void A_preshared_key_that_only_one_end_has_stops_handshakes_and_no_session()
    {
        using var hosts = new TwoHosts().Connect();
        hosts.RightAtLeft.SetPresharedKey(s_key);
        Assert.True(hosts.RightAtLeft.HasPresharedKey);
        hosts.Left.Send(hosts.Right, 1);
        hosts.Network.Run(0.1);
        Assert.Equal([1UL], hosts.Right.Arrived);

        hosts.Network.Run(200);
        hosts.Left.Send(hosts.Right, 2);
        hosts.Network.Run(1);
        Assert.DoesNotContain(2UL, hosts.Right.Arrived);
        hosts.LeftAtRight.SetPresharedKey(s_key);
        hosts.Network.Run(6);
        Assert.Contains(2UL, hosts.Right.Arrived);
    }

    [Fact]
    public void A_peer_that_is_removed_is_gone_and_the_others_stay()
    {
        using var hosts = new TwoHosts().Connect();
        var third = hosts.Network.AddHost(2);
        hosts.Left.Meet(third);
        third.Meet(hosts.Left);
        hosts.Left.Send(third, 5);
        hosts.Network.Run(0.1);

        hosts.Left.Device.Remove(hosts.RightAtLeft);
        Assert.Null(hosts.Left.Device.Find(hosts.RightAtLeft.PublicKey));
        Assert.Single(hosts.Left.Device.Peers);
        hosts.Left.Send(hosts.Right, 1);
        Assert.Equal(1, hosts.Left.Device.Counters.Dropped(DropReason.NoPeer));
        hosts.Right.Send(hosts.Left, 2);
        hosts.Network.Run(30);
        Assert.Empty(hosts.Left.Arrived);
        hosts.Left.Send(third, 6);
        hosts.Network.Run(0.1);
        Assert.Equal([5UL, 6UL], third.Arrived);
        hosts.Left.Device.RemoveAll();
        Assert.Equal(0, hosts.Left.Device.SessionCount);
        Assert.Null(hosts.Left.Device.NextTick);
    }

    [Fact]
    public void An_address_that_another_peer_gets_moves_without_harm_to_the_session()
    {
        using var hosts = new TwoHosts().Connect();
        var third = hosts.Network.AddHost(2);
        var thirdAtLeft = hosts.Left.Meet(third);
        hosts.Left.Device.Allow(thirdAtLeft, new(hosts.Right.Inner, 32));
        hosts.Right.Send(hosts.Left, 1);
        hosts.Network.Run(0.1);
        Assert.Equal(1, hosts.RightAtLeft.Counters.Dropped(DropReason.SpoofedSource));
        hosts.Left.Device.Allow(hosts.RightAtLeft, new(hosts.Right.Inner, 32));
        hosts.Right.Send(hosts.Left, 2);
        hosts.Network.Run(0.1);
        Assert.Equal([2UL], hosts.Left.Arrived);
        Assert.DoesNotContain(MessageType.Initiation, hosts.SentBy(hosts.Right));
        Assert.Single(hosts.Left.Device.AllowedIpsOf(thirdAtLeft));
    }

    [Fact]
    public void Another_private_key_begins_new_sessions_where_the_peer_knows_it()
    {
        using var hosts = new TwoHosts().Connect();
        using var key = X25519.GeneratePrivateKey();
        hosts.Left.Device.SetPrivateKey(key.Bytes);
        var again = hosts.Right.Meet(hosts.Left);
        hosts.Left.Send(hosts.Right, 1);
        hosts.Network.Run(0.1);
        Assert.Equal([1UL], hosts.Right.Arrived);
        Assert.True(again.HasSession);
        Assert.Equal([MessageType.Initiation, MessageType.Transport], hosts.SentBy(hosts.Left));
    }

    [Fact]
    public void Without_a_private_key_nothing_leaves_and_nobody_is_answered()
    {
        using var hosts = new TwoHosts();
        hosts.Right.Device.SetPrivateKey([]);
        Assert.True(hosts.Right.Device.PublicKey.IsNone);
        hosts.Right.Send(hosts.Left, 1);
        hosts.Left.Send(hosts.Right, 2);
        hosts.Network.Run(1);
        Assert.Empty(hosts.SentBy(hosts.Right));
        hosts.Right.Device.SetPrivateKey(hosts.Right.PrivateKey.Bytes);
        hosts.Network.Run(10);
        Assert.Equal([2UL], hosts.Right.Arrived);
    }

    [Fact]
    public void Ones_own_key_is_no_peer()
    {
        using var hosts = new TwoHosts();
        Assert.Null(hosts.Left.Device.Add(hosts.Left.Device.PublicKey));
        hosts.Left.Device.SetPrivateKey(hosts.Right.PrivateKey.Bytes);
        Assert.Empty(hosts.Left.Device.Peers);
        Assert.Same(hosts.Right.Device.Add(hosts.LeftAtRight.PublicKey), hosts.LeftAtRight);
    }

    [Fact]
    public void A_device_that_is_down_passes_nothing_and_comes_back()
    {
        using var hosts = new TwoHosts().Connect();
        hosts.Left.Device.Stop();
        Assert.Equal(0, hosts.Left.Device.SessionCount);
        hosts.Left.Send(hosts.Right, 1);
        hosts.Network.Run(1);
        Assert.Empty(hosts.Seen);
        hosts.Left.Device.Start();
        hosts.Left.Send(hosts.Right, 2);
        hosts.Network.Run(1);
        Assert.Equal([2UL], hosts.Right.Arrived);
    }

    [Fact]
    public void What_has_no_peer_or_no_place_is_counted()
    {
        using var hosts = new TwoHosts();
        var third = hosts.Network.AddHost(2);
        var nowhere = hosts.Left.Meet(third, knowsPlace: false);
        hosts.Left.Send(third, 1);
        Assert.Equal(1, nowhere.Counters.Dropped(DropReason.NoEndpoint));
        hosts.Left.Send(hosts.Left.Inner, new IPv4Address(0x0A0000FF), 1);
        Assert.Equal(1, hosts.Left.Device.Counters.Dropped(DropReason.NoPeer));
        Assert.Empty(hosts.Seen);
    }

    [Fact]
    public void A_change_is_applied_and_shows_in_the_status()
    {
        using var hosts = new TwoHosts().Connect();
        using var preshared = new SecretKey(s_key);
        AllowedIp wide = new(hosts.Right.Inner, 8), narrow = new(hosts.Right.Inner, 32);
        var change = new WireGuardChange
        {
            ListenPort = 51820,
            FirewallMark = 7,
            Peers =
            [
                new(hosts.RightAtLeft.PublicKey)
                {
                    PresharedKey = preshared, PersistentKeepalive = 25, Endpoint = PeerEndpoint.From(hosts.Right.Here.Address, 5),
                    AllowedIps = [new(wide), new(narrow, Remove: true)],
                },
                new(new(s_key)) { UpdateOnly = true },
            ],
        };
        hosts.Left.Device.Apply(
            change, said => said.TryGetAddress(out var address, out _) && said.TryGetPort(out var port) ? new(address, port) : null);
        var status = hosts.Left.Device.GetStatus();
        Assert.Equal(((ushort)51820, 7U), (status.ListenPort, status.FirewallMark));
        Assert.Equal(hosts.Left.PrivateKey, status.PrivateKey);
        var peer = Assert.Single(status.Peers);
        Assert.Equal(preshared, peer.Config.PresharedKey);
        Assert.Equal(((ushort)25, $"{hosts.Right.Here.Address}:5"), (peer.Config.PersistentKeepalive, peer.Config.Endpoint!.ToString()));
        Assert.Equal([wide], peer.Config.AllowedIps);
        Assert.NotNull(peer.LastHandshake);
        Assert.True(peer is { TxBytes: > 0, RxBytes: > 0 });
        Assert.True(hosts.RightAtLeft.HasSession);

        hosts.Left.Device.Apply(new() { Peers = [new(hosts.RightAtLeft.PublicKey) { Remove = true }] }, _ => null);
        Assert.Empty(hosts.Left.Device.Peers);
    }
}
