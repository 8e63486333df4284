using Qanat.Cli.Client;
using Qanat.Cli.Iproute2;
using Qanat.Daemon.Api;
using Qanat.Linux;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Declarative;

/// <summary>Makes what is what the file says.</summary>
/// <param name="client">The daemon.</param>
/// <param name="network">The devices.</param>
internal sealed class Reconciler(IQanatClient client, IDeviceNetwork network)
{
    // What one step does may undo a part of another: the last IPv4 address of a device takes its routes along, and a first one
    // its secondaries. So we look again, and end as soon as a round has brought nothing.
    private const int MaxRounds = 5;

    private readonly List<string> _refusals = [];

    /// <summary>The differences now.</summary>
    /// <param name="wanted">What the file describes.</param>
    /// <param name="prune">What the file does not name is to go.</param>
    /// <exception cref="CommandFailure">A device has the name of a tunnel, and is none.</exception>
    public IReadOnlyList<Change> Compare(HostDocument wanted, bool prune)
    {
        var current = HostState.Read(client, network);
        var devices = network.Devices();
        foreach (var tunnel in wanted.Tunnels)
            if (devices.ContainsKey(tunnel.Name) && current.Find(tunnel.Name) is null)
                throw CommandFailure.Refusal($"There is a device \"{tunnel.Name}\" already, which is not a tunnel of Qanat's.");
        return Difference.Between(wanted, current, prune);
    }

    /// <summary>Does away with differences, and whatever is left of them.</summary>
    /// <param name="changes">The differences.</param>
    /// <param name="wanted">What the file describes.</param>
    /// <param name="prune">What the file does not name is to go.</param>
    /// <returns>What was refused, a line each; none when the file holds now.</returns>
    public IReadOnlyList<string> Apply(IReadOnlyList<Change> changes, HostDocument wanted, bool prune)
    {
        for (var round = 1; changes.Count > 0; round++)
        {
            _refusals.Clear();
            Execute(changes);
            var left = Compare(wanted, prune);
            if (left.Count > 0 && (round == MaxRounds || left.Count >= changes.Count))
                return _refusals.Count > 0 ? _refusals : [.. left.Select(change => $"still to do: {change}")];
            changes = left;
        }
        return [];
    }

    private void Execute(IReadOnlyList<Change> changes)
    {
        var tunnels = changes.OfType<TunnelChange>().ToList();
        var lost = ChangeDaemon(tunnels, [.. changes.OfType<SettingChange>()]);
        var devices = network.Devices();
        var names = devices.ToDictionary(device => device.Value, device => device.Key);

        ChangeForwarding([.. Of<ForwardingChange>(changes, _ => true)]);
        network.SetLinks([.. Of<TunnelChange>(tunnels, change => change.IsOfLink && change.Action != ChangeAction.Remove)
            .Select(change => new LinkSettings(devices[change.Device]) { Up = change.Tunnel.Up, Mtu = change.Tunnel.Mtu })], Refuse);
        network.DeleteRoutes([.. Of<RouteChange>(changes, change => change.Action == ChangeAction.Remove)
            .Select(change => change.Route.ToKernel(devices[change.Device], delete: true))], Refuse);
        network.DeleteAddresses([.. Of<AddressChange>(changes, change => change.Action == ChangeAction.Remove)
            .Select(change => change.Address.ToKernel(devices[change.Device]))], Refuse);
        network.AddAddresses([.. Of<AddressChange>(changes, change => change.Action == ChangeAction.Add)
            .Select(change => change.Address.ToKernel(devices[change.Device]))], Refuse);
        network.AddRoutes([.. Of<RouteChange>(changes, change => change.Action == ChangeAction.Add)
            .Select(change => change.Route.ToKernel(devices[change.Device]))], Refuse);

        void Refuse(int device, LinuxException reason) => _refusals.Add($"{names[device]}: {reason.Message}");

        // A device that is not as it should be may be somebody else's: it is left alone.
        IEnumerable<T> Of<T>(IEnumerable<Change> all, Func<T, bool> which) where T : DeviceChange =>
            all.OfType<T>().Where(change => which(change) && !lost.Contains(change.Device) && devices.ContainsKey(change.Device));
    }

    // Returns the names of the tunnels that were refused. Sessions of L2TP go before the tunnel that they belong to, and come after it.
    private HashSet<string> ChangeDaemon(List<TunnelChange> tunnels, List<SettingChange> settings)
    {
        var removed = Those(change => change.Action is ChangeAction.Remove or ChangeAction.Recreate);
        var changed = Those(change => change.Action == ChangeAction.Change && change.IsOfTunnel);
        var added = Those(change => change.Action is ChangeAction.Add or ChangeAction.Recreate);
        var lost = new HashSet<string>();
        if (settings.Count > 0)
        {
            Send(removed, [], [], lost);
            foreach (var setting in settings.Where(setting => setting.Deletes))
                Attempt($"delete {setting.Word} {setting.Name}", () => setting.Delete(client));
            foreach (var setting in settings.Where(setting => setting.Adds))
                Attempt($"add {setting.Word} {setting.Name}", () => setting.Add(client));
            removed = [];
        }
        Send(removed, changed, added, lost);
        return lost;

        List<TunnelSpec> Those(Func<TunnelChange, bool> which) => [.. tunnels.Where(which).Select(change => change.Tunnel.Spec)];
    }

    private void Send(List<TunnelSpec> removed, List<TunnelSpec> changed, List<TunnelSpec> added, HashSet<string> lost)
    {
        if (removed.Count + changed.Count + added.Count == 0)
            return;
        var results = client.Send(new BatchSpec { Remove = [.. removed.Select(spec => spec.Name)], Change = changed, Add = added });
        Results("delete", removed.Zip(results));
        Results("change", changed.Zip(results.Skip(removed.Count)));
        Results("add", added.Zip(results.Skip(removed.Count + changed.Count)));

        void Results(string verb, IEnumerable<(TunnelSpec Spec, ApiException? Refusal)> results)
        {
            foreach (var (spec, refusal) in results)
                if (refusal is not null && lost.Add(spec.Name))
                    Note($"{verb} tunnel {spec.Name}", refusal);
        }
    }

    // An address with one destination gets another in one step, so that its frames are never sent to all.
    private void ChangeForwarding(List<ForwardingChange> changes)
    {
        var replaced = changes.Where(change => change is { Action: ChangeAction.Add, IsOfGroup: false })
            .Select(change => (change.Device, change.Entry.Mac)).ToHashSet();
        foreach (var change in changes.Where(change => change.Action == ChangeAction.Remove))
            if (!replaced.Contains((change.Device, change.Entry.Mac)))
                Attempt($"{change.Device}: delete fdb entry {change.Entry.Mac}", () => client.DeleteFdb(change.Device, change.Entry));
        foreach (var change in changes.Where(change => change.Action == ChangeAction.Add))
            Attempt(
                $"{change.Device}: add fdb entry {change.Entry.Mac}",
                () => client.AddFdb(change.Device, change.IsOfGroup ? "append" : "replace", change.Entry));
    }

    private void Attempt(string what, Action call)
    {
        try
        {
            call();
        }
        catch (ApiException refusal)
        {
            Note(what, refusal);
        }
    }

    private void Note(string what, ApiException refusal) =>
        _refusals.Add($"{what}: {refusal.Message}{(refusal.Detail is null ? "" : $": {refusal.Detail}")}");
}
