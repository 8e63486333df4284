namespace Qanat.Daemon.WireGuard.Companions;

/// <summary>Those who go along with an interface, as one: they begin in order, and end in the reverse.</summary>
internal sealed class CompanionGroup(IReadOnlyList<ICompanion> all, WireGuardLog log)
{
    private readonly Stack<ICompanion> _prepared = [], _begun = [];

    /// <summary>Has them do what comes before the interface; the first that cannot keeps the others from it.</summary>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        foreach (var companion in all)
        {
            cancellation.ThrowIfCancellationRequested();
            _prepared.Push(companion);
            await companion.PrepareAsync(cancellation).ConfigureAwait(false);
        }
    }

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
    public Task StopAsync() => EndAsync(_begun, companion => companion.StopAsync());

    /// <summary>Has those take back what they prepared who prepared anything; each does, whatever another throws.</summary>
    public Task ReleaseAsync() => EndAsync(_prepared, companion => companion.ReleaseAsync());

    private async Task EndAsync(Stack<ICompanion> companions, Func<ICompanion, Task> end)
    {
        while (companions.TryPop(out var companion))
            try
            {
                await end(companion).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                log.Error(fault.Message);
            }
    }
}
