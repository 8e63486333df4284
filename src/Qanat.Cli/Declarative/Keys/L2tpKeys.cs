using Qanat.Cli.Declarative.Yaml;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Declarative.Keys;

/// <summary>The items of <c>l2tp-tunnels</c>: what the sessions of L2TPv3, which are tunnels of mode <c>l2tp</c>, belong to.</summary>
internal static class L2tpKeys
{
    /// <summary>The key of the list.</summary>
    public const string Name = "l2tp-tunnels";

    private static readonly L2tpTunnel Nothing = new() { TunnelId = 0, PeerTunnelId = 0, Local = "", Remote = "" };
    private static readonly string[] Required = ["tunnel-id", "peer-tunnel-id", "local", "remote"];

    /// <summary>What may be said about a tunnel.</summary>
    public static KeyTable<L2tpTunnel> Table { get; } = new(
    [
        new ScalarKey<L2tpTunnel, uint>("tunnel-id", Values.Identifier, l2tp => l2tp.TunnelId, (l2tp, id) => l2tp.TunnelId = id),
        new ScalarKey<L2tpTunnel, uint>(
            "peer-tunnel-id", Values.Identifier, l2tp => l2tp.PeerTunnelId, (l2tp, id) => l2tp.PeerTunnelId = id),
        new ScalarKey<L2tpTunnel, string>("local", Values.AddressText, l2tp => l2tp.Local, (l2tp, local) => l2tp.Local = local),
        new ScalarKey<L2tpTunnel, string>("remote", Values.AddressText, l2tp => l2tp.Remote, (l2tp, remote) => l2tp.Remote = remote),
        new ScalarKey<L2tpTunnel, string>("encap", Values.OneOf("udp", "ip"), l2tp => l2tp.Encap, (l2tp, encap) => l2tp.Encap = encap),
        new ScalarKey<L2tpTunnel, int>("source-port", Values.Port, l2tp => l2tp.SourcePort, (l2tp, port) => l2tp.SourcePort = port),
        new ScalarKey<L2tpTunnel, int>("port", Values.Port, l2tp => l2tp.DestinationPort, (l2tp, port) => l2tp.DestinationPort = port),
        new ScalarKey<L2tpTunnel, bool>("checksum", Values.Boolean, l2tp => l2tp.UdpChecksum, (l2tp, on) => l2tp.UdpChecksum = on),
        new ScalarKey<L2tpTunnel, bool>(
            "checksum6-tx", Values.Boolean, l2tp => l2tp.Udp6ChecksumTx, (l2tp, on) => l2tp.Udp6ChecksumTx = on),
        new ScalarKey<L2tpTunnel, bool>(
            "checksum6-rx", Values.Boolean, l2tp => l2tp.Udp6ChecksumRx, (l2tp, on) => l2tp.Udp6ChecksumRx = on),
    ]);

    /// <summary>L2TP's tunnels, which their own identifier tells from others.</summary>
    public static SettingKind<L2tpTunnel> Kind { get; } = new(
        "l2tp", Table, Nothing, l2tp => Nothing with { TunnelId = l2tp.TunnelId },
        (client, l2tp) => client.AddL2tpTunnel(l2tp), (client, l2tp) => client.DeleteL2tpTunnel(l2tp.TunnelId));

    /// <summary>Reads an item.</summary>
    public static void Read(YamlNode node, List<L2tpTunnel> tunnels, Mistakes mistakes)
    {
        if (node is not YamlMap map)
        {
            mistakes.Expect(node, Name, $"a mapping with the keys {string.Join(", ", Required)}");
            return;
        }
        var before = mistakes.Count;
        var tunnel = Nothing with { };
        Table.Read(map, tunnel, Name, mistakes);
        if (mistakes.Count > before)
            return;
        if (Contradiction(tunnel, map) is { } wrong)
            mistakes.Add(map.Place, wrong);
        else if (tunnels.Exists(other => other.TunnelId == tunnel.TunnelId))
            mistakes.Add(map.Place, $"{Name}: {Kind.Name(tunnel)} is here a second time; once is expected");
        else
            tunnels.Add(tunnel);
    }

    private static string? Contradiction(L2tpTunnel tunnel, YamlMap map)
    {
        var overUdp = tunnel.Encap == "udp";
        foreach (var key in overUdp ? [.. Required, "source-port", "port"] : Required)
            if (map.Find(key) is null)
                return $"{Name}: the key \"{key}\" is expected, and missing";
        if (!overUdp && tunnel.SourcePort + tunnel.DestinationPort > 0)
            return $"{Name}: no ports are expected beside \"encap: ip\"";
        return Values.IsIPv6(tunnel.Local) != Values.IsIPv6(tunnel.Remote)
            ? $"remote: an address of the family of {tunnel.Local} is expected rather than {tunnel.Remote}"
            : null;
    }
}
