using Qanat.Cli.Declarative.Yaml;
using Qanat.Daemon.Api;
using Qanat.Packets;

namespace Qanat.Cli.Declarative.Keys;

/// <summary>
/// Keys that a few modes have: 6rd, ISATAP's routers, options of IPv6, foo over UDP, L2TP. VXLAN's are in <see cref="VxlanKeys"/>.
/// </summary>
internal static class ModeKeys
{
    private const ModeSet IPv6Options = ModeSet.Ip6tnl | ModeSet.Ip6gre | ModeSet.Ip6gretap;

    /// <summary>The keys.</summary>
    public static IReadOnlyList<TunnelKey> All { get; } =
    [
        new(new GroupKey<HostTunnel, SitSpec>("6rd",
        [
            new ScalarKey<SitSpec, string>("prefix", Values.IPv6Prefix, sit => sit.Prefix, (sit, prefix) => sit.Prefix = prefix),
            new ScalarKey<SitSpec, string>(
                "relay-prefix", Values.IPv4Prefix, sit => sit.RelayPrefix, (sit, prefix) => sit.RelayPrefix = prefix),
        ], tunnel => tunnel.Spec.Sit ?? new(), () => new(), (tunnel, sit) => tunnel.Spec.Sit = sit), ModeSet.Sit),
        new(new ListKey<HostTunnel>("routers", "a list of potential routers", ReadRouter, WriteRouters), ModeSet.Isatap),
        IPv6("encap-limit", Values.NumberOr<int>(0, 255, "none", -1),
            ip => ip.EncapLimit ?? -1, (ip, limit) => ip.EncapLimit = limit < 0 ? null : (byte)limit),
        new(new FlowLabelKey(), IPv6Options),
        IPv6("copy-dscp", Values.Boolean, ip => ip.CopyDscp, (ip, on) => ip.CopyDscp = on),
        IPv6("allow-local-remote", Values.Boolean, ip => ip.AllowLocalRemote, (ip, on) => ip.AllowLocalRemote = on),
        new(new GroupKey<HostTunnel, EncapSpec>("encap",
        [
            new ScalarKey<EncapSpec, string>("type", Values.OneOf("fou", "gue"), encap => encap.Type, (encap, type) => encap.Type = type),
            Encap("port", Port(1), encap => encap.DestinationPort, (encap, port) => encap.DestinationPort = port),
            Encap("source-port", Port(0), encap => encap.SourcePort, (encap, port) => encap.SourcePort = port),
            Encap("checksum", Values.Boolean, encap => encap.Checksum, (encap, on) => encap.Checksum = on),
            Encap("checksum6", Values.Boolean, encap => encap.Checksum6, (encap, on) => encap.Checksum6 = on),
            Encap("remote-checksum", Values.Boolean, encap => encap.RemoteChecksum, (encap, on) => encap.RemoteChecksum = on),
        ], tunnel => tunnel.Spec.Encap, () => new() { Type = "" }, (tunnel, encap) => tunnel.Spec.Encap = encap, "type", "port"),
            ModeSet.Encapsulable),
        .. VxlanKeys.All,
        new(new GroupKey<HostTunnel, L2tpSpec>("l2tp",
        [
            L2tp("tunnel-id", Values.Identifier, session => session.TunnelId, (session, id) => session.TunnelId = id),
            L2tp("session-id", Values.Identifier, session => session.SessionId, (session, id) => session.SessionId = id),
            L2tp("peer-session-id", Values.Identifier, session => session.PeerSessionId, (session, id) => session.PeerSessionId = id),
            L2tp("cookie", Cookie, session => session.Cookie, (session, cookie) => session.Cookie = cookie),
            L2tp("peer-cookie", Cookie, session => session.PeerCookie, (session, cookie) => session.PeerCookie = cookie),
            L2tp("l2spec-type", Values.OneOf("default", "none"),
                session => session.L2SpecificType, (session, type) => session.L2SpecificType = type),
            L2tp("sequence", Values.OneOf("none", "send", "recv", "both"),
                session => session.Sequence, (session, way) => session.Sequence = way),
        ], tunnel => tunnel.Spec.L2tp, () => new(), (tunnel, session) => tunnel.Spec.L2tp = session,
            "tunnel-id", "session-id", "peer-session-id"), ModeSet.L2tp),
    ];

    private static ValueKind<string> Cookie => Values.Text(
        "8 or 16 hexadecimal digits, in quotes,", text => text.Length is 8 or 16 && text.All(char.IsAsciiHexDigit));

    private static ValueKind<ushort> Port(ushort min) => Values.Number(min, ushort.MaxValue);

    private static TunnelKey IPv6<V>(string name, ValueKind<V> kind, Func<IPv6TunnelSpec, V?> get, Action<IPv6TunnelSpec, V> set) =>
        TunnelKeys.Of(name, kind, spec => get(spec.IPv6 ?? Usual()), (spec, value) => set(spec.IPv6 ??= Usual(), value), IPv6Options);

    private static ScalarKey<EncapSpec, V> Encap<V>(string name, ValueKind<V> kind, Func<EncapSpec, V?> get, Action<EncapSpec, V> set) =>
        new(name, kind, get, set);

    private static ScalarKey<L2tpSpec, V> L2tp<V>(string name, ValueKind<V> kind, Func<L2tpSpec, V?> get, Action<L2tpSpec, V> set) =>
        new(name, kind, get, set);

    // What null stands for in a tunnel over IPv6.
    private static IPv6TunnelSpec Usual() => new() { EncapLimit = 4 };

    // An address, or one with the word of whether it may be a default router.
    private static readonly KeyTable<RouterSpec> RouterTable = new(
    [
        new ScalarKey<RouterSpec, string>(
            "address", RouterAddress, router => router.Address, (router, address) => router.Address = address),
        new ScalarKey<RouterSpec, bool>("default", Values.Boolean, router => router.Default, (router, on) => router.Default = on),
    ]);

    private static ValueKind<string> RouterAddress =>
        Values.Text("an IPv4 address", text => IPv4Address.TryParse(text, out var router) && !router.IsAny);

    private static void ReadRouter(YamlNode node, HostTunnel target, Mistakes mistakes)
    {
        var router = new RouterSpec { Address = "" };
        if (node is YamlMap map)
        {
            RouterTable.Read(map, router, "routers", mistakes);
            if (map.Find("address") is null)
                mistakes.Add(map.Place, "routers: the key \"address\" is expected, and missing");
        }
        else if (RouterAddress.TryRead(node, "routers", mistakes, out var address))
        {
            router.Address = address;
        }
        var known = target.Spec.Sit?.Routers ?? [];
        if (known.Any(other => other.Address == router.Address))
            mistakes.Add(node.Place, $"routers: {router.Address} is here a second time; once is expected");
        (target.Spec.Sit ??= new()).Routers = [.. known, router];
    }

    private static IEnumerable<YamlNode> WriteRouters(HostTunnel source) =>
        (source.Spec.Sit?.Routers ?? []).Select(router => router.Default
            ? (YamlNode)RouterTable.Write(router, new() { Address = "" })
            : new YamlScalar(router.Address));

    private sealed class FlowLabelKey() : Key<HostTunnel>("flow-label")
    {
        private static readonly ValueKind<int> Kind = Values.NumberOr(0, 0xFFFFF, "inherit", -1);

        public override void Read(YamlNode node, HostTunnel target, Mistakes mistakes)
        {
            if (!Kind.TryRead(node, Name, mistakes, out var label))
                return;
            var ip = target.Spec.IPv6 ??= Usual();
            (ip.InheritFlowLabel, ip.FlowLabel) = (label < 0, label < 0 ? 0 : (uint)label);
        }

        public override YamlNode Write(HostTunnel source) =>
            new YamlScalar(Kind.Text(source.Spec.IPv6 is not { } ip ? 0 : ip.InheritFlowLabel ? -1 : (int)ip.FlowLabel));
    }
}
