using Qanat.Daemon.Api;
using Qanat.Daemon.Devices;
using Qanat.Daemon.State;
using Qanat.Linux;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>
/// The control plane: one writer at a time adds, changes and removes tunnels, with the kernel's rules and error numbers.
/// </summary>
internal sealed partial class TunnelManager : IDisposable
{
    private readonly IDataPlane _plane;
    private readonly ITunnelDevices _devices;
    private readonly StateStore _store;
    private readonly DaemonLog _log;
    private readonly bool _withFallbacks;
    private readonly SemaphoreSlim _writer = new(1, 1);
    private readonly KeptTunnels _tunnels = new();

    /// <summary>A control plane that keeps nothing yet.</summary>
    /// <param name="plane">What moves packets.</param>
    /// <param name="devices">The kernel's devices.</param>
    /// <param name="store">Where the tunnels are written down.</param>
    /// <param name="log">Where to say what happened.</param>
    /// <param name="withFallbacks">Whether the first tunnel of a mode brings its fallback device along.</param>
    public TunnelManager(IDataPlane plane, ITunnelDevices devices, StateStore store, DaemonLog log, bool withFallbacks = false)
    {
        (_plane, _devices, _store, _log, _withFallbacks) = (plane, devices, store, log, withFallbacks);
        plane.DeviceGone += OnDeviceGone;
        plane.DeviceRenamed += OnDeviceRenamed;
        plane.DeviceReady += OnDeviceReady;
    }

    /// <summary>How many tunnels are kept.</summary>
    public int Count => _tunnels.Count;

    /// <summary>Gives the description of a session of L2TP what its tunnel has; all others it leaves as they are.</summary>
    public Func<TunnelSpec, TunnelSpec> CompleteSession { get; set; } = spec => spec;

    /// <summary>Outer packets that belong to no tunnel.</summary>
    public StrayPackets Strays => _plane.Strays;

    /// <summary>The tunnels now, in the order of their indices.</summary>
    public IReadOnlyList<KeptTunnel> Kept => _tunnels.All;

    /// <summary>Describes every tunnel, in the order of their indices.</summary>
    public TunnelReport[] List()
    {
        var devices = _devices.List().ToDictionary(device => device.Index);
        return [.. from kept in _tunnels.All
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

    /// <summary>What is kept of a tunnel.</summary>
    /// <exception cref="LinuxException">As <see cref="Get"/>.</exception>
    public KeptTunnel GetKept(string name) => Find("get tunnel", name, out _);

    /// <summary>The data plane's part of a tunnel.</summary>
    /// <exception cref="LinuxException">As <see cref="Get"/>; EAGAIN: it has lost its device, and is about to have it again.</exception>
    public Tunnel GetRunning(string name) =>
        Find("get tunnel", name, out _).Running ?? throw new LinuxException("get tunnel", Errno.EAGAIN, "it waits for its device");

    /// <summary>Makes a tunnel.</summary>
    /// <exception cref="LinuxException">
    /// EEXIST, EINVAL, E2BIG, ENODEV, ENOBUFS: as the kernel has them. Others: the state, the device or a socket failed.
    /// </exception>
    public Task<TunnelReport> AddAsync(TunnelSpec spec) => OneAsync(new Addition(spec));

    /// <summary>Gives a tunnel new parameters. Its device keeps its MTU, unless the way is another one or the header longer.</summary>
    /// <exception cref="LinuxException">
    /// ENODEV, EOPNOTSUPP, EEXIST, EINVAL: as the kernel has them. Others: the state or a socket failed.
    /// </exception>
    public Task<TunnelReport> ChangeAsync(string name, TunnelSpec spec) => OneAsync(Alteration(name, spec));

    /// <summary>Sets a sit tunnel's 6rd prefixes.</summary>
    /// <exception cref="LinuxException">As <see cref="SitRules.Set6rd"/> and <see cref="ChangeAsync"/>.</exception>
    public Task<TunnelReport> Set6rdAsync(string name, SixRdSpec spec) =>
        AlterSitAsync(name, forRouters: false, sit => SitRules.Set6rd("set 6rd", sit, spec.Prefix, spec.RelayPrefix));

    /// <summary>Gives a sit tunnel 6to4's prefix again.</summary>
    /// <exception cref="LinuxException">EINVAL: it is of another mode. Others as <see cref="ChangeAsync"/>.</exception>
    public Task<TunnelReport> Reset6rdAsync(string name) => AlterSitAsync(name, forRouters: false, SitRules.Reset6rd);

    /// <summary>Adds a potential router to a sit tunnel.</summary>
    /// <exception cref="LinuxException">As <see cref="SitRules.AddRouter"/> and <see cref="ChangeAsync"/>.</exception>
    public Task<TunnelReport> AddRouterAsync(string name, RouterSpec router) =>
        AlterSitAsync(name, forRouters: true, sit => SitRules.AddRouter("add router", sit, router));

    /// <summary>Takes a potential router from a sit tunnel, or with <c>any</c> all of them.</summary>
    /// <exception cref="LinuxException">As <see cref="SitRules.RemoveRouter"/> and <see cref="ChangeAsync"/>.</exception>
    public Task<TunnelReport> RemoveRouterAsync(string name, RouterSpec router) =>
        AlterSitAsync(name, forRouters: true, sit => SitRules.RemoveRouter("remove router", sit, router));

    /// <summary>Removes a tunnel and its device.</summary>
    /// <exception cref="LinuxException">
    /// ENODEV: no such device. EOPNOTSUPP: a device, but not a tunnel of ours. EPERM: the fallback device. Others: the state failed.
    /// </exception>
    public Task RemoveAsync(string name) => Alone(async () =>
    {
        var removal = new Removal(name);
        await DoAsync([removal]).ConfigureAwait(false);
        ThrowIfFaulty(removal);
    });

    /// <summary>Removes every tunnel with its device, and the state file: the namespace goes, or nothing is to be left.</summary>
    public Task RemoveAllAsync() => Alone(async () =>
    {
        var all = _tunnels.All;
        foreach (var kept in all)
            await ReleaseAsync(kept).ConfigureAwait(false);
        DeleteDevices([.. all.Select(kept => kept.Index)]);
        foreach (var kept in all)
        {
            _devices.Delete(kept.Index);
            _tunnels.Remove(kept.Index);
        }
        _store.Delete();
    });

    /// <summary>Saves the tunnels again, when the state file was taken away.</summary>
    /// <exception cref="LinuxException">It could not be written.</exception>
    public Task SaveAsync() => Alone(() =>
    {
        Save();
        return Task.CompletedTask;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        _plane.DeviceGone -= OnDeviceGone;
        _plane.DeviceRenamed -= OnDeviceRenamed;
        _plane.DeviceReady -= OnDeviceReady;
        _writer.Dispose();
    }

    private Alteration Alteration(string name, TunnelSpec spec) => new(name, kept =>
    {
        if (spec.Name.Length > 0 && spec.Name != name)
            throw new LinuxException("change tunnel", Errno.EINVAL, "a tunnel is renamed with ip link set, not here");
        return Read("change tunnel", spec);
    });

    private Task<TunnelReport> AlterSitAsync(string name, bool forRouters, Func<SitParameters, SitParameters> alter) =>
        OneAsync(new Alteration(name, kept =>
        {
            SitRules.CheckMode(forRouters ? "potential routers" : "6rd", kept, forRouters);
            return kept.Parameters with { Sit = alter(kept.Parameters.Sit) };
        }));

    private Task<TunnelReport> OneAsync(TunnelWork work) => Alone(async () =>
    {
        await DoAsync([work]).ConfigureAwait(false);
        ThrowIfFaulty(work);
        return Report(work.Tunnel!, _devices.Find(work.Tunnel!.Index), _devices.Find);
    });

    private static void ThrowIfFaulty(TunnelWork work)
    {
        if (work.Fault is { } fault)
            throw fault;
    }

    private TunnelParameters Read(string operation, TunnelSpec spec)
    {
        var parameters = TunnelSpecs.Parse(operation, CompleteSession(spec), _devices);
        return _plane.Carries(parameters.Mode) ? parameters : throw TunnelSpecs.UnknownMode(operation, spec.Mode);
    }

    private Task ReleaseAsync(KeptTunnel kept) => kept.Running is { } running ? _plane.RemoveAsync(running) : Task.CompletedTask;

    // Once the kernel has been changed there is no way back: what the file says too much, recovery finds out.
    private void SaveOrLog() => OrLog("state", () => Save());

    private void Save(Func<KeptTunnel, StateEntry?>? altered = null, IEnumerable<StateEntry>? added = null)
    {
        var kept = _tunnels.All.Select(kept => altered?.Invoke(kept) ?? kept.ToState());
        _store.Save([.. kept, .. added ?? []]);
    }

    // One after the other takes the kernel long: what goes together takes it no longer than one.
    private void DeleteDevices(List<int> indices)
    {
        if (indices.Count > 1)
            OrLog("devices", () => _devices.DeleteTogether(indices));
    }

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
        return _tunnels.Find(device.Index)
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
