namespace Qanat.Daemon.WireGuard.Companions;

/// <summary>Those who go along with an interface, as one: they begin in order, and end in the reverse.</summary>
internal sealed class CompanionGroup(IReadOnlyList<ICompanion> all, WireGuardLog log)
{
    private readonly Stack<ICompanion> _begun = [];

    /// <summary>Has them begin; the first that cannot keeps the others from it.</summary>
    public async Task StartAsync(IRunningInterface running, CancellationToken cancellation)
    {
        foreach (var companion in all)
        {
            cancellation.ThrowIfCancellationRequested();
            _begun.Push(companion);
            await companion.StartAsync(running, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Has those end who began; each does, whatever another throws.</summary>
    public async Task StopAsync()
    {
        while (_begun.TryPop(out var companion))
            try
            {
                await companion.StopAsync().ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                log.Error(fault.Message);
            }
    }
}
