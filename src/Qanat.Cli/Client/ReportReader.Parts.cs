using System.Text.Json;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Client;

/// <summary>The parts of a description that some modes have.</summary>
internal static partial class ReportReader
{
    private static GreSpec Gre(JsonElement gre) => new()
    {
        InputKey = Optional(gre, "inputKey"),
        OutputKey = Optional(gre, "outputKey"),
        InputChecksum = Flag(gre, "inputChecksum"),
        OutputChecksum = Flag(gre, "outputChecksum"),
        InputSequence = Flag(gre, "inputSequence"),
        OutputSequence = Flag(gre, "outputSequence"),
    };

    private static SitSpec Sit(JsonElement sit) => new()
    {
        Prefix = Text(sit, "prefix") ?? "2002::/16",
        RelayPrefix = Text(sit, "relayPrefix") ?? "0.0.0.0/0",
        Routers = Member(sit, "routers") is { } routers ? [.. routers.EnumerateArray().Select(Router)] : [],
    };

    private static RouterSpec Router(JsonElement router) => new()
    {
        Address = Text(router, "address") ?? throw new FormatException("A router's address is missing."),
        Default = Flag(router, "default"),
    };

    private static IPv6TunnelSpec IPv6(JsonElement ipv6) => new()
    {
        EncapLimit = Member(ipv6, "encapLimit") is null ? null : (byte)Number(ipv6, "encapLimit", byte.MaxValue),
        FlowLabel = Whole(ipv6, "flowLabel"),
        InheritFlowLabel = Flag(ipv6, "inheritFlowLabel"),
        InheritTrafficClass = Flag(ipv6, "inheritTrafficClass"),
        CopyDscp = Flag(ipv6, "copyDscp"),
        AllowLocalRemote = Flag(ipv6, "allowLocalRemote"),
    };

    private static EncapSpec Encap(JsonElement encap) => new()
    {
        Type = Text(encap, "type") ?? throw new FormatException("The type of encap is missing."),
        SourcePort = Port(encap, "sourcePort"),
        DestinationPort = Port(encap, "destinationPort"),
        Checksum = Flag(encap, "checksum"),
        Checksum6 = Flag(encap, "checksum6", otherwise: true),
        RemoteChecksum = Flag(encap, "remoteChecksum"),
    };

    private static VxlanSpec Vxlan(JsonElement vxlan) => new()
    {
        Id = Whole(vxlan, "id"),
        Port = Member(vxlan, "port") is null ? new VxlanSpec().Port : Port(vxlan, "port"),
        SourcePortMin = Port(vxlan, "sourcePortMin"),
        SourcePortMax = Port(vxlan, "sourcePortMax"),
        InheritTtl = Flag(vxlan, "inheritTtl"),
        Learning = Flag(vxlan, "learning", otherwise: true),
        Ageing = Member(vxlan, "ageing") is null ? new VxlanSpec().Ageing : (int)Number(vxlan, "ageing", int.MaxValue),
        MaxAddresses = (int)Number(vxlan, "maxAddresses", int.MaxValue),
        Checksum = Flag(vxlan, "checksum"),
        NoChecksum6Tx = Flag(vxlan, "noChecksum6Tx"),
        NoChecksum6Rx = Flag(vxlan, "noChecksum6Rx"),
    };

    private static L2tpSpec L2tp(JsonElement l2tp) => new()
    {
        TunnelId = Whole(l2tp, "tunnelId"),
        SessionId = Whole(l2tp, "sessionId"),
        PeerSessionId = Whole(l2tp, "peerSessionId"),
        Cookie = Text(l2tp, "cookie"),
        PeerCookie = Text(l2tp, "peerCookie"),
        L2SpecificType = Text(l2tp, "l2SpecificType") ?? "default",
        Sequence = Text(l2tp, "sequence") ?? "none",
    };

    private static bool Flag(JsonElement element, string name, bool otherwise = false) => Member(element, name)?.GetBoolean() ?? otherwise;

    private static uint Whole(JsonElement element, string name) => (uint)Number(element, name, uint.MaxValue);

    private static uint? Optional(JsonElement element, string name) => Member(element, name) is null ? null : Whole(element, name);

    private static ushort Port(JsonElement element, string name) => (ushort)Number(element, name, ushort.MaxValue);
}
