using Qanat.Vpn;
using Qanat.WireGuard;

namespace Qanat.Daemon.Vpn;

/// <summary>Whose keys a network's are. It is made anew when the network changes.</summary>
internal sealed class PeerKeys
{
    private readonly Dictionary<PublicKey, string> _owners = [];
    private readonly Dictionary<PublicKey, PublicKey> _successors = [];
    private readonly HashSet<PublicKey> _replacements = [];
    private readonly HashSet<string> _names = [];

    /// <summary>Takes a network's peers.</summary>
    public PeerKeys(VpnNetwork network)
    {
        foreach (var peer in network.Peers)
        {
            _names.Add(peer.Name);
            _owners[peer.PublicKey] = peer.Name;
            if (peer.Former is not { } former)
                continue;
            _owners[former.PublicKey] = peer.Name;
            _successors[former.PublicKey] = peer.PublicKey;
            _replacements.Add(peer.PublicKey);
        }
    }

    /// <summary>Whether there is a peer of that name.</summary>
    public bool Has(string peer) => _names.Contains(peer);

    /// <summary>Whose a key is; null for nobody's.</summary>
    public string? OwnerOf(PublicKey key) => _owners.GetValueOrDefault(key);

    /// <summary>The key that was given in the place of a former one which is still good; null for any other key.</summary>
    public PublicKey? SuccessorOf(PublicKey key) => _successors.TryGetValue(key, out var successor) ? successor : null;

    /// <summary>Whether a key was given in the place of one which is still good.</summary>
    public bool IsReplacement(PublicKey key) => _replacements.Contains(key);
}
