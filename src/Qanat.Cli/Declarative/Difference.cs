using Qanat.Cli.Declarative.Keys;
using Qanat.Cli.Declarative.Yaml;

namespace Qanat.Cli.Declarative;

/// <summary>Compares what is wanted with what is, in one pass over both.</summary>
internal static class Difference
{
    /// <summary>What is to be done, in the order of the file; removals of tunnels and of what they need last.</summary>
    /// <param name="wanted">What the file describes.</param>
    /// <param name="current">What is.</param>
    /// <param name="prune">What the file does not name is to go.</param>
    public static IReadOnlyList<Change> Between(HostDocument wanted, HostState current, bool prune)
    {
        var fou = Settings(FouKeys.Kind, wanted.FouPorts, current.Document.FouPorts, _ => prune);
        var needed = wanted.Tunnels.Select(tunnel => tunnel.Spec.L2tp?.TunnelId).ToHashSet();
        var l2tp = Settings(
            L2tpKeys.Kind, wanted.L2tpTunnels, current.Document.L2tpTunnels, tunnel => prune && !needed.Contains(tunnel.TunnelId));
        var renewed = l2tp.Where(change => change.Action == ChangeAction.Recreate).Select(change => change.Setting.TunnelId).ToHashSet();

        var changes = new List<Change>();
        changes.AddRange(fou.Where(change => change.Adds));
        changes.AddRange(l2tp.Where(change => change.Adds));
        foreach (var tunnel in wanted.Tunnels)
            changes.AddRange(OfTunnel(tunnel, current.Find(tunnel.Name), IsRenewed(tunnel)));
        var named = wanted.Tunnels.Select(tunnel => tunnel.Name).ToHashSet();
        foreach (var tunnel in current.Document.Tunnels.Where(tunnel => !named.Contains(tunnel.Name)))
        {
            if (prune)
                changes.Add(new TunnelChange(ChangeAction.Remove, tunnel, []));
            else if (IsRenewed(tunnel))
                changes.AddRange(OfTunnel(tunnel.WithoutKernels(), tunnel, renewed: true));
        }
        changes.AddRange(l2tp.Where(change => !change.Adds));
        changes.AddRange(fou.Where(change => !change.Adds));
        return changes;

        // A session goes with the tunnel of L2TP that it belongs to.
        bool IsRenewed(HostTunnel tunnel) => tunnel.Spec.L2tp is { } session && renewed.Contains(session.TunnelId);
    }

    private static IEnumerable<Change> OfTunnel(HostTunnel wanted, HostTunnel? current, bool renewed)
    {
        var values = current is null ? [] : Values(wanted, current);
        var action = current is null ? ChangeAction.Add
            : renewed || ForLife.Differs(wanted, current, values) ? ChangeAction.Recreate : ChangeAction.Change;
        var before = action == ChangeAction.Change ? current! : HostTunnel.Default(wanted.Name, wanted.Spec.Mode);
        return
        [
            .. action == ChangeAction.Change && values.Count == 0 ? [] : (Change[])[new TunnelChange(action, wanted, values)],
            .. Items(wanted.Forwarding, before.Forwarding, (act, entry) => new ForwardingChange(act, wanted.Name, entry), _ => false),
            .. Items(wanted.Addresses, before.Addresses,
                (act, address) => new AddressChange(act, wanted.Name, address), address => address.IsKernels),
            .. Items(wanted.Routes, before.Routes, (act, route) => new RouteChange(act, wanted.Name, route), _ => false),
        ];
    }

    private static List<SettingChange<T>> Settings<T>(
        SettingKind<T> kind, IReadOnlyList<T> wanted, IReadOnlyList<T> current, Func<T, bool> goes)
        where T : class, IEquatable<T>
    {
        var changes = new List<SettingChange<T>>();
        var others = current.ToDictionary(kind.Identity);
        foreach (var thing in wanted)
        {
            if (!others.Remove(kind.Identity(thing), out var before))
                changes.Add(new(kind, ChangeAction.Add, thing, []));
            else if (kind.Values(before, thing) is { Count: > 0 } values)
                changes.Add(new(kind, ChangeAction.Recreate, thing, values));
        }
        changes.AddRange(others.Values.Where(goes).Select(thing => new SettingChange<T>(kind, ChangeAction.Remove, thing, [])));
        return changes;
    }

    private static List<ValueChange> Values(HostTunnel wanted, HostTunnel current)
    {
        var changes = new List<ValueChange>();
        foreach (var (key, modes, part) in TunnelKeys.Of(wanted.Mode))
        {
            if (part is TunnelPart.Addresses or TunnelPart.Routes or TunnelPart.Forwarding || (modes & current.Mode) == 0)
                continue;
            var (old, @new) = (key.Write(current), key.Write(wanted));
            if (YamlWriter.Differ(old, @new) && !(part == TunnelPart.Link && @new is null)) // an MTU that is left to the daemon
                changes.Add(new(key.Name, part, old, @new));
        }
        return changes;
    }

    private static IEnumerable<Change> Items<T>(
        List<T> wanted, List<T> current, Func<ChangeAction, T, Change> change, Func<T, bool> stays)
    {
        var (keep, have) = (wanted.ToHashSet(), current.ToHashSet());
        return current.Where(item => !keep.Contains(item) && !stays(item)).Select(item => change(ChangeAction.Remove, item))
            .Concat(wanted.Where(item => !have.Contains(item)).Select(item => change(ChangeAction.Add, item)));
    }
}
