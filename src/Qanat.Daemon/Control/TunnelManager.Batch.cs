using Qanat.Daemon.Api;

namespace Qanat.Daemon.Control;

/// <summary>Many tunnels at once: the state is saved as often as for one.</summary>
internal sealed partial class TunnelManager
{
    /// <summary>
    /// Removes, then changes, then adds tunnels. Each that cannot be is told and left out; the others go on. So a name or a
    /// far end that is freed can be used again at once.
    /// </summary>
    /// <exception cref="Qanat.Linux.LinuxException">The state could not be saved; nothing was done.</exception>
    public Task<BatchReport> RunAsync(BatchSpec batch) => Alone(async () =>
    {
        List<Removal> removals = [.. batch.Remove.Select(name => new Removal(name))];
        List<Alteration> alterations = [.. batch.Change.Select(spec => Alteration(spec.Name, spec))];
        List<Addition> additions = [.. batch.Add.Select(spec => new Addition(spec))];
        await DoAsync([.. removals, .. alterations, .. additions]).ConfigureAwait(false);
        return new BatchReport(
            [.. additions.Select(addition => Result(addition.Spec.Name, addition))],
            [.. alterations.Select(alteration => Result(alteration.Name, alteration))],
            [.. removals.Select(removal => Result(removal.Name, removal))]);
    });

    private static BatchResult Result(string asked, TunnelWork work) => work.Fault is { } fault
        ? new(asked, 0, ApiErrors.From(fault).Error)
        : new(work.Tunnel!.Name, work.Tunnel.Index, null);
}
