using Qanat.Vpn;
using Qanat.WireGuard;

namespace Qanat.Daemon.Vpn;

/// <summary>Whose keys a network's are. It is made anew when the network changes.</summary>
internal sealed class PeerKeys
{
    private readonly Dictionary<PublicKey, string> _owners = [];
    private readonly Dictionary<PublicKey, PublicKey[]> _others = [];
    private readonly HashSet<PublicKey> _formers = [];
    private readonly HashSet<string> _names = [];

    /// <summary>Takes a network's peers.</summary>
    public PeerKeys(VpnNetwork network)
    {
        foreach (var peer in network.Peers)
        {
            _names.Add(peer.Name);
            PublicKey[] formers = [.. peer.FormerKeys.Select(former => former.PublicKey)], keys = [peer.PublicKey, .. formers];
            _formers.UnionWith(formers);
            foreach (var key in keys)
            {
                _owners[key] = peer.Name;
                if (formers.Length > 0)
                    _others[key] = [.. keys.Where(other => other != key)];
            }
        }
    }

    /// <summary>Whether there is a peer of that name.</summary>
    public bool Has(string peer) => _names.Contains(peer);

    /// <summary>Whose a key is; null for nobody's.</summary>
    public string? OwnerOf(PublicKey key) => _owners.GetValueOrDefault(key);

    /// <summary>What people call who has a key: <c>anna</c>, <c>anna (former key)</c>; null for nobody's.</summary>
    public string? NameOf(PublicKey key) => OwnerOf(key) is { } owner && _formers.Contains(key) ? $"{owner} (former key)" : OwnerOf(key);

    /// <summary>The other keys of the same peer that are good: none as a rule, some while there are former ones.</summary>
    public IReadOnlyList<PublicKey> OthersOf(PublicKey key) => _others.GetValueOrDefault(key, []);
}
