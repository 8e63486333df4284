using Qanat.Packets;
using Qanat.WireGuard;

namespace Qanat.Vpn;

/// <summary>What holds for every network, whoever wrote it.</summary>
internal static class NetworkRules
{
    /// <summary>Checks a network.</summary>
    /// <exception cref="VpnException">A rule is broken.</exception>
    public static void Check(VpnNetwork network)
    {
        VpnText.Subnets(string.Join(',', network.Subnets));
        if (network.Mtu is { } mtu)
            VpnText.CheckMtu(VpnText.Mtu($"{mtu}"), network.Subnets);
        HashSet<string> names = [];
        HashSet<IpAddress> addresses = [];
        HashSet<PublicKey> keys = [network.PublicKey];
        foreach (var peer in network.Peers)
        {
            if (!names.Add(VpnText.PeerName(peer.Name)))
                throw new VpnException($"two peers are called {peer.Name}");
            if (!keys.Add(peer.PublicKey) || peer.FormerKeys.Any(former => !keys.Add(former.PublicKey)))
                throw new VpnException($"peer {peer.Name} has a key that is another's");
            if (peer.Addresses.Count != network.Subnets.Count)
                throw new VpnException($"peer {peer.Name} has not one address of each subnet");
            foreach (var (address, subnet) in peer.Addresses.Zip(network.Subnets))
            {
                if (!AddressPool.IsForPeers(subnet, address))
                    throw new VpnException($"peer {peer.Name} has {address}, which is not for peers of {subnet}");
                if (!addresses.Add(address))
                    throw new VpnException($"peer {peer.Name} has {address}, which is another's");
            }
        }
    }
}
