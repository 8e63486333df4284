using Qanat.Daemon.Api;
using Qanat.Daemon.Control;
using Qanat.Daemon.Control.Xfrm;
using Qanat.Daemon.Devices;
using Qanat.Daemon.State;
using Qanat.Tunnels;

namespace Qanat.Daemon;

/// <summary>
/// What a daemon keeps beside its tunnels: UDP ports for foo over UDP, L2TP's tunnels, VXLAN's forwarding tables, IPsec's states and
/// policies.
/// </summary>
internal sealed class DaemonSettings : IDisposable
{
    private DaemonSettings(FouManager fou, L2tpManager l2tp, FdbManager fdb, XfrmManager xfrm)
    {
        Keepers = [fou, l2tp, fdb, xfrm];
        Routes = [new FouRoutes(fou), new L2tpRoutes(l2tp), new FdbRoutes(fdb), new XfrmRoutes(xfrm)];
    }

    /// <summary>Those who keep them.</summary>
    public IReadOnlyList<IKeeper> Keepers { get; }

    /// <summary>Their addresses in the API.</summary>
    public IReadOnlyList<IRouteGroup> Routes { get; }

    /// <summary>Joins the managers to their files, to the tunnels, and to the data plane as far as it can do such things.</summary>
    public static DaemonSettings Open(
        DaemonPaths paths, DaemonSurroundings world, ulong cookie, IDataPlane plane, TunnelManager tunnels, ITunnelDevices devices)
    {
        var (boot, files, log) = (world.Boot, world.Files, world.Log);
        var fou = new EntryStore<FouPort>(paths.Fou, boot, cookie, files, log, EntryJson.Default.EntryDocumentFouPort);
        var l2tp = new EntryStore<L2tpTunnel>(paths.L2tp, boot, cookie, files, log, EntryJson.Default.EntryDocumentL2tpTunnel);
        var fdb = new EntryStore<KeptFdbEntry>(paths.Fdb, boot, cookie, files, log, EntryJson.Default.EntryDocumentKeptFdbEntry);
        var sessions = new L2tpManager(Sessions, tunnels.RemoveAsync, new SocketProbe(), l2tp, log);
        tunnels.CompleteSession = sessions.Complete;
        return new(
            new FouManager(plane as IFouPlane, devices, fou, log),
            sessions,
            new FdbManager(plane as IFdbPlane, () => tunnels.Kept, tunnels.GetKept, devices, fdb, log),
            new XfrmManager(
                plane as IXfrmPlane ?? new IdleXfrmPlane(world.Time), new XfrmStore(paths.XfrmState, boot, cookie, files, log), devices,
                world.Time, log));

        IEnumerable<(string, L2tpParameters)> Sessions() =>
            from kept in tunnels.Kept
            where kept.Parameters.L2tp is not null
            select (kept.Name, kept.Parameters.L2tp);
    }

    /// <summary>Brings back what a daemon before us kept.</summary>
    public async Task RecoverAsync()
    {
        foreach (var keeper in Keepers)
            await keeper.RecoverAsync().ConfigureAwait(false);
    }

    /// <summary>Forgets all of it: the namespace goes, or nothing is to be left.</summary>
    public async Task RemoveAllAsync()
    {
        foreach (var keeper in Keepers)
            await keeper.RemoveAllAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var keeper in Keepers)
            keeper.Dispose();
    }
}
