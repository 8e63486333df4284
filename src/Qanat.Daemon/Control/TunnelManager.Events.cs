using Qanat.Linux;

namespace Qanat.Daemon.Control;

/// <summary>What happens to devices without our doing. The data plane hears it, on a thread that must not wait for a disk.</summary>
internal sealed partial class TunnelManager
{
    private void OnDeviceGone(int index) => _ = Task.Run(() => ForgetAsync(index));

    private void OnDeviceRenamed(int index, string name) => _ = Task.Run(() => RenameAsync(index, name));

    private Task ForgetAsync(int index) => Alone(async () =>
    {
        if (_kept.FirstOrDefault(kept => kept.Index == index) is not { } gone)
            return; // by our own doing
        if (_devices.Find(index) is not null)
        {
            Replace(gone, gone with { Running = null }); // the data plane lost it, the kernel did not: it is attached again soon
            return;
        }
        _kept = [.. _kept.Where(kept => kept != gone)];
        _log.Write($"{gone.Name}: its device was deleted, or moved to another namespace; forgotten");
        SaveOrLog();
        try
        {
            await ReleaseAsync(gone).ConfigureAwait(false);
        }
        catch (LinuxException fault)
        {
            _log.Write($"{gone.Name}: {fault.Message}");
        }
    });

    private Task RenameAsync(int index, string name) => Alone(() =>
    {
        if (_kept.FirstOrDefault(kept => kept.Index == index) is { } kept && kept.Name != name)
        {
            Replace(kept, kept with { Name = name });
            _log.Write($"{kept.Name}: is called {name} now");
            SaveOrLog();
        }
        return Task.CompletedTask;
    });
}
