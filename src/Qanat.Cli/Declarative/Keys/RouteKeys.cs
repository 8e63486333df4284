using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using Qanat.Cli.Declarative.Yaml;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Declarative.Keys;

/// <summary>The items of <c>routes</c>.</summary>
internal static class RouteKeys
{
    // What needs no device, a blackhole for one, is no route of a tunnel's.
    private static readonly (RouteType Type, string Word)[] Types =
    [
        (RouteType.Unicast, "unicast"), (RouteType.Local, "local"), (RouteType.Broadcast, "broadcast"),
        (RouteType.Multicast, "multicast"), (RouteType.Anycast, "anycast"),
    ];

    private static readonly (RouteScope? Scope, string Word)[] Scopes =
        [(RouteScope.Universe, "global"), (RouteScope.Link, "link"), (RouteScope.Host, "host")];

    private static readonly ValueKind<IPNetwork?> Destination = new(
        "a destination such as 10.0.0.0/8 without bits beyond its prefix, or default,", TryParseDestination,
        value => value!.Value.ToString());

    private static readonly ValueKind<RouteType> TypeWord = Word(Types);
    private static readonly ValueKind<RouteScope?> ScopeWord = Word(Scopes);

    private static readonly ValueKind<RouteTableId> TableNumber = new(
        $"a number from 1 to {uint.MaxValue} other than 255, which is the kernel's,", TryParseTable, value => Values.Decimal((uint)value));

    /// <summary>What may be said about a route.</summary>
    public static KeyTable<HostRoute> Table { get; } = new(
    [
        new ScalarKey<HostRoute, IPNetwork?>("to", Destination, route => route.To, (route, value) => route.To = value),
        new ScalarKey<HostRoute, IPAddress>("via", Values.Address, route => route.Via, (route, value) => route.Via = value),
        new ScalarKey<HostRoute, bool>("on-link", Values.Boolean, route => route.OnLink, (route, value) => route.OnLink = value),
        new ScalarKey<HostRoute, uint>("metric", Any<uint>(), route => route.Metric, (route, value) => route.Metric = value),
        new ScalarKey<HostRoute, RouteTableId>("table", TableNumber, route => route.Table, (route, value) => route.Table = value),
        new ScalarKey<HostRoute, RouteType>("type", TypeWord, route => route.Type, (route, value) => route.Type = value),
        new ScalarKey<HostRoute, RouteScope?>("scope", ScopeWord, route => route.Scope, (route, value) => route.Scope = value),
        new ScalarKey<HostRoute, IPAddress>("from", Values.Address, route => route.From, (route, value) => route.From = value),
        new ScalarKey<HostRoute, byte>("tos", Any<byte>(), route => route.Tos, (route, value) => route.Tos = value),
        new ScalarKey<HostRoute, int>("mtu", Values.Number(0, 65535), route => route.Mtu, (route, value) => route.Mtu = value),
        new ScalarKey<HostRoute, uint>(
            "congestion-window", Any<uint>(), route => route.CongestionWindow, (route, value) => route.CongestionWindow = value),
        new ScalarKey<HostRoute, uint>(
            "advertised-receive-window", Any<uint>(), route => route.ReceiveWindow, (route, value) => route.ReceiveWindow = value),
        new ScalarKey<HostRoute, uint>("advertised-mss", Any<uint>(), route => route.Mss, (route, value) => route.Mss = value),
    ]);

    /// <summary>True for the types that <c>type</c> has words for.</summary>
    public static bool IsRouteType(RouteType type) => Types.Any(pair => pair.Type == type);

    /// <summary>Reads an item.</summary>
    public static void Read(YamlNode node, HostTunnel tunnel, Mistakes mistakes)
    {
        if (node is not YamlMap map)
        {
            mistakes.Expect(node, "routes", "a mapping with the key to");
            return;
        }
        var before = mistakes.Count;
        var route = new HostRoute();
        Table.Read(map, route, "routes", mistakes);
        if (map.Find("to") is null)
            mistakes.Add(map.Place, "routes: the key \"to\" is expected, and missing");
        if (mistakes.Count > before)
            return;
        route = route.Completed();
        if (Contradiction(route) is { } wrong)
            mistakes.Add(map.Place, wrong);
        else if (tunnel.Routes.Contains(route))
            mistakes.Add(map.Place, $"routes: {route} is here a second time; once is expected");
        else
            tunnel.Routes.Add(route);
    }

    /// <summary>The item for a route.</summary>
    public static YamlMap Write(HostRoute route) => Table.Write(route, Usual(route));

    /// <summary>A route in a line.</summary>
    public static string Text(HostRoute route)
    {
        var words = Table.Write(route, Usual(route)).Entries.Skip(1).Select(word => $" {word.Key.Text} {YamlWriter.Line(word.Value)}");
        return string.Concat(words.Prepend(route.To!.Value.ToString()));
    }

    // What a route with this destination, type and gateway has when nothing more is said of it.
    private static HostRoute Usual(HostRoute route)
    {
        var usual = new HostRoute { To = route.To, Type = route.Type, Via = route.Via }.Completed();
        return usual with { To = null, Type = RouteType.Unicast, Via = null };
    }

    private static string? Contradiction(HostRoute route)
    {
        var family = route.To!.Value.BaseAddress.AddressFamily;
        if (route.OnLink && route.Via is null)
            return "on-link: it says that the gateway is on the link, so \"via\" is expected as well";
        if (route.Via is { } via && via.AddressFamily != family && family == AddressFamily.InterNetworkV6)
            return $"via: an IPv6 address is expected rather than {via}";
        return route.From is { } from && from.AddressFamily != family
            ? $"from: an address of the family of {route.To} is expected rather than {from}"
            : null;
    }

    private static ValueKind<V> Any<V>() where V : struct, IBinaryInteger<V>, IMinMaxValue<V> =>
        Values.Number(V.MinValue, V.MaxValue);

    private static ValueKind<V> Word<V>((V Value, string Word)[] words)
    {
        return new(
            Values.Alternatives([.. words.Select(pair => pair.Word)]), TryParse,
            value => words.First(pair => EqualityComparer<V>.Default.Equals(pair.Value, value)).Word);

        bool TryParse(string text, [MaybeNullWhen(false)] out V value)
        {
            var found = words.FirstOrDefault(pair => pair.Word == text);
            value = found.Value;
            return found.Word is not null;
        }
    }

    private static bool TryParseDestination(string text, out IPNetwork? value)
    {
        value = null;
        if (text == "default")
            return true;
        if (!text.Contains('/', StringComparison.Ordinal))
        {
            var valid = Values.TryParseAddress(text, out var address);
            value = valid ? new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128) : null;
            return valid;
        }
        if (!Values.TryParseNetwork(text, out var network))
            return false;
        value = network;
        return true;
    }

    private static bool TryParseTable(string text, out RouteTableId value)
    {
        var valid = Values.TryParseNumber(text, out uint number) && number != 0;
        value = (RouteTableId)number;
        return valid && value != RouteTableId.Local;
    }
}
