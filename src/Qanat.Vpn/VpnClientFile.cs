using System.Buffers;
using Qanat.Crypto;
using Qanat.Packets;
using Qanat.WireGuard.Configuration;

namespace Qanat.Vpn;

/// <summary>The file that makes a machine a peer: WireGuard's apps, <c>wg-quick</c> and <c>qanat up</c> take it.</summary>
public static class VpnClientFile
{
    /// <summary>Seconds between packets that keep a peer's way open through address translation, as WireGuard's authors advise.</summary>
    public const ushort Keepalive = 25;

    private static readonly AllowedIp[] s_everything = [new(IpAddress.Any(isIPv6: false), 0), new(IpAddress.Any(isIPv6: true), 0)];

    /// <summary>Writes a peer's file. It holds keys: write to a <see cref="SecretBuffer"/>.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="network">The network.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="privateKey">The peer's own key; null leaves its line out, and adding it is the peer's business.</param>
    public static void Write(IBufferWriter<byte> output, VpnNetwork network, VpnPeer peer, SecretKey? privateKey)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(peer);
        var surroundings = new WgQuickConfig
        {
            Addresses = [.. peer.AllowedIps.Select(address => new InterfaceAddress(address.Address, address.Length))],
            DnsServers = network.DnsServers,
            DnsSearch = network.DnsSearch,
            Mtu = network.Mtu,
        };
        ConfigWriter.Write(output, surroundings, new()
        {
            PrivateKey = privateKey,
            Peers =
            [
                new(network.PublicKey)
                {
                    PresharedKey = peer.PresharedKey,
                    Endpoint = network.Endpoint,
                    AllowedIps = Through(network, peer),
                    PersistentKeepalive = Keepalive,
                },
            ],
        });
    }

    /// <summary>
    /// What a peer sends through the tunnel. Access to the internet means both IP versions, whichever the network has: what it
    /// has no address for goes nowhere, where it would go past the tunnel otherwise.
    /// </summary>
    public static IReadOnlyList<AllowedIp> Through(VpnNetwork network, VpnPeer peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return peer.Split ?? Through(network);
    }

    /// <summary>What those peers send through the tunnel that were not told otherwise.</summary>
    public static IReadOnlyList<AllowedIp> Through(VpnNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.Access switch
        {
            VpnAccess.Internet => s_everything,
            VpnAccess.Intranet { Prefixes: var prefixes } => [.. network.Subnets, .. prefixes.Except(network.Subnets)],
            _ => network.Subnets,
        };
    }
}
