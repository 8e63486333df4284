using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>All tunnels of a network namespace, a table a group.</summary>
internal sealed class TunnelRegistry
{
    private readonly TunnelTable[] _tables =
        [.. Enum.GetValues<TunnelGroup>().Select(group => new TunnelTable(group == TunnelGroup.Ip6tnl, group == TunnelGroup.Sit))];

    /// <summary>Adds <paramref name="tunnel"/>.</summary>
    public void Add(Tunnel tunnel) => TableOf(tunnel).Add(tunnel);

    /// <summary>Takes <paramref name="tunnel"/> out, if it is in.</summary>
    public void Remove(Tunnel tunnel) => TableOf(tunnel).Remove(tunnel);

    /// <summary>Gives <paramref name="tunnel"/> new parameters, and its new place if it has one.</summary>
    public void Change(Tunnel tunnel, TunnelParameters parameters) => TableOf(tunnel).Change(tunnel, parameters);

    /// <summary>The tunnel of <paramref name="group"/> that a packet belongs to; see <see cref="TunnelTable.Find"/>.</summary>
    public Tunnel? Find(TunnelGroup group, IpAddress local, IpAddress remote, ulong? key, int link)
    {
        // VXLAN's sockets are all at any address, L2TP's at that of the tunnel; neither asks who sent what.
        var any = IpAddress.Any(local.IsIPv6);
        if (group is TunnelGroup.Vxlan or TunnelGroup.L2tp)
            (local, remote) = (group == TunnelGroup.Vxlan ? any : local, any);
        return _tables[(int)group].Find(local, remote, key, link);
    }

    private TunnelTable TableOf(Tunnel tunnel) => _tables[(int)tunnel.Mode.Group];
}
