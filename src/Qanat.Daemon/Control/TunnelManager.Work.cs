using Qanat.Daemon.Devices;
using Qanat.Daemon.State;
using Qanat.Linux;
using Qanat.Tunnels.Modes;

namespace Qanat.Daemon.Control;

/// <summary>Doing what was asked for, one thing or ten thousand.</summary>
/// <remarks>
/// The order of the steps is what makes a kill at any moment harmless. All is settled, and the intent saved (a full disk is found
/// here, before anything is changed). Devices are deleted; others altered; the new ones are made, their indices saved, and only
/// then they may outlive the process. <see cref="RecoverAsync"/> reads the rest.
/// </remarks>
internal sealed partial class TunnelManager
{
    // Faults of single things are left with them. What is thrown means that nothing was done.
    private async Task DoAsync(IReadOnlyList<TunnelWork> works)
    {
        var settled = Settle(works);
        if (settled.Count > 0)
        {
            SaveIntent(settled);
            var left = await RemoveAsync([.. settled.OfType<Removal>()]).ConfigureAwait(false);
            left |= await AlterAsync([.. settled.OfType<Alteration>()]).ConfigureAwait(false);
            left |= await AddAsync([.. settled.OfType<Addition>()]).ConfigureAwait(false);
            if (left)
                SaveOrLog();
        }
        foreach (var extra in settled.Except(works).Where(extra => !extra.IsSound))
            _log.Write($"{(extra as Addition)?.Spec.Name ?? extra.Tunnel?.Name}: {extra.Fault!.Message}");
        await RemoveIdleFallbacksAsync().ConfigureAwait(false);
    }

    private void SaveIntent(IEnumerable<TunnelWork> settled)
    {
        var altered = new Dictionary<int, StateEntry>();
        foreach (var work in settled)
            if (work is Removal removal)
                altered[removal.Tunnel!.Index] = removal.Tunnel.ToState(StatePhase.Removing);
            else if (work is Alteration alteration)
                altered[alteration.Tunnel!.Index] = alteration.Tunnel.ToState(pendingMtu: alteration.Mtu);
        Save(
            kept => altered.GetValueOrDefault(kept.Index),
            settled.OfType<Addition>().Select(addition => addition.Tunnel!.ToState(StatePhase.Adding)));
    }

    // Each returns whether what is saved is not the last word.
    private async Task<bool> RemoveAsync(List<Removal> removals)
    {
        foreach (var removal in removals)
            await TryAsync(removal, () => ReleaseAsync(removal.Tunnel!)).ConfigureAwait(false);
        DeleteDevices([.. removals.Where(removal => removal.IsSound).Select(removal => removal.Tunnel!.Index)]);
        foreach (var removal in removals)
        {
            var kept = removal.Tunnel!;
            if (removal.IsSound)
                Try(removal, () => _devices.Delete(kept.Index));
            if (removal.IsSound)
                _tunnels.Remove(kept.Index);
            else
                _tunnels.Put(kept with { Running = null }); // attached again by the next call of AttachAsync
        }
        return removals.Count > 0;
    }

    private async Task<bool> AlterAsync(List<Alteration> alterations)
    {
        foreach (var alteration in alterations)
        {
            await TryAsync(alteration, () => AlterAsync(alteration)).ConfigureAwait(false);
            if (alteration.IsSound)
                _tunnels.Put(alteration.Tunnel!);
            else if (alteration.Mtu != 0)
                OrLog(alteration.Name, () => _devices.SetMtu(alteration.Before!.Index, alteration.MtuBefore));
        }
        return alterations.Any(alteration => !alteration.IsSound || alteration.Mtu != 0);
    }

    private async Task AlterAsync(Alteration alteration)
    {
        var (before, after) = (alteration.Before!, alteration.Tunnel!);
        if (alteration.Mtu != 0)
            _devices.SetMtu(after.Index, alteration.Mtu);
        if (before.Running is not { } running)
            return;
        if (before.Parameters.Mode == after.Parameters.Mode &&
            TunnelModes.CarriesAnything(before.Parameters) == TunnelModes.CarriesAnything(after.Parameters)) // the device's framing
        {
            await _plane.ChangeAsync(running, after.Parameters).ConfigureAwait(false);
            return;
        }
        await _plane.RemoveAsync(running).ConfigureAwait(false);
        _tunnels.Put(before with { Running = null }); // should the next step fail, it is attached again soon
        alteration.Tunnel = after with { Running = await _plane.AddAsync(after.Index, after.Name, after.Parameters).ConfigureAwait(false) };
    }

    private async Task<bool> AddAsync(List<Addition> additions)
    {
        var made = new List<(Addition Addition, INewDevice Device)>();
        try
        {
            foreach (var addition in additions)
                Try(addition, () =>
                {
                    var device = _devices.Create(addition.Tunnel!.Name, addition.Tunnel.Parameters.Mode, addition.Mtu);
                    made.Add((addition, device));
                    addition.Tunnel = addition.Tunnel with { Index = device.Index };
                });
            SaveMade(made);
            foreach (var (addition, device) in made.Where(pair => pair.Addition.IsSound))
                Try(addition, device.Persist);
        }
        finally
        {
            foreach (var (_, device) in made)
                device.Dispose();
        }
        foreach (var (addition, _) in made.Where(pair => pair.Addition.IsSound))
        {
            await TryAsync(addition, () => StartAsync(addition)).ConfigureAwait(false);
            if (!addition.IsSound)
                OrLog(addition.Tunnel!.Name, () => _devices.Delete(addition.Tunnel!.Index));
        }
        return additions.Any(addition => !addition.IsSound);
    }

    // The indices of new devices, before these can outlive us.
    private void SaveMade(List<(Addition Addition, INewDevice Device)> made)
    {
        if (made.Count == 0)
            return;
        try
        {
            Save(added: made.Select(pair => pair.Addition.Tunnel!.ToState()));
        }
        catch (LinuxException fault)
        {
            foreach (var (addition, _) in made)
                addition.Fault = fault;
        }
    }

    private async Task StartAsync(Addition addition)
    {
        var added = addition.Tunnel!;
        added = added with { Running = await _plane.AddAsync(added.Index, added.Name, added.Parameters).ConfigureAwait(false) };
        addition.Tunnel = added;
        _tunnels.Put(added);
    }

    private async Task RemoveIdleFallbacksAsync()
    {
        if (!_tunnels.HasFallback)
            return;
        var idle = _tunnels.All.Where(kept => kept.IsFallback && _tunnels.CountOf(ModeFacts.Of(kept.Parameters.Mode).Table) == 0).ToList();
        if (idle.Count == 0)
            return;
        List<Removal> removals = [.. idle.Select(kept => new Removal(kept.Name) { IsFallback = true, Tunnel = kept })];
        SaveIntent(removals);
        if (await RemoveAsync(removals).ConfigureAwait(false))
            SaveOrLog();
    }

    private static void Try(TunnelWork work, Action act)
    {
        try
        {
            act();
        }
        catch (LinuxException fault)
        {
            work.Fault = fault;
        }
    }

    private static async Task TryAsync(TunnelWork work, Func<Task> act)
    {
        try
        {
            await act().ConfigureAwait(false);
        }
        catch (LinuxException fault)
        {
            work.Fault = fault;
        }
    }
}
