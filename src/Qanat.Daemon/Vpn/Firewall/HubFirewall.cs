using Qanat.Linux;
using Qanat.Linux.Namespaces;

namespace Qanat.Daemon.Vpn.Firewall;

/// <summary>
/// The life of a hub's tables. They vanish with the process, whatever ends it, where nft and the kernel know of owners (Linux
/// 5.12, nft 1.0); elsewhere they are ordinary ones, which <see cref="TakeBackAsync"/> finds by their name.
/// </summary>
/// <param name="scope">How far the hub's peers reach.</param>
/// <param name="where">The network namespace.</param>
/// <param name="warn">Hears what cannot be had.</param>
internal sealed class HubFirewall(HubScope scope, NetworkNamespace where, Action<string> warn) : IAsyncDisposable
{
    private static readonly Task s_never = new TaskCompletionSource().Task;

    private NftSession? _session;
    private bool _isOrdinary;

    private bool Masquerades => scope.Networks.Count > 0;

    /// <summary>Completes when the tables are gone because somebody has ended nft; never where they have no owner.</summary>
    public Task Lost => _isOrdinary ? s_never : _session?.Ended ?? Task.CompletedTask;

    /// <summary>Makes the tables.</summary>
    /// <exception cref="LinuxException">They cannot be had; the detail is what nft says.</exception>
    public async Task StartAsync()
    {
        _isOrdinary = false;
        await TakeBackAsync(scope.Device, where).ConfigureAwait(false);
        if (await TryOwnAsync().ConfigureAwait(false))
            return;
        if (await MakeAsync(statements => Nft.RunAsync(where, statements), owned: false).ConfigureAwait(false) is { } complaint)
            throw Nft.Failed(complaint);
        _isOrdinary = true;
    }

    /// <summary>Names the devices that pass on packets for the hub's sake alone: nothing else gets through by them.</summary>
    /// <exception cref="LinuxException">nft refused.</exception>
    public async Task SetForwardedAsync(IEnumerable<string> ipv4, IEnumerable<string> ipv6)
    {
        var statements = HubRules.SetForwarded(scope, ipv4, ipv6);
        var complaint = _session is null ? await Nft.RunAsync(where, statements).ConfigureAwait(false)
            : await _session.RunAsync(statements).ConfigureAwait(false);
        if (complaint is not null)
            throw Nft.Failed(complaint);
    }

    /// <summary>Takes the tables away.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_session is not null)
            await _session.DisposeAsync().ConfigureAwait(false);
        else if (_isOrdinary)
            await TakeBackAsync(scope.Device, where).ConfigureAwait(false);
        (_session, _isOrdinary) = (null, false);
    }

    /// <summary>Takes away the tables that a process has left which was killed. One that lives keeps those that it owns.</summary>
    /// <exception cref="LinuxException">There is no nft.</exception>
    public static async Task TakeBackAsync(string device, NetworkNamespace where)
    {
        // One that is not there is made first: to delete it would be an error.
        foreach (var family in HubRules.Families)
            await Nft.RunAsync(where, HubRules.Empty(device, family) + HubRules.Delete(device, family)).ConfigureAwait(false);
    }

    private async Task<bool> TryOwnAsync()
    {
        var session = NftSession.Start(where);
        try
        {
            if (await MakeAsync(session.RunAsync, owned: true).ConfigureAwait(false) is null)
            {
                _session = session;
                return true;
            }
        }
        catch (LinuxException)
        {
            // An nft that was built without -i.
        }
        await session.DisposeAsync().ConfigureAwait(false);
        return false;
    }

    // Where one table cannot masquerade for both families, each has one of its own, and does what it can.
    private async Task<string?> MakeAsync(Func<string, Task<string?>> run, bool owned)
    {
        var all = Masquerades ? HubTableParts.Filter | HubTableParts.Masquerade : HubTableParts.Filter;
        if (await run(HubRules.Table(scope, "inet", all, owned)).ConfigureAwait(false) is not { } complaint)
            return null;
        if (!Masquerades || await run(HubRules.Table(scope, "inet", HubTableParts.Filter, owned)).ConfigureAwait(false) is not null)
            return complaint;
        foreach (var isIPv6 in (bool[])[false, true])
        {
            var table = HubRules.Table(scope, isIPv6 ? "ip6" : "ip", HubTableParts.Masquerade, owned);
            if (scope.NetworksOf(isIPv6).Any() && await run(table).ConfigureAwait(false) is { } refused)
                warn($"no masquerading of {(isIPv6 ? "IPv6" : "IPv4")} here ({refused}): peers keep their own addresses beyond the hub, " +
                    "where hosts need a route back to them");
        }
        return null;
    }
}
