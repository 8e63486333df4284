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
            var anew = before is null || values.Any(value => value.Part == TunnelPart.Identity) || ChangesKind(tunnel, before);
            if (before is null || values.Count > 0)
                changes.Add(new TunnelChange(before is null ? ChangeAction.Add : anew ? ChangeAction.Recreate : ChangeAction.Change, tunnel, values));
            var (addresses, routes) = anew ? ([], []) : (before!.Addresses, before.Routes);
            changes.AddRange(
                Items(tunnel.Addresses, addresses, (action, address) => new AddressChange(action, tunnel.Name, address), address => address.IsKernels));
            changes.AddRange(Items(tunnel.Routes, routes, (action, route) => new RouteChange(action, tunnel.Name, route), _ => false));
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
            if (part is TunnelPart.Addresses or TunnelPart.Routes || (part != TunnelPart.Link && key.Name != "mode" && (modes & current.Mode) == 0))
                continue;
            var (old, @new) = (key.Write(current), key.Write(wanted));
            if (@new is null && part == TunnelPart.Link)
                continue; // an MTU that the file leaves to the daemon
            if (Text(old) != Text(@new))
                changes.Add(new(key.Name, part, old, @new));
        }
        return changes;
    }

    // A device is point-to-point or not, or broadcast, for life (ip_tunnel_ioctl).
    private static bool ChangesKind(HostTunnel wanted, HostTunnel current) =>
        (wanted.Mode & (ModeSet.OverIPv4 | ModeSet.OverIPv6)) != 0 && Kind(wanted) != Kind(current);

    private static (bool ToAnyone, bool ToGroup) Kind(HostTunnel tunnel) =>
        (tunnel.Spec.Remote == "any", TunnelRules.IsGroup(tunnel.Spec.Remote));

    private static IEnumerable<Change> Items<T>(
        List<T> wanted, List<T> current, Func<ChangeAction, T, Change> change, Func<T, bool> stays)
    {
        var (keep, have) = (wanted.ToHashSet(), current.ToHashSet());
        return current.Where(item => !keep.Contains(item) && !stays(item)).Select(item => change(ChangeAction.Remove, item))
            .Concat(wanted.Where(item => !have.Contains(item)).Select(item => change(ChangeAction.Add, item)));
    }

    private static string? Text(YamlNode? node) => node is null ? null : YamlWriter.Line(node);
}
