using Qanat.Cli.Declarative.Keys;
using Qanat.Cli.Declarative.Yaml;

namespace Qanat.Cli.Declarative;

/// <summary>Tunnels as the file says them. What has its default is left out.</summary>
internal static class DocumentWriter
{
    /// <summary>The document that describes a host.</summary>
    public static YamlMap Write(HostDocument host)
    {
        var entries = new List<YamlEntry> { new("version", new YamlScalar("2")) };
        if (host.FouPorts.Count > 0)
            entries.Add(new(FouKeys.Name, new YamlList([.. host.FouPorts.Select(FouKeys.Kind.Write)])));
        if (host.L2tpTunnels.Count > 0)
            entries.Add(new(L2tpKeys.Name, new YamlList([.. host.L2tpTunnels.Select(L2tpKeys.Kind.Write)])));
        entries.Add(new("tunnels", new YamlMap([.. host.Tunnels.Select(tunnel => new YamlEntry(tunnel.Name, Write(tunnel)))])));
        return new([new("network", new YamlMap(entries))]);
    }

    /// <summary>The mapping that describes a tunnel.</summary>
    public static YamlMap Write(HostTunnel tunnel) => Write(tunnel, TunnelKeys.Of(tunnel.Mode));

    /// <summary>
    /// The tunnel itself in words: <c>mode gre remote 192.0.2.1</c>; not its device's addresses and routes, nor its forwarding table.
    /// </summary>
    public static string Line(HostTunnel tunnel) => string.Join(' ',
        Write(tunnel, TunnelKeys.Of(tunnel.Mode).Where(key => key.Part is TunnelPart.Tunnel or TunnelPart.Identity or TunnelPart.Link))
            .Entries.Select(entry => $"{entry.Key.Text} {YamlWriter.Line(entry.Value)}"));

    private static YamlMap Write(HostTunnel tunnel, IEnumerable<TunnelKey> keys)
    {
        var usual = HostTunnel.Default(tunnel.Name, tunnel.Spec.Mode);
        var entries = new List<YamlEntry>();
        foreach (var (key, _, part) in keys)
            if (key.Write(tunnel) is { } node && (key.Name == "mode" || YamlWriter.Differ(node, key.Write(usual))))
                entries.Add(new(key.Name, node));
        return new(entries);
    }
}
