using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.WireGuard.Up;

// The file is read anew: what differs is changed, and nothing else is touched.
internal sealed partial class InterfaceLife
{
    private async Task<int> ReloadAsync(string file)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!_steps.Record.IsWhole || _served is not { } served)
                return Refuse("it is not up whole");
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
        var peers = config.Device.Peers; // Now, for applying a change wipes its keys.
        // All that can be wrong comes first.
        var change = await _names.ResolveAsync(Difference(status, config), isPatient: false, CancellationToken.None).ConfigureAwait(false);
        var facts = _host.Look(PlacesIn([.. change.Peers, .. Staying(status, config)]), _run.Name, mark);
        var plan = UpPlan.Of(_run.Name, config, mark == 0 ? facts : facts with { FreeTable = mark })
            .Where(step => step is not (PlanStep.AddLink or PlanStep.Configure or PlanStep.RunHook)).ToList();
        var (obstacles, added, over) = PlanDifference.Between(_done, plan);

        if (_run.KillSwitch && config.Change.FirewallMark is { } other && other != status.FirewallMark)
            _steps.RaiseKillSwitch(other);
        var clean = TryAll(added.Where(step => step is PlanStep.AddAddress), Begin);
        _steps.Say($"wg syncconf {_run.Name} /dev/fd/63");
        await served.Interface.ApplyAsync(change).ConfigureAwait(false);
        _names.Follow(peers);
        clean &= TryAll(obstacles, End);
        foreach (var step in added.OfType<PlanStep.SetMark>())
            await DoAsync(step, CancellationToken.None).ConfigureAwait(false);
        clean &= TryAll(added.Where(step => step is not (PlanStep.AddAddress or PlanStep.SetMark)), Begin);
        clean &= TryAll(over, End);
        if (config.Change.FirewallMark is null && over.Any(step => step is PlanStep.SetMark))
            await UnmarkAsync(served).ConfigureAwait(false);
        _done.RemoveAll(step => added.Any(by => by != step && PlanDifference.Replaces(by, step)));
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

    // The mark, and the table of its number, are free for others again.
    private async Task UnmarkAsync(ServedInterface served)
    {
        _steps.Say($"wg set {_run.Name} fwmark off");
        await served.Interface.ApplyAsync(new() { FirewallMark = 0 }).ConfigureAwait(false);
        _steps.Note(_steps.Record with { Mark = 0 });
    }

    private void Begin(PlanStep step)
    {
        _steps.Do(step);
        _done.Add(step);
    }

    private void End(PlanStep step)
    {
        // With the first address of a network the kernel takes those that came later, and with the last all routes, unless it is told.
        if (step is PlanStep.AddAddress)
            _host.PromoteSecondaries(_run.Name);
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

    private int Refuse(string why)
    {
        Say($"qanat: {_run.Name}: {why}");
        return 1;
    }
}
