using Qanat.Daemon.Api;
using Qanat.Daemon.Control;

namespace Qanat.Daemon.Lifecycle;

/// <summary>Why a daemon ends.</summary>
internal enum EndReason
{
    /// <summary>It was asked to, by a signal.</summary>
    Stopped,

    /// <summary>It keeps nothing, and nobody asks it anything.</summary>
    Idle,

    /// <summary>Its namespace is to go.</summary>
    NamespaceLost,

    /// <summary>Its lock was taken away, and another daemon has taken the namespace over.</summary>
    Replaced,
}

/// <summary>Looks after the daemon's surroundings, four times a second.</summary>
/// <param name="tunnels">The control plane.</param>
/// <param name="keepers">What else is kept.</param>
/// <param name="server">The API, whose socket may be removed underneath it.</param>
/// <param name="files">The daemon's files.</param>
/// <param name="gate">Where requests pass.</param>
/// <param name="watch">Watches the namespace.</param>
/// <param name="idleExit">After how much quiet to end; null for never.</param>
/// <param name="notifier">Whom to tell how many tunnels there are.</param>
/// <param name="log">Where to say what happened.</param>
internal sealed class Housekeeper(
    TunnelManager tunnels, IReadOnlyList<IKeeper> keepers, ApiServer server, DaemonFiles files, RequestGate gate, NamespaceWatch watch,
    TimeSpan? idleExit, SystemdNotifier notifier, DaemonLog log)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);
    private const int TicksASecond = 4;
    private int _ticks;
    private int _told = -1;
    private string? _lastFault;

    /// <summary>Works until there is a reason to end.</summary>
    public async Task<EndReason> RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Period);
        try
        {
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
                if (await TickAsync().ConfigureAwait(false) is { } reason)
                    return reason;
        }
        catch (OperationCanceledException)
        {
        }
        return EndReason.Stopped;
    }

    /// <summary>Looks once; the reason to end, if there is one.</summary>
    public async Task<EndReason?> TickAsync()
    {
        if (watch.IsLost())
            return EndReason.NamespaceLost;
        try
        {
            if (!await KeepFilesAsync().ConfigureAwait(false))
                return EndReason.Replaced;
            if (++_ticks % TicksASecond == 0)
            {
                await tunnels.ReattachAsync().ConfigureAwait(false);
                foreach (var keeper in keepers)
                    await keeper.TendAsync().ConfigureAwait(false);
            }
            _lastFault = null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            if (_lastFault != fault.Message) // once, not four times a second
                log.Write(_lastFault = fault.Message);
        }
        if (_told != tunnels.Count)
            notifier.Send($"STATUS={(_told = tunnels.Count)} tunnels");
        return idleExit is { } quiet && gate.TryClose(quiet, KeepsNothing) ? EndReason.Idle : null;
    }

    private bool KeepsNothing() => tunnels.Count == 0 && keepers.All(keeper => keeper.Count == 0);

    // Puts back what was removed underneath us; false when another daemon was faster.
    private async Task<bool> KeepFilesAsync()
    {
        if (server.IsInPlace && files.IsLockInPlace && (files.HasState || tunnels.Count == 0))
            return true;
        if (!files.TryRenewLock())
            return false;
        if (!files.HasState && tunnels.Count > 0)
            await tunnels.SaveAsync().ConfigureAwait(false);
        if (!server.IsInPlace)
            await server.RebindAsync().ConfigureAwait(false);
        log.Write($"{files.Directory}: files of this daemon had been removed, and are back");
        return true;
    }
}
