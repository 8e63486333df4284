using System.Collections.Concurrent;
using Qanat.Linux;

namespace Qanat.Daemon.Control;

/// <summary>What happens to devices without our doing. The data plane hears it, on a thread that must not wait for a disk.</summary>
internal sealed partial class TunnelManager
{
    // What was heard and not yet looked into: thousands of devices that go at once are one change of the state.
    private readonly ConcurrentQueue<int> _gone = new();
    private readonly ConcurrentQueue<(int Index, string Name)> _renamed = new();
    private readonly ConcurrentQueue<int> _ready = new();

    private void OnDeviceGone(int index)
    {
        _gone.Enqueue(index);
        _ = Task.Run(ForgetAsync);
    }

    private void OnDeviceRenamed(int index, string name)
    {
        _renamed.Enqueue((index, name));
        _ = Task.Run(RenameAsync);
    }

    private void OnDeviceReady(int index)
    {
        _ready.Enqueue(index);
        _ = Task.Run(WelcomeAsync);
    }

    private Task ForgetAsync() => Alone(async () =>
    {
        var forgotten = new List<KeptTunnel>();
        while (_gone.TryDequeue(out var index))
        {
            if (_tunnels.Find(index) is not { } gone)
                continue; // by our own doing
            if (_devices.Find(index) is not null)
            {
                _tunnels.Put(gone with { Running = null }); // the data plane lost it, the kernel did not: it is attached again soon
                continue;
            }
            _tunnels.Remove(index);
            _log.Write($"{gone.Name}: its device was deleted, or moved to another namespace; forgotten");
            forgotten.Add(gone);
        }
        if (forgotten.Count == 0)
            return;
        SaveOrLog();
        foreach (var gone in forgotten)
            try
            {
                await ReleaseAsync(gone).ConfigureAwait(false);
            }
            catch (LinuxException fault)
            {
                _log.Write($"{gone.Name}: {fault.Message}");
            }
        await RemoveIdleFallbacksAsync().ConfigureAwait(false);
    });

    private Task RenameAsync() => Alone(() =>
    {
        var found = false;
        while (_renamed.TryDequeue(out var heard))
            if (_tunnels.Find(heard.Index) is { } kept && kept.Name != heard.Name)
            {
                _tunnels.Put(kept with { Name = heard.Name });
                _log.Write($"{kept.Name}: is called {heard.Name} now");
                found = true;
            }
        if (found)
            SaveOrLog();
        return Task.CompletedTask;
    });

    // A device that came up gets the addresses that the kernel would give to one of its own.
    private Task WelcomeAsync() => Alone(() =>
    {
        var host = new Lazy<IReadOnlyList<HostAddress>>(_devices.HostAddresses);
        while (_ready.TryDequeue(out var index))
            if (_tunnels.Find(index) is { } kept && LinkLocalAddresses.Has(kept.Parameters.Mode))
                OrLog(kept.Name, () => _devices.GiveAddresses(index, LinkLocalAddresses.Of(kept.Parameters, host)));
        return Task.CompletedTask;
    });
}
