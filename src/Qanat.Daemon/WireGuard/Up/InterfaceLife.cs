using Qanat.Daemon.Lifecycle;
using Qanat.Daemon.WireGuard.Companions;
using Qanat.Packets;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.WireGuard.Up;

/// <summary>An interface that comes up, changes, and goes again. Whoever asks for a thing hears its steps.</summary>
internal sealed partial class InterfaceLife : IAsyncDisposable
{
    private readonly InterfaceRun _run;
    private readonly IUpHost _host;
    private readonly UpFiles _files;
    private readonly WireGuardLog _log;
    private readonly EndpointNames _names;
    private readonly CompanionGroup _companions;
    private readonly CancellationTokenSource _down = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly TaskCompletionSource<int> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HostSteps _steps;
    private readonly List<PlanStep> _done = []; // Of what can be told apart again: addresses, routes, rules.
    private WgQuickConfig _config; // Without keys, once they are the interface's.
    private ServedInterface? _served;
    private Action<string>? _client;

    public InterfaceLife(InterfaceRun run, IUpHost host, UpFiles files, WireGuardLog log)
    {
        (_run, _host, _files, _log, _config) = (run, host, files, log, run.Config);
        _names = new(NameLookup.AskAsync, TimeProvider.System, Say);
        _companions = new([_names, .. run.Companions], log);
        _steps = new(run.Name, host, files.Records, files.Records.New(run.File) with { Folder = run.Folder }, Say);
    }

    /// <summary>Lives it, from the first step to the last.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="IOException">It could not begin; nothing is left.</exception>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var wasShut = await TakeBackLeftoversAsync().ConfigureAwait(false);
        if (_host.HasDevice(_run.Name))
            throw new IOException("there is a device of that name already, and it is not Qanat's; take another name");
        _steps.Note(_steps.Record with { KillSwitch = wasShut, Places = new Dictionary<string, string>(_names.Places) });
        await using var control = new ControlSocket(_files.Socket, ObeyAsync);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, _down.Token);
        try
        {
            await BringUpAsync(either.Token).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            var wasTold = either.IsCancellationRequested;
            await EndAsync(save: false, lift: !wasShut || _down.IsCancellationRequested).ConfigureAwait(false);
            if (fault is OperationCanceledException)
                throw new IOException(wasTold ? "it was told to end before it was up" : "its device was removed before it was up", fault);
            throw;
        }
        SystemdNotifier.FromEnvironment().Send("READY=1");
        _run.Ready();
        var reason = await _served!.WaitAsync(either.Token).ConfigureAwait(false);
        if (reason is not null and not PortClosedException)
            _log.Error(reason.Message);
        var clean = await EndAsync(_config.SaveConfig && reason is null, lift: _down.IsCancellationRequested).ConfigureAwait(false);
        return clean && reason is null or PortClosedException ? 0 : 1;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_served is not null)
            await _served.DisposeAsync().ConfigureAwait(false);
        _config.Change.Dispose();
        _names.Dispose();
        _down.Dispose();
        _turn.Dispose();
    }

    private void Say(string line)
    {
        _run.Say(line);
        _client?.Invoke(line);
    }

    private async Task<int> ObeyAsync(string request, Action<string> say)
    {
        _client = say;
        try
        {
            switch (request.Split(' ', 2))
            {
                case ["down"]:
                    await _down.CancelAsync().ConfigureAwait(false);
                    return await _ended.Task.ConfigureAwait(false);
                case ["reload", ..] when _run.File is null:
                    return Refuse("it was not brought up from a file");
                case ["reload", .. var file]:
                    return await ReloadAsync(file is [var path] ? path : _steps.Record.File!).ConfigureAwait(false);
                default:
                    return Refuse("it was asked something that it does not know; is another version of qanat running?");
            }
        }
        finally
        {
            _client = null;
        }
    }

    // A kill switch stays in force where there is to be one.
    private async Task<bool> TakeBackLeftoversAsync()
    {
        if (_files.Records.Load() is not { } left)
            return false;
        if (left.KillSwitch && !_run.KillSwitch)
            throw new IOException("its kill switch is still in force; " +
                $"qanat up --kill-switch goes on behind it, qanat down {_run.Name} lifts it");
        var steps = new HostSteps(_run.Name, _host, _files.Records, left, Say);
        await new TakeDown(_run.Name, steps, Say).RunAsync(save: false, liftKillSwitch: false, _ => Task.CompletedTask)
            .ConfigureAwait(false);
        foreach (var (name, place) in left.Places)
            _names.Places[name] = place;
        return steps.Record.KillSwitch;
    }

    private async Task BringUpAsync(CancellationToken stop)
    {
        _names.Follow(_config.Device.Peers);
        var change = _config.Change;
        if (_run.KillSwitch)
        {
            change = await _names.ResolveAsync(change, isPatient: true, stop).ConfigureAwait(false);
            _config = WithMark(_config, _host.Look([], _run.Name, mark: 0).FreeTable);
            change = change with { FirewallMark = _config.Change.FirewallMark };
            _steps.RaiseKillSwitch(_config.Change.FirewallMark!.Value);
        }
        await _companions.PrepareAsync(stop).ConfigureAwait(false);
        var beginning = UpPlan.Of(_run.Name, _config, new()).TakeWhile(step => step is not PlanStep.Configure).ToList();
        foreach (var step in beginning)
            await DoAsync(step, stop).ConfigureAwait(false);
        // What runs before may be what makes the network.
        change = await _names.ResolveAsync(change, isPatient: true, stop).ConfigureAwait(false);
        var facts = _host.Look(PlacesIn(change.Peers), _run.Name, change.FirewallMark ?? 0);
        var plan = UpPlan.Of(_run.Name, _config with { Change = change }, facts);
        _config = Keyless(_config);
        foreach (var step in plan.Skip(beginning.Count))
            await DoAsync(step, stop).ConfigureAwait(false);
        await _companions.StartAsync(_served!.Interface, stop).ConfigureAwait(false);
        _steps.Note(_steps.Record with
        {
            IsWhole = true,
            PreDown = _config.PreDown,
            PostDown = _config.PostDown,
            Places = new Dictionary<string, string>(_names.Places),
        });
    }

    private async Task DoAsync(PlanStep step, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        switch (step)
        {
            case PlanStep.AddLink:
                _steps.Say(step.Command);
                _served = ServedInterface.Open(new() { Name = _run.Name, Level = _run.Level, PostQuantum = _run.PostQuantum }, _log);
                if (_served.Remark is { } remark)
                    Say($"qanat: {_run.Name}: {remark}");
                break;
            case PlanStep.Configure { Change: var change }:
                _steps.Say(step.Command);
                await _served!.Interface.ApplyAsync(change).ConfigureAwait(false);
                break;
            case PlanStep.SetMark { Mark: var mark }:
                _steps.Say(step.Command);
                await _served!.Interface.ApplyAsync(new() { FirewallMark = mark }).ConfigureAwait(false);
                _done.Add(step);
                break;
            default:
                if (step is PlanStep.BringUp)
                    await _served!.Interface.TakePortAsync().ConfigureAwait(false);
                _steps.Do(step);
                if (step is not PlanStep.RunHook)
                    _done.Add(step);
                break;
        }
    }

    private async Task<bool> EndAsync(bool save, bool lift)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        var clean = false;
        try
        {
            var takeDown = new TakeDown(_run.Name, _steps, Say);
            clean = await takeDown.RunAsync(save && _run.File is not null, lift, EndOwnAsync).ConfigureAwait(false);
            if (_steps.Record.KillSwitch)
            {
                var places = new Dictionary<string, string>(_names.Places);
                _steps.Note(_files.Records.New(_run.File) with { KillSwitch = true, Places = places });
                Say($"qanat: {_run.Name}: the kill switch stays; qanat down {_run.Name} lets everything out again");
            }
            else
                _files.Records.Delete();
            return clean;
        }
        finally
        {
            _turn.Release();
            _ended.TrySetResult(clean ? 0 : 1);
        }
    }

    private async Task EndOwnAsync(PlanStep step)
    {
        if (step is PlanStep.Save)
        {
            _steps.Say(step.Command);
            await SaveAsync().ConfigureAwait(false);
            return;
        }
        await _companions.StopAsync().ConfigureAwait(false);
        if (_served is not null)
        {
            if (_host.HasDevice(_run.Name))
                _steps.Say(step.Command);
            await _served.DisposeAsync().ConfigureAwait(false);
            _served = null;
        }
        await _companions.ReleaseAsync().ConfigureAwait(false);
    }

    private async Task SaveAsync()
    {
        using var status = await _served!.Interface.GetStatusAsync().ConfigureAwait(false);
        var device = DeviceOf(status);
        var config = _config with
        {
            Addresses = _host.Addresses(_run.Name),
            Mtu = _config.Mtu is null ? null : await _served.Interface.GetWantedMtuAsync().ConfigureAwait(false),
        };
        ConfigFile.Save(_steps.Record.File!, config, device with
        {
            Peers = [.. device.Peers.Select(peer => peer with { Endpoint = _names.NameOf(peer.PublicKey, peer.Endpoint) })],
        });
    }

    private static WireGuardConfig DeviceOf(InterfaceStatus status) => new()
    {
        PrivateKey = status.PrivateKey,
        ListenPort = status.ListenPort,
        FirewallMark = status.FirewallMark,
        Peers = [.. status.Peers.Select(peer => peer.Config)],
    };

    private static WgQuickConfig WithMark(WgQuickConfig config, uint mark) =>
        config.Change.FirewallMark is > 0 ? config : config with { Change = config.Change with { FirewallMark = mark } };

    private static WgQuickConfig Keyless(WgQuickConfig config) => config with
    {
        Change = config.Change with
        {
            PrivateKey = null,
            Peers = [.. config.Change.Peers.Select(peer => peer with { PresharedKey = null })],
        },
    };

    private static List<IpAddress> PlacesIn(IEnumerable<PeerChange> peers) =>
        [.. peers.Select(peer => peer.Endpoint).OfType<PeerEndpoint>()
            .Select(endpoint => endpoint.TryGetAddress(out var address, out _) ? address : (IpAddress?)null).OfType<IpAddress>()];
}
