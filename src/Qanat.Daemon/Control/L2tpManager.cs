using Qanat.Daemon.Api;
using Qanat.Daemon.State;
using Qanat.Linux;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>
/// The static tunnels of L2TPv3, by the kernel's rules and with its error numbers (net/l2tp/l2tp_core.c, l2tp_netlink.c). A tunnel by
/// itself moves no packet: its addresses and ports go into each of its sessions, which are tunnels of mode <c>l2tp</c>.
/// </summary>
/// <param name="sessions">The sessions that exist, and their names.</param>
/// <param name="removeSession">Removes a session by its name.</param>
/// <param name="probe">Tells what a socket could be bound to.</param>
/// <param name="store">The file.</param>
/// <param name="log">The log.</param>
internal sealed class L2tpManager(
    Func<IEnumerable<(string Name, L2tpParameters Session)>> sessions, Func<string, Task> removeSession, ISocketProbe probe,
    EntryStore<L2tpTunnel> store, DaemonLog log)
    : Keeper<L2tpTunnel>(store, log)
{
    /// <summary>Every tunnel, the oldest first.</summary>
    public L2tpTunnel[] List() => [.. Entries];

    /// <summary>Makes a tunnel.</summary>
    /// <exception cref="LinuxException">
    /// EINVAL: it makes no sense. EEXIST: the identifier is taken. EADDRINUSE, EADDRNOTAVAIL: our end cannot be bound to.
    /// </exception>
    public Task AddAsync(L2tpTunnel tunnel) => Alone(() =>
    {
        var added = L2tpTunnels.Normalize("add l2tp tunnel", tunnel);
        if (Find(added.TunnelId) is not null)
            throw new LinuxException("add l2tp tunnel", Errno.EEXIST, $"tunnel {added.TunnelId} exists");
        if (Entries.Any(other => IsBound(other, added)))
            throw new LinuxException("add l2tp tunnel", Errno.EADDRINUSE, $"port {added.SourcePort} of {added.Local} is another tunnel's");
        probe.Check(L2tpTunnels.Local(added), added.SourcePort);
        Keep([.. Entries, added]);
        return Task.CompletedTask;
    });

    /// <summary>Removes a tunnel and its sessions.</summary>
    /// <exception cref="LinuxException">ENODEV: there is none. Others: a session could not be removed.</exception>
    public Task RemoveAsync(uint id) => Alone(async () =>
    {
        var removed = Find(id) ?? throw Missing("delete l2tp tunnel", id);
        await ReleaseAsync(removed).ConfigureAwait(false);
        Keep([.. Entries.Where(other => other != removed)]);
    });

    /// <summary>
    /// Gives the description of a session what its tunnel has: the addresses of both ends, the encapsulation, the ports. Those of other
    /// modes are left as they are.
    /// </summary>
    /// <exception cref="LinuxException">
    /// ENODEV: no such tunnel. EEXIST: where one of two tunnels is over IP, no identifier may be in both (l2tp_session_register).
    /// </exception>
    public TunnelSpec Complete(TunnelSpec spec)
    {
        if (spec.Mode != "l2tp" || spec.L2tp is not { } session)
            return spec;
        var tunnel = Find(session.TunnelId) ?? throw Missing("add l2tp session", session.TunnelId);
        if (sessions().Any(other => other.Session.SessionId == session.SessionId && other.Session.TunnelId != session.TunnelId &&
            (!other.Session.OverUdp || tunnel.Encap == "ip")))
            throw new LinuxException("add l2tp session", Errno.EEXIST, $"session {session.SessionId} is one of another tunnel");
        return spec with
        {
            Local = tunnel.Local,
            Remote = tunnel.Remote,
            L2tp = session with
            {
                Encap = tunnel.Encap,
                SourcePort = (ushort)tunnel.SourcePort,
                DestinationPort = (ushort)tunnel.DestinationPort,
                UdpChecksum = L2tpTunnels.Local(tunnel).IsIPv6 ? tunnel.Udp6ChecksumTx : tunnel.UdpChecksum,
            },
        };
    }

    /// <inheritdoc/>
    protected override Task EnforceAsync(bool tell) => Task.CompletedTask;

    /// <inheritdoc/>
    protected override async Task ReleaseAsync(L2tpTunnel entry)
    {
        var names = sessions().Where(other => other.Session.TunnelId == entry.TunnelId).Select(other => other.Name).ToList();
        foreach (var name in names)
            await removeSession(name).ConfigureAwait(false);
    }

    private L2tpTunnel? Find(uint id) => Entries.FirstOrDefault(tunnel => tunnel.TunnelId == id);

    private static LinuxException Missing(string operation, uint id) => new(operation, Errno.ENODEV, $"there is no l2tp tunnel {id}");

    private static bool IsBound(L2tpTunnel other, L2tpTunnel added) =>
        added.SourcePort != 0 && (other.Local, other.SourcePort) == (added.Local, added.SourcePort);
}
