using Qanat.Daemon.State;
using Qanat.Linux;

namespace Qanat.Daemon.Control;

/// <summary>Bringing tunnels back, after a daemon before us ended in whatever way.</summary>
internal sealed partial class TunnelManager
{
    // A process that was killed lets go of its devices a moment after its lock: tries, 10 ms apart.
    private const int BusyPatience = 100;

    /// <summary>
    /// Brings back what a daemon before us kept. A device that its user deleted meanwhile is forgotten, and what was half
    /// done is completed (a removal, a change) or undone (an addition).
    /// </summary>
    /// <returns>How many tunnels came back.</returns>
    /// <exception cref="LinuxException">The state cannot be read.</exception>
    public Task<int> RecoverAsync() => Alone(async () =>
    {
        var entries = _store.Load();
        var devices = _devices.List().Where(device => device.IsTun).ToDictionary(device => device.Index);
        var (found, removing) = (new List<KeptTunnel>(), new List<int>());
        foreach (var entry in entries)
        {
            if (entry.Phase == StatePhase.Adding)
                _log.Write($"{entry.Spec.Name}: its addition was interrupted, and is undone");
            else if (!devices.TryGetValue(entry.Index, out var device))
                _log.Write($"{entry.Spec.Name}: its device was deleted meanwhile; forgotten");
            else if (entry.Phase == StatePhase.Removing)
                removing.Add(entry.Index);
            else
            {
                if (entry.PendingMtu != 0)
                    OrLog(device.Name, () => _devices.SetMtu(entry.Index, entry.PendingMtu));
                found.Add(KeptTunnel.FromState(entry)! with { Name = device.Name });
            }
        }
        DeleteDevices(removing);
        foreach (var index in removing)
            OrLog(devices[index].Name, () => _devices.Delete(index));
        foreach (var kept in found)
            _tunnels.Put(kept);
        await AttachAsync(BusyPatience, tell: true).ConfigureAwait(false);
        if (entries.Count > 0)
            SaveOrLog();
        return _tunnels.Count;
    });

    /// <summary>Tries again to attach to the devices of tunnels that do not run.</summary>
    public Task ReattachAsync() => !_tunnels.HasIdle ? Task.CompletedTask : Alone(() =>
    {
        FollowIdle();
        return AttachAsync(patience: 0, tell: false);
    });

    // Nobody tells us of the devices of tunnels that do not run: what was deleted is forgotten, what was renamed followed.
    private void FollowIdle()
    {
        var altered = false;
        foreach (var kept in _tunnels.All.Where(kept => kept.Running is null))
        {
            var device = _devices.Find(kept.Index);
            if (device is not null && device.Name == kept.Name)
                continue;
            altered = true;
            _tunnels.Remove(kept.Index);
            if (device is null)
                _log.Write($"{kept.Name}: its device was deleted; forgotten");
            else
                _tunnels.Put(kept with { Name = device.Name });
        }
        if (altered)
            SaveOrLog();
    }

    private async Task AttachAsync(int patience, bool tell)
    {
        foreach (var kept in _tunnels.All.Where(kept => kept.Running is null))
        {
            for (var tried = false; !tried;)
            {
                try
                {
                    tried = true;
                    var running = await _plane.AddAsync(kept.Index, kept.Name, kept.Parameters).ConfigureAwait(false);
                    _tunnels.Put(kept with { Running = running });
                }
                catch (LinuxException busy) when (busy.Error == Errno.EBUSY && patience > 0)
                {
                    await Task.Delay(10).ConfigureAwait(false);
                    (tried, patience) = (false, patience - 1);
                }
                catch (LinuxException fault)
                {
                    if (tell)
                        _log.Write($"{kept.Name}: cannot attach to its device, and will try on: {fault.Message}");
                }
            }
        }
    }
}
