using Qanat.Daemon.Api;
using Qanat.Daemon.Devices;
using Qanat.Daemon.State;
using Qanat.Linux;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>
/// The control plane: one writer at a time adds, changes and removes tunnels, with the kernel's rules and error numbers.
/// </summary>
/// <remarks>
/// The order of the steps is what makes a kill at any moment harmless. To add: the intent is saved (a full disk is found
/// here, before anything is changed), the device is made, its index is saved, and only then the device may outlive the
/// process. To remove: the intent is saved, the device is deleted, the entry goes. <see cref="RecoverAsync"/> reads the rest.
/// </remarks>
internal sealed partial class TunnelManager : IDisposable
{
    private readonly IDataPlane _plane;
    private readonly ITunnelDevices _devices;
    private readonly StateStore _store;
    private readonly DaemonLog _log;
    private readonly SemaphoreSlim _writer = new(1, 1);
    private volatile KeptTunnel[] _kept = []; // in the order of their indices; replaced, never altered

    /// <summary>A control plane that keeps nothing yet.</summary>
    public TunnelManager(IDataPlane plane, ITunnelDevices devices, StateStore store, DaemonLog log)
    {
        (_plane, _devices, _store, _log) = (plane, devices, store, log);
        plane.DeviceGone += OnDeviceGone;
        plane.DeviceRenamed += OnDeviceRenamed;
    }

    /// <summary>How many tunnels are kept.</summary>
    public int Count => _kept.Length;

    /// <summary>Outer packets that belong to no tunnel.</summary>
    public StrayPackets Strays => _plane.Strays;

    /// <summary>The tunnels now, in the order of their indices.</summary>
    public IReadOnlyList<KeptTunnel> Kept => _kept;

    /// <summary>Describes every tunnel, in the order of their indices.</summary>
    public TunnelReport[] List()
    {
        var devices = _devices.List().ToDictionary(device => device.Index);
        return [.. from kept in _kept
                   where devices.ContainsKey(kept.Index)
                   select Report(kept, devices[kept.Index], devices.GetValueOrDefault)];
    }

    /// <summary>Describes one tunnel.</summary>
    /// <exception cref="LinuxException">ENODEV: no such device. EOPNOTSUPP: a device, but not a tunnel of ours.</exception>
    public TunnelReport Get(string name)
    {
        var kept = Find("get tunnel", name, out var device);
        return Report(kept, device, _devices.Find);
    }

    /// <summary>The data plane's part of a tunnel.</summary>
    /// <exception cref="LinuxException">As <see cref="Get"/>; EAGAIN: it has lost its device, and is about to have it again.</exception>
    public Tunnel GetRunning(string name) =>
        Find("get tunnel", name, out _).Running ?? throw new LinuxException("get tunnel", Errno.EAGAIN, "it waits for its device");

    /// <summary>Makes a tunnel.</summary>
    /// <exception cref="LinuxException">
    /// EEXIST, EINVAL, E2BIG, ENODEV: as the kernel has them. Others: the state, the device or a socket failed.
    /// </exception>
    public Task<TunnelReport> AddAsync(TunnelSpec spec) => Alone(async () =>
    {
        var parameters = TunnelSpecs.Parse("add tunnel", spec, _devices);
        TunnelRules.CheckAdd(parameters, _kept.Select(kept => kept.Parameters), _plane);
        var name = TunnelNames.Choose(spec.Name, parameters.Mode, _devices.List().Select(device => device.Name).ToHashSet());
        var mtu = TunnelMtu.For(parameters, _devices);

        var intent = new KeptTunnel(0, name, parameters, Running: null);
        Save(intent.ToState(StatePhase.Adding));
        KeptTunnel added;
        try
        {
            added = Create(intent, mtu);
        }
        catch
        {
            SaveOrLog();
            throw;
        }
        try
        {
            added = added with { Running = await _plane.AddAsync(added.Index, name, parameters).ConfigureAwait(false) };
        }
        catch
        {
            OrLog(added.Name, () => _devices.Delete(added.Index));
            SaveOrLog();
            throw;
        }
        _kept = [.. _kept.Append(added).OrderBy(kept => kept.Index)];
        return Report(added, _devices.Find(added.Index), _devices.Find);
    });

    /// <summary>
    /// Gives a tunnel new parameters. Its device keeps its MTU, unless the underlay device is another one (ip_tunnel_update).
    /// </summary>
    /// <exception cref="LinuxException">
    /// ENODEV, EOPNOTSUPP, EEXIST, EINVAL: as the kernel has them. Others: the state or a socket failed.
    /// </exception>
    public Task<TunnelReport> ChangeAsync(string name, TunnelSpec spec) => Alone(async () =>
    {
        var kept = Find("change tunnel", name, out var device);
        if (spec.Name.Length > 0 && spec.Name != name)
            throw new LinuxException("change tunnel", Errno.EINVAL, "a tunnel is renamed with ip link set, not here");
        var wanted = TunnelSpecs.Parse("change tunnel", spec, _devices);
        var others = _kept.Where(other => other != kept).Select(other => other.Parameters);
        TunnelRules.CheckChange(kept.Parameters, wanted, others, _plane);

        var changed = kept with { Parameters = wanted };
        var mtu = wanted.Link == kept.Parameters.Link ? 0 : TunnelMtu.For(wanted, _devices);
        Save(changed.ToState(pendingMtu: mtu));
        try
        {
            if (mtu != 0)
                _devices.SetMtu(kept.Index, mtu);
            if (kept.Running is { } running)
                await _plane.ChangeAsync(running, wanted).ConfigureAwait(false);
        }
        catch
        {
            if (mtu != 0)
                OrLog(name, () => _devices.SetMtu(kept.Index, device.Mtu));
            SaveOrLog();
            throw;
        }
        Replace(kept, changed);
        if (mtu != 0)
            SaveOrLog();
        return Report(changed, _devices.Find(kept.Index), _devices.Find);
    });

    /// <summary>Removes a tunnel and its device.</summary>
    /// <exception cref="LinuxException">
    /// ENODEV: no such device. EOPNOTSUPP: a device, but not a tunnel of ours. EPERM: the fallback device. Others: the state failed.
    /// </exception>
    public Task RemoveAsync(string name) => Alone(async () =>
    {
        if (Enum.GetValues<TunnelMode>().Any(mode => TunnelRules.IsFallback(mode, name)))
            throw new LinuxException("delete tunnel", Errno.EPERM, "the fallback device stays");
        var kept = Find("delete tunnel", name, out _);
        Save(kept.ToState(StatePhase.Removing));
        try
        {
            await ReleaseAsync(kept).ConfigureAwait(false);
            _devices.Delete(kept.Index);
        }
        catch
        {
            Replace(kept, kept with { Running = null }); // attached again by the next call of AttachAsync
            SaveOrLog();
            throw;
        }
        _kept = [.. _kept.Where(other => other != kept)];
        SaveOrLog();
    });

    /// <summary>Removes every tunnel with its device, and the state file: the namespace goes, or nothing is to be left.</summary>
    public Task RemoveAllAsync() => Alone(async () =>
    {
        foreach (var kept in _kept)
            await ReleaseAsync(kept).ConfigureAwait(false);
        foreach (var kept in _kept)
            _devices.Delete(kept.Index);
        _kept = [];
        _store.Delete();
    });

    /// <summary>Saves the tunnels again, when the state file was taken away.</summary>
    /// <exception cref="LinuxException">It could not be written.</exception>
    public Task SaveAsync() => Alone(() =>
    {
        Save(altered: null);
        return Task.CompletedTask;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        _plane.DeviceGone -= OnDeviceGone;
        _plane.DeviceRenamed -= OnDeviceRenamed;
        _writer.Dispose();
    }

    // Makes the device and writes its index down before the device can outlive us.
    private KeptTunnel Create(KeptTunnel intent, int mtu)
    {
        using var device = _devices.Create(intent.Name, intent.Parameters.Mode, mtu);
        var added = intent with { Index = device.Index };
        Save(added.ToState());
        device.Persist();
        return added;
    }

    private Task ReleaseAsync(KeptTunnel kept) => kept.Running is { } running ? _plane.RemoveAsync(running) : Task.CompletedTask;

    private void Replace(KeptTunnel old, KeptTunnel with) => _kept = [.. _kept.Select(kept => kept == old ? with : kept)];

    private void Save(StateEntry? altered)
    {
        var entries = _kept.Select(kept => altered is not null && kept.Index == altered.Index ? altered : kept.ToState()).ToList();
        if (altered is not null && !_kept.Any(kept => kept.Index == altered.Index))
            entries.Add(altered);
        _store.Save(entries);
    }

    // Once the kernel has been changed there is no way back: what the file says too much, recovery finds out.
    private void SaveOrLog() => OrLog("state", () => Save(altered: null));

    private void OrLog(string subject, Action act)
    {
        try
        {
            act();
        }
        catch (LinuxException fault)
        {
            _log.Write($"{subject}: {fault.Message}");
        }
    }

    // The kernel knows at once what a device is called now, so it is asked, not our notes.
    private KeptTunnel Find(string operation, string name, out DeviceInfo device)
    {
        device = _devices.Find(name) ?? throw new LinuxException(operation, Errno.ENODEV, $"there is no device \"{name}\"");
        var index = device.Index;
        return _kept.FirstOrDefault(kept => kept.Index == index)
            ?? throw new LinuxException(operation, Errno.EOPNOTSUPP, $"\"{name}\" is not a tunnel of Qanat's");
    }

    private static TunnelReport Report(KeptTunnel kept, DeviceInfo? device, Func<int, DeviceInfo?> find)
    {
        var link = kept.Parameters.Link == 0 ? null : find(kept.Parameters.Link)?.Name;
        var spec = TunnelSpecs.Describe(device?.Name ?? kept.Name, kept.Parameters, link);
        return new(spec, kept.Index, device?.Mtu ?? 0, device?.Up ?? false, CounterReports.Of(kept.Running));
    }

    private async Task<T> Alone<T>(Func<Task<T>> act)
    {
        var result = default(T);
        await Alone(async () => { result = await act().ConfigureAwait(false); }).ConfigureAwait(false);
        return result!;
    }

    private async Task Alone(Func<Task> act)
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
