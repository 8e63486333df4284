using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.WireGuard.Up;

// The file is read anew: what differs is changed, and nothing else is touched.
internal sealed partial class InterfaceLife
{
    private async Task<int> ReloadAsync(string? file)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (file is null || !_steps.Record.IsWhole || _served is not { } served)
                return Refuse(file is null ? "it was not brought up from a file" : "it is not up whole");
            if (ConfigFile.Read(file, Say) is not { } config)
                return 1;
            using var keys = config.Change;
            return await ChangeAsync(served, file, config).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Refuse(fault.Message);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<int> ChangeAsync(ServedInterface served, string file, WgQuickConfig config)
    {
        using var status = await served.Interface.GetStatusAsync().ConfigureAwait(false);
        var mark = _steps.Record.Mark != 0 ? _steps.Record.Mark : status.FirewallMark;
        if (_run.KillSwitch)
            config = WithMark(config, mark);
        // All that can be wrong comes first.
        var change = await _names.ResolveAsync(Difference(status, config), isPatient: false, CancellationToken.None).ConfigureAwait(false);
        var facts = _host.Look(PlacesIn([.. change.Peers, .. Staying(status, config)]));
        var plan = UpPlan.Of(_run.Name, config, mark == 0 ? facts : facts with { FreeTable = mark })
            .Where(step => step is not (PlanStep.AddLink or PlanStep.Configure or PlanStep.RunHook)).ToList();
        List<PlanStep> added = [.. plan.Where(step => !_done.Exists(done => IsSame(done, step)))];
        List<PlanStep> removed = [.. _done.Where(step => !plan.Exists(kept => IsSame(kept, step)))];

        if (_run.KillSwitch && config.Change.FirewallMark is { } other && other != status.FirewallMark)
            _steps.RaiseKillSwitch(other);
        var clean = TryAll(added.Where(step => step is PlanStep.AddAddress), Begin);
        _steps.Say($"wg syncconf {_run.Name} /dev/fd/63");
        await served.Interface.ApplyAsync(change).ConfigureAwait(false);
        _names.Follow(config.Device.Peers);
        // Servers and sizes are replaced, not added to.
        clean &= TryAll(removed.Where(step => step is not PlanStep.AddAddress && !added.Exists(by => Replaces(by, step))), End);
        foreach (var step in added.OfType<PlanStep.SetMark>())
            await DoAsync(step, CancellationToken.None).ConfigureAwait(false);
        clean &= TryAll(added.Where(step => step is not (PlanStep.AddAddress or PlanStep.SetMark)), Begin);
        clean &= TryAll(removed.Where(step => step is PlanStep.AddAddress), End);
        clean &= KeepAddresses(config);
        _done.RemoveAll(step => added.Exists(by => by != step && Replaces(by, step)));
        _config = Keyless(config);
        _steps.Note(_steps.Record with { File = file, PreDown = config.PreDown, PostDown = config.PostDown });
        return clean ? 0 : 1;
    }

    // The least that makes what is what the file says. What the file says nothing of, and never did, stays: a port that was free, the
    // mark of default routes. A peer that has moved stays where it is, unless the file has it elsewhere than before.
    private WireGuardChange Difference(InterfaceStatus status, WgQuickConfig config)
    {
        var before = _config.Device.Peers.ToDictionary(peer => peer.PublicKey, peer => peer.Endpoint);
        var current = DeviceOf(status);
        current = current with
        {
            Peers = [.. current.Peers.Select(peer => peer with { Endpoint = before.GetValueOrDefault(peer.PublicKey, peer.Endpoint) })],
        };
        var after = config.Device;
        return WireGuardChange.Between(current, after with
        {
            ListenPort = config.Change.ListenPort ?? (_config.Change.ListenPort is null ? current.ListenPort : (ushort)0),
            FirewallMark = config.Change.FirewallMark ?? (_config.Change.FirewallMark is null ? current.FirewallMark : 0),
        });
    }

    private static IEnumerable<PeerChange> Staying(InterfaceStatus status, WgQuickConfig config)
    {
        var kept = config.Device.Peers.Select(peer => peer.PublicKey).ToHashSet();
        return status.Peers.Where(peer => kept.Contains(peer.Config.PublicKey))
            .Select(peer => new PeerChange(peer.Config.PublicKey) { Endpoint = peer.Config.Endpoint });
    }

    // With the first address of a network the kernel takes those that came later, where it is not told to promote them.
    private bool KeepAddresses(WgQuickConfig config)
    {
        var there = _host.Addresses(_run.Name).Select(address => address.Network.ToString() + address.Address).ToHashSet();
        return TryAll(
            config.Addresses.Where(address => !there.Contains(address.Network.ToString() + address.Address))
                .Select(address => new PlanStep.AddAddress(_run.Name, address)),
            _steps.Do);
    }

    private void Begin(PlanStep step)
    {
        _steps.Do(step);
        _done.Add(step);
    }

    private void End(PlanStep step)
    {
        _steps.Undo(step);
        _done.Remove(step);
    }

    private bool TryAll(IEnumerable<PlanStep> steps, Action<PlanStep> act)
    {
        var clean = true;
        foreach (var step in steps)
            try
            {
                act(step);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                Refuse(fault.Message);
                clean = false;
            }
        return clean;
    }

    private static bool IsSame(PlanStep one, PlanStep other) => one.Command == other.Command && one.Input == other.Input;

    private static bool Replaces(PlanStep by, PlanStep step) => (by, step) is
        (PlanStep.BringUp, PlanStep.BringUp) or (PlanStep.SetDns, PlanStep.SetDns);

    private int Refuse(string why)
    {
        Say($"qanat: {_run.Name}: {why}");
        return 1;
    }
}
