using Qanat.Daemon.Api;
using Qanat.Daemon.Control;
using Qanat.Daemon.State;
using Qanat.Linux;

namespace Qanat.Daemon.Tests.Fakes;

/// <summary>A control plane on a fake kernel and a real folder; it can be killed and started anew.</summary>
internal sealed class Bench : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeLog _log = new();

    private readonly bool _withFallbacks;

    public Bench(bool withFallbacks = false)
    {
        _withFallbacks = withFallbacks;
        Devices = new(Crash);
        Disk = new(Crash);
        (Plane, Tunnels) = Build();
    }

    public CrashPoint Crash { get; } = new();

    public FakeDevices Devices { get; }

    public FakeDisk Disk { get; }

    public FakePlane Plane { get; private set; }

    public TunnelManager Tunnels { get; private set; }

    public DaemonPaths Paths => _folder.Paths;

    public IReadOnlyList<string> Log => _log.Lines;

    public StateStore Store(string boot = "boot", ulong cookie = 7) => new(Paths.State, boot, cookie, Disk, _log.Log);

    /// <summary>The daemon is gone, in whatever way, and the next one has recovered.</summary>
    public async Task RestartAsync()
    {
        Crash.Disarm();
        Devices.ProcessEnds();
        Tunnels.Dispose();
        (Plane, Tunnels) = Build();
        await Tunnels.RecoverAsync();
    }

    public Task<TunnelReport> AddAsync(string name, string remote = "192.0.2.1", string local = "any", string? dev = null) =>
        Tunnels.AddAsync(Spec(name, remote, local, dev));

    public static TunnelSpec Spec(string name, string remote = "192.0.2.1", string local = "any", string? dev = null) =>
        new() { Name = name, Mode = "ipip", Remote = remote, Local = local, Dev = dev };

    /// <summary>Runs what is to fail, and returns the error number.</summary>
    public static async Task<int> ErrorOf(Func<Task> act) => (await Assert.ThrowsAsync<LinuxException>(act)).Error;

    public void Dispose()
    {
        Tunnels.Dispose();
        _folder.Dispose();
    }

    private (FakePlane, TunnelManager) Build()
    {
        var plane = new FakePlane(Crash);
        return (plane, new(plane, Devices, Store(), _log.Log, _withFallbacks));
    }
}
