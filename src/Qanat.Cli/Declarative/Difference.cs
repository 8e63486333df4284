using Qanat.Cli.Declarative.Keys;
using Qanat.Cli.Declarative.Yaml;

namespace Qanat.Cli.Declarative;

/// <summary>Compares what is wanted with what is, in one pass over both.</summary>
internal static class Difference
{
    /// <summary>What is to be done, in the order of the file; removals of tunnels last.</summary>
    /// <param name="wanted">The tunnels of the file.</param>
    /// <param name="current">What is.</param>
    /// <param name="prune">Tunnels that the file does not name are to go.</param>
    public static IReadOnlyList<Change> Between(IReadOnlyList<HostTunnel> wanted, HostState current, bool prune)
    {
        var changes = new List<Change>();
        foreach (var tunnel in wanted)
        {
            var before = current.Find(tunnel.Name);
            var values = before is null ? [] : Values(tunnel, before);
            var action = before is null ? ChangeAction.Add
                : ForLife.Differs(tunnel, before, values) ? ChangeAction.Recreate : ChangeAction.Change;
            if (before is null || values.Count > 0)
                changes.Add(new TunnelChange(action, tunnel, values));
            var (addresses, routes) = action == ChangeAction.Change ? (before!.Addresses, before.Routes) : ([], []);
            changes.AddRange(Items(
                tunnel.Addresses, addresses, (act, address) => new AddressChange(act, tunnel.Name, address), address => address.IsKernels));
            changes.AddRange(Items(tunnel.Routes, routes, (act, route) => new RouteChange(act, tunnel.Name, route), _ => false));
        }
        if (prune)
        {
            var named = wanted.Select(tunnel => tunnel.Name).ToHashSet();
            changes.AddRange(current.Tunnels.Where(tunnel => !named.Contains(tunnel.Name))
                .Select(tunnel => new TunnelChange(ChangeAction.Remove, tunnel, [])));
        }
        return changes;
    }

    private static List<ValueChange> Values(HostTunnel wanted, HostTunnel current)
    {
        var changes = new List<ValueChange>();
        foreach (var (key, modes, part) in TunnelKeys.Of(wanted.Mode))
        {
            if (part is TunnelPart.Addresses or TunnelPart.Routes || (modes & current.Mode) == 0)
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
