using System.CommandLine;
using System.CommandLine.Completions;
using System.Net.NetworkInformation;
using Qanat.Cli.Client;
using Qanat.Cli.Iproute2.Links;

namespace Qanat.Cli.Commands;

/// <summary>
/// What may come next in <c>qanat link</c>, <c>fou</c>, <c>l2tp</c> and <c>fdb</c>. The commands themselves never run here: iproute2's
/// grammar reads them.
/// </summary>
internal static class LinkCompletion
{
    private static readonly string[] Encap =
        ["encap", "noencap", "encap-sport", "encap-dport", "encap-csum", "noencap-csum", "encap-csum6", "noencap-csum6", "encap-remcsum"];

    private static readonly string[] IPv4 =
        ["remote", "local", "ttl", "tos", "pmtudisc", "nopmtudisc", "dev", "fwmark", .. Encap];

    private static readonly string[] IPv6 =
    [
        "remote", "local", "hoplimit", "encaplimit", "tclass", "flowlabel", "dscp", "allow-localremote", "noallow-localremote", "dev",
        "fwmark", .. Encap,
    ];

    private static readonly string[] Gre = ["key", "ikey", "okey", "seq", "iseq", "oseq", "csum", "icsum", "ocsum"];

    private static readonly string[] Vxlan =
    [
        "id", "remote", "group", "local", "dev", "dstport", "srcport", "ttl", "tos", "learning", "nolearning", "ageing", "maxaddress",
        "udpcsum", "noudpcsum", "udp6zerocsumtx", "udp6zerocsumrx",
    ];

    private static readonly string[] L2tpTunnel =
        ["local", "remote", "tunnel_id", "peer_tunnel_id", "encap", "udp_sport", "udp_dport", "udp_csum", "udp6_csum_tx", "udp6_csum_rx"];

    private static readonly string[] L2tpSession =
        ["name", "tunnel_id", "session_id", "peer_session_id", "cookie", "peer_cookie", "seq", "l2spec_type"];

    private static readonly string[] L2tpIdentifiers = ["tunnel_id", "session_id"];

    private static readonly string[] FouPort = ["port", "ipproto", "gue", "local", "peer", "peer_port", "dev"];

    private static readonly string[] FdbFilter = ["dev", "state", "dynamic"];

    private static readonly string[] FdbQuestion = ["dev", "self", "dynamic"];

    private static readonly string[] FdbFlush =
    [
        "dev", "self", "dst", "port", "vni", "permanent", "nopermanent", "static", "nostatic", "dynamic", "nodynamic", "extern_learn",
        "noextern_learn", "sticky", "nosticky",
    ];

    private static readonly string[] FdbEntry = ["dev", "dst", "port", "vni", "via", "self", "permanent", "static", "dynamic"];

    /// <summary>The commands, for their completions.</summary>
    public static IEnumerable<Command> Create(Session session) =>
    [
        Create("link", "Tunnels, in the words of \"ip link\"", ["add", "set", "change", "del", "show", "list", "help"],
            (verb, before) => Link(verb, before, session)),
        Create("fou", "UDP ports that receive for tunnels, in the words of \"ip fou\"", ["add", "del", "show", "help"], Fou),
        Create("l2tp", "Static tunnels of L2TPv3, in the words of \"ip l2tp\"", ["add", "del", "show", "help"], L2tp),
        Create("fdb", "Forwarding tables of VXLAN, in the words of \"bridge fdb\"",
            ["add", "append", "replace", "del", "show", "get", "flush", "help"], (verb, before) => Fdb(verb, before, session)),
    ];

    private static Command Create(
        string name, string description, string[] verbs, Func<string, string[], IEnumerable<string>> next)
    {
        var command = new Command(name, description);
        foreach (var verb in verbs)
        {
            var words = new Argument<string[]>("words");
            words.CompletionSources.Add(context => next(verb, Before(context, verb)));
            command.Subcommands.Add(new Command(verb) { words });
        }
        return command;
    }

    private static string[] Before(CompletionContext context, string verb)
    {
        string[] before = [.. context.ParseResult.Tokens.Select(token => token.Value).SkipWhile(word => word != verb).Skip(1)];
        return context.WordToComplete.Length > 0 ? before[..^1] : before;
    }

    private static IEnumerable<string> Link(string verb, string[] before, Session session) => (verb, before) switch
    {
        ("help", []) or (_, [.., "type"]) => LinkKind.Types,
        ("help", _) => [],
        (_, [.., "dev"]) => NetworkInterface.GetAllNetworkInterfaces().Select(device => device.Name),
        (_, [.., "encap"]) => ["fou", "gue", "none"],
        (_, [.., "encap-sport"]) => ["auto"],
        (_, [.., "remote" or "local"]) => ["any"],
        (_, [.., "ttl" or "tos" or "hoplimit" or "tclass" or "flowlabel" or "dscp"]) => ["inherit"],
        (not "add", []) => Names(session, _ => true).Append("type"),
        _ when Array.IndexOf(before, "type") is >= 0 and var at => OfType(before[at + 1]).Except(before),
        ("add", _) => ["name", "mtu", "address", "up", "type"],
        ("set" or "change", _) => ["up", "down", "mtu", "address", "type"],
        ("show" or "list", _) => ["up", "type"],
        _ => [],
    };

    private static string[] OfType(string type) => type switch
    {
        "ipip" => [.. IPv4, "mode"],
        "sit" => [.. IPv4, "mode", "isatap", "6rd-prefix", "6rd-relay_prefix", "6rd-reset"],
        "gre" or "gretap" => [.. IPv4, .. Gre, "ignore-df", "noignore-df"],
        "vti" or "vti6" => ["remote", "local", "key", "ikey", "okey", "dev", "fwmark"],
        "ip6tnl" => [.. IPv6, "mode"],
        "ip6gre" or "ip6gretap" => [.. IPv6, .. Gre],
        "vxlan" => Vxlan,
        _ => [],
    };

    private static IEnumerable<string> Fou(string verb, string[] before) => (verb, before) switch
    {
        ("show" or "help", _) or (_, [.., "port" or "peer_port" or "local" or "peer"]) => [],
        (_, [.., "ipproto"]) => ["4", "41", "47"],
        (_, [.., "dev"]) => NetworkInterface.GetAllNetworkInterfaces().Select(device => device.Name),
        ("add", _) => FouPort.Except(before),
        _ => FouPort.Except(["ipproto", "gue"]).Except(before),
    };

    private static IEnumerable<string> L2tp(string verb, string[] before) => (verb, before) switch
    {
        ("help", _) => [],
        (_, []) => ["tunnel", "session"],
        (_, [.., "encap"]) => ["udp", "ip"],
        (_, [.., "seq"]) => ["none", "send", "recv", "both"],
        (_, [.., "l2spec_type"]) => ["default", "none"],
        (_, [.., "udp_csum" or "udp6_csum_tx" or "udp6_csum_rx"]) => ["on", "off"],
        ("add", ["tunnel", ..]) => L2tpTunnel.Except(before),
        ("add", _) => L2tpSession.Except(before),
        _ => L2tpIdentifiers.Except(before),
    };

    private static IEnumerable<string> Fdb(string verb, string[] before, Session session) => (verb, before) switch
    {
        ("help", _) or (_, [.., "dst" or "port" or "vni"]) => [],
        (_, [.., "dev" or "brport"]) => Names(session, mode => mode == "vxlan"),
        (_, [.., "via"]) => NetworkInterface.GetAllNetworkInterfaces().Select(device => device.Name),
        ("show", _) => FdbFilter.Except(before),
        ("get", _) => FdbQuestion.Except(before),
        ("flush", _) => FdbFlush.Except(before),
        _ => FdbEntry.Except(before),
    };

    private static IEnumerable<string> Names(Session session, Func<string, bool> ofMode)
    {
        try
        {
            return [.. session.Connect().List().Where(tunnel => ofMode(tunnel.Spec.Mode)).Select(tunnel => tunnel.Spec.Name)];
        }
        catch (ApiException) // whoever presses a key wants words, no excuses
        {
            return [];
        }
    }
}
