using System.Text.Json;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Client;

/// <summary>Reads a tunnel's description (<see cref="TunnelSpec"/>), for <see cref="ReportReader"/>.</summary>
internal static class SpecReader
{
    /// <summary>Reads it.</summary>
    /// <exception cref="FormatException">It is none; other exceptions are <see cref="JsonElement"/>'s.</exception>
    public static TunnelSpec Read(JsonElement spec) => new()
    {
        Name = spec.Text("name") ?? "",
        Mode = spec.Text("mode") ?? throw new FormatException("The mode is missing."),
        Remote = spec.Text("remote") ?? "any",
        Local = spec.Text("local") ?? "any",
        Ttl = (byte)spec.Number("ttl", byte.MaxValue),
        Tos = (byte)spec.Number("tos", byte.MaxValue),
        Pmtudisc = spec.Flag("pmtudisc", otherwise: true),
        IgnoreDf = spec.Flag("ignoreDf"),
        Dev = spec.Text("dev"),
        Inner = spec.Text("inner"),
        Mark = (uint)spec.Number("mark", uint.MaxValue),
        Gre = spec.Member("gre") is { } gre ? Gre(gre) : null,
        Sit = spec.Member("sit") is { } sit ? Sit(sit) : null,
        IPv6 = spec.Member("ipv6") is { } ipv6 ? IPv6(ipv6) : null,
        Encap = spec.Member("encap") is { } encap ? Encap(encap) : null,
        Vxlan = spec.Member("vxlan") is { } vxlan ? Vxlan(vxlan) : null,
        L2tp = spec.Member("l2tp") is { } l2tp ? L2tp(l2tp) : null,
    };

    private static GreSpec Gre(JsonElement gre) => new()
    {
        InputKey = (uint?)gre.OptionalNumber("inputKey", uint.MaxValue),
        OutputKey = (uint?)gre.OptionalNumber("outputKey", uint.MaxValue),
        InputChecksum = gre.Flag("inputChecksum"),
        OutputChecksum = gre.Flag("outputChecksum"),
        InputSequence = gre.Flag("inputSequence"),
        OutputSequence = gre.Flag("outputSequence"),
    };

    private static SitSpec Sit(JsonElement sit)
    {
        var spec = new SitSpec();
        var routers = new List<RouterSpec>();
        if (sit.Member("routers") is { } list)
            foreach (var router in list.EnumerateArray())
                routers.Add(new() { Address = router.Text("address") ?? "any", Default = router.Flag("default") });
        return spec with
        {
            Prefix = sit.Text("prefix") ?? spec.Prefix,
            RelayPrefix = sit.Text("relayPrefix") ?? spec.RelayPrefix,
            Routers = routers,
        };
    }

    private static IPv6TunnelSpec IPv6(JsonElement ipv6) => new()
    {
        EncapLimit = (byte?)ipv6.OptionalNumber("encapLimit", byte.MaxValue),
        FlowLabel = (uint)ipv6.Number("flowLabel", uint.MaxValue),
        InheritFlowLabel = ipv6.Flag("inheritFlowLabel"),
        InheritTrafficClass = ipv6.Flag("inheritTrafficClass"),
        CopyDscp = ipv6.Flag("copyDscp"),
        AllowLocalRemote = ipv6.Flag("allowLocalRemote"),
    };

    private static EncapSpec Encap(JsonElement encap) => new()
    {
        Type = encap.Text("type") ?? throw new FormatException("The type is missing."),
        SourcePort = (ushort)encap.Number("sourcePort", ushort.MaxValue),
        DestinationPort = (ushort)encap.Number("destinationPort", ushort.MaxValue),
        Checksum = encap.Flag("checksum"),
        Checksum6 = encap.Flag("checksum6", otherwise: true),
        RemoteChecksum = encap.Flag("remoteChecksum"),
    };

    private static VxlanSpec Vxlan(JsonElement vxlan)
    {
        var spec = new VxlanSpec();
        return new()
        {
            Id = (uint)vxlan.Number("id", uint.MaxValue),
            Port = (ushort)vxlan.Number("port", ushort.MaxValue, spec.Port),
            SourcePortMin = (ushort)vxlan.Number("sourcePortMin", ushort.MaxValue),
            SourcePortMax = (ushort)vxlan.Number("sourcePortMax", ushort.MaxValue),
            InheritTtl = vxlan.Flag("inheritTtl"),
            Learning = vxlan.Flag("learning", spec.Learning),
            Ageing = (int)vxlan.Number("ageing", int.MaxValue, spec.Ageing),
            MaxAddresses = (int)vxlan.Number("maxAddresses", int.MaxValue),
            Checksum = vxlan.Flag("checksum"),
            NoChecksum6Tx = vxlan.Flag("noChecksum6Tx"),
            NoChecksum6Rx = vxlan.Flag("noChecksum6Rx"),
        };
    }

    private static L2tpSpec L2tp(JsonElement l2tp)
    {
        var spec = new L2tpSpec();
        return new()
        {
            TunnelId = (uint)l2tp.Number("tunnelId", uint.MaxValue),
            Encap = l2tp.Text("encap") ?? spec.Encap,
            SourcePort = (ushort)l2tp.Number("sourcePort", ushort.MaxValue),
            DestinationPort = (ushort)l2tp.Number("destinationPort", ushort.MaxValue),
            UdpChecksum = l2tp.Flag("udpChecksum"),
            SessionId = (uint)l2tp.Number("sessionId", uint.MaxValue),
            PeerSessionId = (uint)l2tp.Number("peerSessionId", uint.MaxValue),
            Cookie = l2tp.Text("cookie"),
            PeerCookie = l2tp.Text("peerCookie"),
            L2SpecificType = l2tp.Text("l2SpecificType") ?? spec.L2SpecificType,
            Sequence = l2tp.Text("sequence") ?? spec.Sequence,
        };
    }
}
