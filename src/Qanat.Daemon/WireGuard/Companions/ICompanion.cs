namespace Qanat.Daemon.WireGuard.Companions;

/// <summary>Something that goes along with an interface for as long as it is up: endpoints' names, a hub's firewall.</summary>
public interface ICompanion
{
    /// <summary>
    /// Does what has to be in force before a packet can pass: nothing of the interface is there yet. What it throws keeps the
    /// interface from coming up, and its message is the line that says why.
    /// </summary>
    /// <param name="cancellation">Cancelled when the interface is not to come up any more.</param>
    Task PrepareAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>
    /// Begins, once the interface has its key, its peers, its addresses and routes, and before its owner hears that it is up. What
    /// it throws takes the interface down again, and its message is the line that says why.
    /// </summary>
    /// <param name="running">The interface, which is there until <see cref="StopAsync"/> has returned.</param>
    /// <param name="cancellation">Cancelled when the interface is to go before it is whole.</param>
    Task StartAsync(IRunningInterface running, CancellationToken cancellation);

    /// <summary>
    /// Ends, and takes back what it did, before the interface goes; or after it has gone, when it was deleted under us. Called once
    /// for each <see cref="StartAsync"/>, one that threw too, and in the reverse order of those. What it throws is logged.
    /// </summary>
    Task StopAsync();

    /// <summary>
    /// Takes back what <see cref="PrepareAsync"/> did, now that the interface has gone. Called once for each of those, one that threw
    /// too, and in the reverse order. What it throws is logged.
    /// </summary>
    Task ReleaseAsync() => Task.CompletedTask;
}
