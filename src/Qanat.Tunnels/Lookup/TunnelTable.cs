using System.Runtime.InteropServices;
using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// The tunnels of one group, found by addresses and key in the kernel's order (net/ipv4/ip_tunnel.c: ip_tunnel_lookup;
/// net/ipv6/ip6_tunnel.c: ip6_tnl_lookup).
/// </summary>
/// <param name="localFirst">ip6_tunnel's own rule: a local address that matches counts for more than a remote one.</param>
/// <param name="firstMatch">
/// sit's own rule (net/ipv6/sit.c: ipip6_tunnel_lookup): the first match is the answer, the newest first, and a tunnel that is
/// bound to a link takes nothing that came by another.
/// </param>
internal sealed class TunnelTable(bool localFirst = false, bool firstMatch = false)
{
    // One bucket an address pair and key; any is 0, so that the four steps of a lookup are four places.
    private readonly Dictionary<Place, List<Tunnel>> _buckets = [];
    private readonly Dictionary<int, Tunnel> _byIndex = [];
    private int _boundToLink;

    /// <summary>Adds <paramref name="tunnel"/>.</summary>
    public void Add(Tunnel tunnel)
    {
        ArgumentNullException.ThrowIfNull(tunnel);
        _byIndex.Add(tunnel.Index, tunnel);
        foreach (var place in tunnel.Mode.PlacesOf(tunnel.Parameters))
        {
            ref var bucket = ref CollectionsMarshal.GetValueRefOrAddDefault(_buckets, place, out _);
            (bucket ??= []).Add(tunnel);
        }
        if (tunnel.Parameters.Link != 0)
            _boundToLink++;
    }

    /// <summary>Takes <paramref name="tunnel"/> out, if it is in.</summary>
    public void Remove(Tunnel tunnel)
    {
        ArgumentNullException.ThrowIfNull(tunnel);
        if (!_byIndex.Remove(tunnel.Index))
            return;
        foreach (var place in tunnel.Mode.PlacesOf(tunnel.Parameters))
        {
            var bucket = _buckets[place];
            bucket.Remove(tunnel);
            if (bucket.Count == 0)
                _buckets.Remove(place);
        }
        if (tunnel.Parameters.Link != 0)
            _boundToLink--;
    }

    /// <summary>Gives <paramref name="tunnel"/> new parameters, and its new place if it has one.</summary>
    public void Change(Tunnel tunnel, TunnelParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(tunnel);
        var known = _byIndex.ContainsKey(tunnel.Index); // its device may have gone meanwhile
        Remove(tunnel);
        tunnel.Parameters = parameters;
        if (known)
            Add(tunnel);
    }

    /// <summary>
    /// The tunnel that a packet from <paramref name="remote"/> to <paramref name="local"/> belongs to: both addresses
    /// match, else the remote with local any, else the local with remote any (in ip6_tunnel the other way about), else the
    /// wildcard; a group counts as local. Only devices that are up count. One that is bound to the <paramref name="link"/> the
    /// packet came by wins at any step; otherwise the first found does.
    /// </summary>
    public Tunnel? Find(IpAddress local, IpAddress remote, ulong? key, int link)
    {
        var any = IpAddress.Any(local.IsIPv6);
        var (second, third) = localFirst
            ? (new Place(local, any, key), new Place(any, remote, key))
            : (new Place(any, remote, key), new Place(local, any, key));
        if (firstMatch)
            return Newest(new(local, remote, key), link) ?? Newest(second, link) ?? Newest(third, link) ??
                Newest(new(any, any, key), link) ?? Newest(new(any, any, key), link: 0);
        Tunnel? candidate = null;
        return Step(new(local, remote, key), link, ref candidate)
            ?? Step(second, link, ref candidate)
            ?? Step(third, link, ref candidate)
            ?? Step(new(any, any, key), link, ref candidate)
            ?? candidate;
    }

    // The wildcard is asked twice, for that one takes packets of any link in the end.
    private Tunnel? Newest(Place place, int link)
    {
        if (!_buckets.TryGetValue(place, out var bucket))
            return null;
        for (var i = bucket.Count - 1; i >= 0; i--)
            if (bucket[i] is { Up: true, Parameters.Link: var bound } tunnel && (bound == 0 || link == 0 || bound == link))
                return tunnel;
        return null;
    }

    private Tunnel? Step(Place place, int link, ref Tunnel? candidate)
    {
        if (!_buckets.TryGetValue(place, out var bucket))
            return null;
        foreach (var tunnel in CollectionsMarshal.AsSpan(bucket))
            if (Matches(tunnel, link, ref candidate))
                return tunnel;
        return null;
    }

    private bool Matches(Tunnel tunnel, int link, ref Tunnel? candidate)
    {
        if (!tunnel.Up)
            return false;
        // With no tunnel bound to a link, the first match is the answer.
        if (_boundToLink == 0 || tunnel.Parameters.Link == link)
            return true;
        candidate ??= tunnel;
        return false;
    }
}
