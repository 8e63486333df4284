using Qanat.Daemon.State;
using Qanat.Linux;

namespace Qanat.Daemon.Control;

/// <summary>Settings that a daemon keeps beside its tunnels. While there are any it does not end by itself.</summary>
internal interface IKeeper : IDisposable
{
    /// <summary>How many there are.</summary>
    int Count { get; }

    /// <summary>Brings back what a daemon before us kept.</summary>
    /// <exception cref="LinuxException">The file cannot be read.</exception>
    Task RecoverAsync();

    /// <summary>Called once a second: what is not in force is tried again, and a file that was taken away is put back.</summary>
    Task TendAsync();

    /// <summary>Takes all of them out of force, and forgets them.</summary>
    Task RemoveAllAsync();
}

/// <summary>What the keepers share: one writer at a time, and a file that always says what is to be.</summary>
/// <param name="store">The file.</param>
/// <param name="log">Where it is told what cannot be told to a client.</param>
internal abstract class Keeper<T>(EntryStore<T> store, DaemonLog log) : IKeeper
{
    private readonly SemaphoreSlim _writer = new(1, 1);
    private volatile IReadOnlyList<T> _entries = []; // replaced, never altered

    /// <inheritdoc/>
    public int Count => _entries.Count;

    /// <summary>What is kept, the oldest first.</summary>
    protected IReadOnlyList<T> Entries => _entries;

    /// <summary>Where it is told what cannot be told to a client.</summary>
    protected DaemonLog Log => log;

    /// <inheritdoc/>
    public Task RecoverAsync() => Alone(() =>
    {
        _entries = store.Load();
        return EnforceAsync(tell: true);
    });

    /// <inheritdoc/>
    public Task TendAsync() => Count == 0 ? Task.CompletedTask : Alone(async () =>
    {
        await EnforceAsync(tell: false).ConfigureAwait(false);
        if (Count > 0 && !store.Exists)
            store.Save(_entries);
    });

    /// <inheritdoc/>
    public Task RemoveAllAsync() => Alone(async () =>
    {
        foreach (var entry in _entries)
            await ReleaseAsync(entry).ConfigureAwait(false);
        Keep([]);
    });

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    /// <summary>Brings what is kept and not in force into force, as far as that can be done.</summary>
    /// <param name="tell">Whether the log gets a line about what cannot.</param>
    protected abstract Task EnforceAsync(bool tell);

    /// <summary>Takes an entry out of force.</summary>
    protected abstract Task ReleaseAsync(T entry);

    /// <summary>Saves what is to be kept from now on, and keeps it.</summary>
    /// <exception cref="LinuxException">It could not be saved; all is as it was.</exception>
    protected void Keep(IReadOnlyList<T> entries)
    {
        store.Save(entries);
        _entries = entries;
    }

    /// <summary>Does something while nobody else does.</summary>
    protected async Task Alone(Func<Task> act)
    {
        await _writer.WaitAsync().ConfigureAwait(false);
        try
        {
            await act().ConfigureAwait(false);
        }
        finally
        {
            _writer.Release();
        }
    }
}
