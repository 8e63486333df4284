using Qanat.Cli.Declarative.Yaml;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Declarative.Keys;

/// <summary>The items of <c>fou-ports</c>: UDP ports that receive for tunnels.</summary>
internal static class FouKeys
{
    /// <summary>The key of the list.</summary>
    public const string Name = "fou-ports";

    private const string IPv4 = "inet", IPv6 = "inet6"; // the daemon's words

    /// <summary>What may be said about a port.</summary>
    public static KeyTable<FouPort> Table { get; } = new(
    [
        new ScalarKey<FouPort, int>("port", Values.Port, fou => fou.Port, (fou, port) => fou.Port = port),
        new ScalarKey<FouPort, string>(
            "type", Values.OneOf("fou", "gue"), fou => fou.Gue ? "gue" : "fou", (fou, type) => fou.Gue = type == "gue"),
        new OptionalKey<FouPort, byte>(
            "protocol", Values.Number<byte>(1, byte.MaxValue), fou => fou.Protocol, (fou, protocol) => fou.Protocol = protocol),
        new ScalarKey<FouPort, string>("family", Values.OneOf("ipv4", "ipv6"),
            fou => fou.Family == IPv6 ? "ipv6" : "ipv4", (fou, family) => fou.Family = family == "ipv6" ? IPv6 : IPv4),
        new ScalarKey<FouPort, string>("local", Values.AddressOrAny, fou => fou.Local, (fou, local) => fou.Local = local),
        new ScalarKey<FouPort, string>("peer", Values.AddressOrAny, fou => fou.Peer, (fou, peer) => fou.Peer = peer),
        new ScalarKey<FouPort, int>("peer-port", Values.Port, fou => fou.PeerPort, (fou, port) => fou.PeerPort = port),
        new ScalarKey<FouPort, string>("dev", Values.Device, fou => fou.Dev, (fou, dev) => fou.Dev = dev),
    ]);

    /// <summary>UDP ports, which all but what follows the UDP header tells from others.</summary>
    public static SettingKind<FouPort> Kind { get; } = new(
        "fou", Table, new() { Port = 0 }, fou => fou with { Gue = false, Protocol = null },
        (client, fou) => client.AddFouPort(fou), (client, fou) => client.DeleteFouPort(fou));

    /// <summary>Reads an item.</summary>
    public static void Read(YamlNode node, List<FouPort> ports, Mistakes mistakes)
    {
        if (node is not YamlMap map)
        {
            mistakes.Expect(node, Name, "a mapping with the key \"port\"");
            return;
        }
        var before = mistakes.Count;
        var port = new FouPort { Port = 0 };
        Table.Read(map, port, Name, mistakes);
        if (map.Find("family") is null && (Values.IsIPv6(port.Local) || Values.IsIPv6(port.Peer)))
            port.Family = IPv6;
        if (mistakes.Count > before)
            return;
        if (Contradiction(port, map) is { } wrong)
            mistakes.Add(map.Place, wrong);
        else if (ports.Exists(other => Kind.Identity(other) == Kind.Identity(port)))
            mistakes.Add(map.Place, $"{Name}: {Kind.Name(port)} is here a second time; once is expected");
        else
            ports.Add(port);
    }

    private static string? Contradiction(FouPort port, YamlMap map)
    {
        if (map.Find("port") is null)
            return $"{Name}: the key \"port\" is expected, and missing";
        if (!port.Gue && port.Protocol is null)
            return $"{Name}: the key \"protocol\" is expected, and missing; with \"type: gue\" there is none";
        if (port.Gue && port.Protocol is not null)
            return "protocol: none is expected beside \"type: gue\", for the GUE header tells it";
        if (port.Peer == "any" != (port.PeerPort == 0))
            return $"{Name}: \"peer\" and \"peer-port\" are expected together";
        var other = new[] { port.Local, port.Peer }.FirstOrDefault(end => end != "any" && Values.IsIPv6(end) != (port.Family == IPv6));
        return other is null ? null : $"{Name}: addresses of one family are expected, and {other} is of the other";
    }
}
