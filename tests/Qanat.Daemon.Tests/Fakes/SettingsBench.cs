using Qanat.Daemon.Control;
using Qanat.Daemon.State;
using Qanat.Linux;
using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.Tests.Fakes;

/// <summary>What a daemon keeps beside its tunnels, over a fake data plane; it can be ended and started anew.</summary>
internal sealed class SettingsBench : IDisposable
{
    private readonly FakeLog _log = new();

    public SettingsBench(Bench? tunnels = null)
    {
        Tunnels = tunnels ?? new Bench();
        Build();
    }

    public Bench Tunnels { get; }

    public FakeFouPlane Ports { get; private set; } = null!;

    public FakeFdbPlane Tables { get; private set; } = null!;

    public FakeProbe Probe { get; } = new();

    public FouManager Fou { get; private set; } = null!;

    public L2tpManager L2tp { get; private set; } = null!;

    public FdbManager Fdb { get; private set; } = null!;

    public IReadOnlyList<string> Log => _log.Lines;

    private IKeeper[] Keepers => [Fou, L2tp, Fdb];

    /// <summary>The daemon ends, in whatever way, and the next one recovers.</summary>
    public async Task RestartAsync()
    {
        End();
        await Tunnels.RestartAsync();
        Build();
        foreach (var keeper in Keepers)
            await keeper.RecoverAsync();
    }

    public void Dispose()
    {
        End();
        Tunnels.Dispose();
    }

    private void End()
    {
        foreach (var keeper in Keepers)
            keeper.Dispose();
    }

    private void Build()
    {
        (Ports, Tables) = (new(), new());
        var (devices, paths, disk, log) = (Tunnels.Devices, Tunnels.Paths, Tunnels.Disk, _log.Log);
        Fou = new(Ports, devices, new(paths.Fou, "boot", 7, disk, log, EntryJson.Default.EntryDocumentFouPort), log);
        L2tp = new(
            () => from kept in Tunnels.Tunnels.Kept where kept.Parameters.L2tp is not null select (kept.Name, kept.Parameters.L2tp),
            name => Tunnels.Tunnels.RemoveAsync(name), Probe,
            new(paths.L2tp, "boot", 7, disk, log, EntryJson.Default.EntryDocumentL2tpTunnel), log);
        Fdb = new(
            Tables, () => Tunnels.Tunnels.Kept, name => Tunnels.Tunnels.GetKept(name), devices,
            new(paths.Fdb, "boot", 7, disk, log, EntryJson.Default.EntryDocumentKeptFdbEntry), log);
        Tunnels.Tunnels.CompleteSession = L2tp.Complete;
    }
}

/// <summary>UDP ports that exist in memory alone.</summary>
internal sealed class FakeFouPlane : IFouPlane
{
    public List<FouPortParameters> Open { get; } = [];

    /// <summary>What the next opening fails with.</summary>
    public LinuxException? Fault { get; set; }

    public Task OpenAsync(FouPortParameters port)
    {
        if (Fault is { } fault)
            return Task.FromException(fault);
        Open.Add(port);
        return Task.CompletedTask;
    }

    public Task CloseAsync(FouPortParameters port)
    {
        Assert.True(Open.Remove(port));
        return Task.CompletedTask;
    }
}

/// <summary>Forwarding tables that learn nothing by themselves, and begin with the tunnel's own remote.</summary>
internal sealed class FakeFdbPlane : IFdbPlane
{
    private readonly Dictionary<Tunnel, List<FdbRecord>> _tables = [];

    public Task<IReadOnlyList<FdbRecord>> ListAsync(Tunnel tunnel) => Task.FromResult<IReadOnlyList<FdbRecord>>([.. Table(tunnel)]);

    public Task AddAsync(Tunnel tunnel, FdbRecord entry)
    {
        Table(tunnel).Add(entry);
        return Task.CompletedTask;
    }

    public Task RemoveAsync(Tunnel tunnel, MacAddress address, FdbDestination destination)
    {
        Table(tunnel).RemoveAll(entry => (entry.Address, entry.Destination) == (address, destination));
        return Task.CompletedTask;
    }

    private List<FdbRecord> Table(Tunnel tunnel)
    {
        if (!_tables.TryGetValue(tunnel, out var table))
            _tables[tunnel] = table =
                tunnel.Parameters.Remote.IsAny ? [] : [new(default, new FdbDestination(tunnel.Parameters.Remote))];
        return table;
    }
}

/// <summary>A host with the loopback addresses alone, all of whose ports are free.</summary>
internal sealed class FakeProbe : ISocketProbe
{
    public void Check(IpAddress local, int port)
    {
        if (local.ToString() is not ("127.0.0.1" or "::1"))
            throw new LinuxException("bind", Errno.EADDRNOTAVAIL);
    }
}
