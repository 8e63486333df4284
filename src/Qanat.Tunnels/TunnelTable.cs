using System.Runtime.InteropServices;
using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>The tunnels of one outer protocol, found by addresses in the kernel's order (net/ipv4/ip_tunnel.c: ip_tunnel_lookup).</summary>
internal sealed class TunnelTable
{
    // One bucket an address pair; any is 0.0.0.0, so that the four steps of a lookup are four keys.
    private readonly Dictionary<(IPv4Address Local, IPv4Address Remote), List<Tunnel>> _buckets = [];
    private readonly Dictionary<int, Tunnel> _byIndex = [];
    private int _boundToLink;

    /// <summary>Adds <paramref name="tunnel"/>.</summary>
    public void Add(Tunnel tunnel)
    {
        ArgumentNullException.ThrowIfNull(tunnel);
        _byIndex.Add(tunnel.Index, tunnel);
        ref var bucket = ref CollectionsMarshal.GetValueRefOrAddDefault(_buckets, Key(tunnel), out _);
        (bucket ??= []).Add(tunnel);
        if (tunnel.Parameters.Link != 0)
            _boundToLink++;
    }

    /// <summary>Takes <paramref name="tunnel"/> out, if it is in.</summary>
    public void Remove(Tunnel tunnel)
    {
        ArgumentNullException.ThrowIfNull(tunnel);
        if (!_byIndex.Remove(tunnel.Index))
            return;
        var bucket = _buckets[Key(tunnel)];
        bucket.Remove(tunnel);
        if (bucket.Count == 0)
            _buckets.Remove(Key(tunnel));
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
    /// match, else remote with any local, else local (or a multicast group) with any remote, else the wildcard. Only
    /// devices that are up count. One that is bound to the <paramref name="link"/> the packet came by wins at any step;
    /// otherwise the first found does.
    /// </summary>
    public Tunnel? Find(IPv4Address local, IPv4Address remote, int link)
    {
        Tunnel? candidate = null;
        return Step(local, remote, link, ref candidate)
            ?? Step(default, remote, link, ref candidate)
            ?? Step(local, default, link, ref candidate)
            ?? (local.IsMulticast ? StepGroup(local, link, ref candidate) : null)
            ?? Step(default, default, link, ref candidate)
            ?? candidate;
    }

    private Tunnel? Step(IPv4Address local, IPv4Address remote, int link, ref Tunnel? candidate)
    {
        if (!_buckets.TryGetValue((local, remote), out var bucket))
            return null;
        foreach (var tunnel in CollectionsMarshal.AsSpan(bucket))
            if (Matches(tunnel, link, ref candidate))
                return tunnel;
        return null;
    }

    private Tunnel? StepGroup(IPv4Address group, int link, ref Tunnel? candidate)
    {
        foreach (var tunnel in _byIndex.Values)
            if (tunnel.Parameters.Remote == group && Matches(tunnel, link, ref candidate))
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

    private static (IPv4Address Local, IPv4Address Remote) Key(Tunnel tunnel) => (tunnel.Parameters.Local.IPv4, tunnel.Parameters.Remote.IPv4);
}
