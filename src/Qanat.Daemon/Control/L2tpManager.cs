using Qanat.Daemon.Api;
using Qanat.Daemon.State;
using Qanat.Linux;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>
/// The static tunnels of L2TPv3, by the kernel's rules and with its error numbers (net/l2tp/l2tp_core.c, l2tp_netlink.c). A tunnel by
/// itself moves no packet: its addresses and ports go into each of its sessions, which are tunnels of mode <c>l2tp</c>.
/// </summary>
/// <param name="sessions">The names of the sessions of a tunnel, by the tunnel's identifier.</param>
/// <param name="removeSession">Removes a session by its name.</param>
/// <param name="probe">Tells what a socket could be bound to.</param>
/// <param name="store">The file.</param>
/// <param name="log">The log.</param>
internal sealed class L2tpManager(
    Func<uint, IReadOnlyList<string>> sessions, Func<string, Task> removeSession, ISocketProbe probe, EntryStore<L2tpTunnel> store,
    DaemonLog log)
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

    /// <summary>Gives a new session what its tunnel has: the addresses of both ends, the encapsulation and the ports.</summary>
    /// <param name="session">The session, as its own description has it.</param>
    /// <param name="others">The sessions that exist.</param>
    /// <exception cref="LinuxException">
    /// ENODEV: no such tunnel. EEXIST: the identifier is taken, in the same tunnel or, where one of the two is over IP, in any
    /// (l2tp_session_register).
    /// </exception>
    public TunnelParameters Complete(TunnelParameters session, IEnumerable<L2tpParameters> others)
    {
        var own = session.L2tp!;
        var tunnel = Find(own.TunnelId) ?? throw Missing("add l2tp session", own.TunnelId);
        var local = L2tpTunnels.Local(tunnel);
        var overUdp = tunnel.Encap == "udp";
        if (others.Any(other => other.SessionId == own.SessionId && (other.TunnelId == own.TunnelId || !other.OverUdp || !overUdp)))
            throw new LinuxException("add l2tp session", Errno.EEXIST, $"session {own.SessionId} exists");
        return session with
        {
            Local = local,
            Remote = L2tpTunnels.Remote(tunnel),
            L2tp = own with
            {
                OverUdp = overUdp,
                SourcePort = (ushort)tunnel.SourcePort,
                DestinationPort = (ushort)tunnel.DestinationPort,
                UdpChecksum = local.IsIPv6 ? tunnel.Udp6ChecksumTx : tunnel.UdpChecksum,
            },
        };
    }

    /// <inheritdoc/>
    protected override Task EnforceAsync(bool tell) => Task.CompletedTask;

    /// <inheritdoc/>
    protected override async Task ReleaseAsync(L2tpTunnel entry)
    {
        foreach (var name in sessions(entry.TunnelId))
            await removeSession(name).ConfigureAwait(false);
    }

    private L2tpTunnel? Find(uint id) => Entries.FirstOrDefault(tunnel => tunnel.TunnelId == id);

    private static LinuxException Missing(string operation, uint id) => new(operation, Errno.ENODEV, $"there is no l2tp tunnel {id}");

    private static bool IsBound(L2tpTunnel other, L2tpTunnel added) =>
        added.SourcePort != 0 && (other.Local, other.SourcePort) == (added.Local, added.SourcePort);
}
