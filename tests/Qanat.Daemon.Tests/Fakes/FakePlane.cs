using Qanat.Linux;
using Qanat.Tunnels;
using Qanat.Tunnels.Modes;

namespace Qanat.Daemon.Tests.Fakes;

/// <summary>A data plane that moves nothing and remembers everything.</summary>
internal sealed class FakePlane(CrashPoint? crash = null) : IDataPlane
{
    public event Action<int>? DeviceGone;

    public event Action<int, string>? DeviceRenamed;

    public event Action<int>? DeviceReady;

    public SortedDictionary<int, Tunnel> Running { get; } = [];

    /// <summary>What each tunnel was last told.</summary>
    public Dictionary<int, TunnelParameters> Parameters { get; } = [];

    /// <summary>Thrown by the next calls, one each.</summary>
    public Queue<LinuxException> Faults { get; } = [];

    public bool Disposed { get; private set; }

    public IReadOnlyDictionary<string, string> Features { get; } = new Dictionary<string, string> { ["tso"] = "on" };

    public StrayPackets Strays { get; set; }

    /// <summary>Modes that it does not carry.</summary>
    public HashSet<TunnelMode> Lacks { get; } = [];

    public bool Carries(TunnelMode mode) => !Lacks.Contains(mode);

    public Task<Tunnel> AddAsync(int index, string name, TunnelParameters parameters)
    {
        Act();
        // What it is set to is remembered here, whether the engine has the mode or not.
        var tunnel = new Tunnel(index, name, TunnelModes.All.Contains(parameters.Mode) ? parameters : new());
        Running.Add(index, tunnel);
        Parameters[index] = parameters;
        return Task.FromResult(tunnel);
    }

    public Task ChangeAsync(Tunnel tunnel, TunnelParameters parameters)
    {
        Act();
        Parameters[tunnel.Index] = parameters;
        return Task.CompletedTask;
    }

    public Task RemoveAsync(Tunnel tunnel)
    {
        Act();
        Running.Remove(tunnel.Index);
        return Task.CompletedTask;
    }

    public void SayGone(int index) => DeviceGone?.Invoke(index);

    public void SayReady(int index) => DeviceReady?.Invoke(index);

    public void SayRenamed(int index, string name) => DeviceRenamed?.Invoke(index, name);

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        return ValueTask.CompletedTask;
    }

    private void Act()
    {
        crash?.Step();
        if (Faults.TryDequeue(out var fault))
            throw fault;
    }
}
