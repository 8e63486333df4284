using Qanat.Crypto;
using Qanat.Packets;
using Qanat.WireGuard;
using Qanat.WireGuard.Configuration;

namespace Qanat.Vpn;

/// <summary>A hub and its peers. The keys in it belong to whoever read or made it; networks that share a key share its end.</summary>
public sealed record VpnNetwork : IDisposable
{
    /// <summary>What it is called, and its interface: <see cref="VpnText.NetworkName"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Where peers find the hub: a name or an address, and the number of the UDP port, on which the hub listens.</summary>
    public required PeerEndpoint Endpoint { get; init; }

    /// <summary>The hub's private key.</summary>
    public required SecretKey PrivateKey { get; init; }

    /// <summary>The networks of which peers get their addresses: one, or one of each IP version.</summary>
    public required IReadOnlyList<AllowedIp> Subnets { get; init; }

    /// <summary>What peers may reach.</summary>
    public required VpnAccess Access { get; init; }

    /// <summary>Name servers for the peers.</summary>
    public IReadOnlyList<IpAddress> DnsServers { get; init; } = [];

    /// <summary>Domains for the peers to search.</summary>
    public IReadOnlyList<string> DnsSearch { get; init; } = [];

    /// <summary>The largest inner packet, in bytes; null for what the way between hub and peers leaves.</summary>
    public int? Mtu { get; init; }

    /// <summary>Whether the hub makes post-quantum preshared keys with peers that do so too.</summary>
    public bool PostQuantum { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The peers, in the order in which they were invited.</summary>
    public IReadOnlyList<VpnPeer> Peers { get; init; } = [];

    /// <summary>The UDP port that the hub listens on, in host byte order.</summary>
    public ushort ListenPort => Endpoint.TryGetPort(out var port) ? port : (ushort)0;

    /// <summary>The hub's public key.</summary>
    public PublicKey PublicKey => WireGuardKeys.PublicOf(PrivateKey);

    /// <summary>The hub's own addresses: the first of each subnet.</summary>
    public IReadOnlyList<InterfaceAddress> Addresses =>
        [.. Subnets.Select(subnet => new InterfaceAddress(AddressPool.HubOf(subnet), subnet.Length))];

    /// <summary>The peer of that name, or null.</summary>
    public VpnPeer? Find(string peer) => Peers.FirstOrDefault(known => known.Name == peer);

    /// <summary>The same network at a later time: see <see cref="VpnPeer.At"/>. The very same when nothing is due.</summary>
    public VpnNetwork At(DateTimeOffset now)
    {
        VpnPeer[] later = [.. Peers.Select(peer => peer.At(now))];
        return later.Zip(Peers).All(pair => ReferenceEquals(pair.First, pair.Second)) ? this : this with { Peers = later };
    }

    /// <summary>The same network with keys of its own, for whoever keeps it beyond the end of this one's.</summary>
    public VpnNetwork Copy() => this with
    {
        PrivateKey = new(PrivateKey.Bytes),
        Peers = [.. Peers.Select(peer => peer with { PresharedKey = Copy(peer.PresharedKey), Former = Copy(peer.Former) })],
    };

    /// <summary>Wipes the keys in it.</summary>
    public void Dispose()
    {
        PrivateKey.Dispose();
        foreach (var peer in Peers)
        {
            peer.PresharedKey?.Dispose();
            foreach (var former in peer.FormerKeys)
                former.PresharedKey?.Dispose();
        }
    }

    private static SecretKey? Copy(SecretKey? key) => key is null ? null : new(key.Bytes);

    private static FormerKey? Copy(FormerKey? former) => former is null ? null
        : former with { PresharedKey = Copy(former.PresharedKey), Before = Copy(former.Before) };
}
