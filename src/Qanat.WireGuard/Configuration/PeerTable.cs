using System.Runtime.InteropServices;

namespace Qanat.WireGuard.Configuration;

/// <summary>Peers while they change. Addresses have one owner, and come last in its list when they are given anew.</summary>
internal sealed class PeerTable
{
    private readonly OrderedDictionary<PublicKey, Row> _rows = [];
    private readonly Dictionary<AllowedIp, (Row Owner, int Turn)> _owners = [];
    private int _turn;

    private sealed class Row(PeerConfig peer)
    {
        public PeerConfig Peer = peer;
        public readonly HashSet<AllowedIp> AllowedIps = [];
        public bool IsGone;
    }

    /// <summary>Takes a peer as it is.</summary>
    public void Add(PeerConfig peer)
    {
        var row = new Row(peer);
        _rows[peer.PublicKey] = row;
        foreach (var prefix in peer.AllowedIps)
            Give(row, prefix);
    }

    /// <summary>Applies a change to the peer that it is about.</summary>
    public void Apply(PeerChange change)
    {
        var isKnown = _rows.TryGetValue(change.PublicKey, out var row) && !row.IsGone;
        if (change.Remove)
        {
            if (isKnown)
                Remove(row!);
            return;
        }
        if (!isKnown)
        {
            if (change.UpdateOnly)
                return;
            _rows.Remove(change.PublicKey); // One that went, and comes back as the last.
            _rows[change.PublicKey] = row = new(new(change.PublicKey));
        }
        Update(row!, change);
    }

    /// <summary>The peers that are left.</summary>
    public List<PeerConfig> ToList() =>
    [
        .. _rows.Values.Where(row => !row.IsGone).Select(row => row.Peer with
        {
            AllowedIps = [.. row.AllowedIps.OrderBy(prefix => _owners[prefix].Turn)],
        }),
    ];

    private void Update(Row row, PeerChange change)
    {
        row.Peer = row.Peer with
        {
            PresharedKey = change.PresharedKey is null ? row.Peer.PresharedKey : WireGuardKeys.NoneIfZero(change.PresharedKey),
            Endpoint = change.Endpoint ?? row.Peer.Endpoint,
            PersistentKeepalive = change.PersistentKeepalive ?? row.Peer.PersistentKeepalive,
        };
        if (change.ReplaceAllowedIps)
            TakeAll(row);
        foreach (var (prefix, remove) in change.AllowedIps)
            if (!remove)
                Give(row, prefix);
            else if (row.AllowedIps.Remove(prefix))
                _owners.Remove(prefix);
    }

    private void Remove(Row row)
    {
        TakeAll(row);
        row.IsGone = true; // Its place is kept: to close the gap would cost as much as there are peers.
    }

    private void TakeAll(Row row)
    {
        foreach (var prefix in row.AllowedIps)
            _owners.Remove(prefix);
        row.AllowedIps.Clear();
    }

    private void Give(Row row, AllowedIp prefix)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_owners, prefix, out var wasOwned);
        if (wasOwned && place.Owner != row)
            place.Owner.AllowedIps.Remove(prefix);
        place = (row, _turn++);
        row.AllowedIps.Add(prefix);
    }
}
