using Qanat.Daemon.Api;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>Describes in users' words what belongs to some modes alone; null where nothing differs from the defaults.</summary>
internal static class SpecTexts
{
    public static GreSpec? Gre(GreParameters gre) => gre == GreParameters.None ? null : new()
    {
        InputKey = gre.InputKey,
        OutputKey = gre.OutputKey,
        InputChecksum = gre.InputChecksum,
        OutputChecksum = gre.OutputChecksum,
        InputSequence = gre.InputSequence,
        OutputSequence = gre.OutputSequence,
    };

    public static SitSpec? Sit(SitParameters sit) => IsDefault(sit) ? null : new()
    {
        Prefix = $"{sit.Prefix}/{sit.PrefixLength}",
        RelayPrefix = $"{sit.RelayPrefix}/{sit.RelayPrefixLength}",
        Routers = [.. sit.Routers.Select(router => new RouterSpec { Address = router.Address.ToString(), Default = router.IsDefault })],
    };

    public static IPv6TunnelSpec? IPv6(IPv6TunnelParameters ipv6) => ipv6 == IPv6TunnelParameters.Default ? null : new()
    {
        EncapLimit = ipv6.EncapLimit,
        FlowLabel = ipv6.FlowLabel,
        InheritFlowLabel = ipv6.InheritFlowLabel,
        InheritTrafficClass = ipv6.InheritTrafficClass,
        CopyDscp = ipv6.CopyDscp,
        AllowLocalRemote = ipv6.AllowLocalRemote,
    };

    public static EncapSpec? Encap(EncapParameters? encap) => encap is null ? null : new()
    {
        Type = encap.Type == EncapType.Fou ? "fou" : "gue",
        SourcePort = encap.SourcePort,
        DestinationPort = encap.DestinationPort,
        Checksum = encap.Checksum,
        Checksum6 = encap.Checksum6,
        RemoteChecksum = encap.RemoteChecksum,
    };

    public static VxlanSpec? Vxlan(VxlanParameters? vxlan) => vxlan is null ? null : new()
    {
        Id = vxlan.Id,
        Port = vxlan.Port,
        SourcePortMin = vxlan.SourcePortMin,
        SourcePortMax = vxlan.SourcePortMax,
        InheritTtl = vxlan.InheritTtl,
        Learning = vxlan.Learning,
        Ageing = vxlan.Ageing,
        MaxAddresses = vxlan.MaxAddresses,
        Checksum = vxlan.Checksum,
        NoChecksum6Tx = vxlan.NoChecksum6Tx,
        NoChecksum6Rx = vxlan.NoChecksum6Rx,
    };

    public static L2tpSpec? L2tp(L2tpParameters? l2tp) => l2tp is null ? null : new()
    {
        TunnelId = l2tp.TunnelId,
        SessionId = l2tp.SessionId,
        PeerSessionId = l2tp.PeerSessionId,
        Encap = l2tp.OverUdp ? "udp" : "ip",
        SourcePort = l2tp.SourcePort,
        DestinationPort = l2tp.DestinationPort,
        UdpChecksum = l2tp.UdpChecksum,
        Cookie = Hex(l2tp.Cookie),
        PeerCookie = Hex(l2tp.PeerCookie),
        L2SpecificType = l2tp.L2SpecificSublayer ? "default" : "none",
        Sequence = (l2tp.SendSequence, l2tp.ReceiveSequence) switch
        {
            (true, true) => "both",
            (true, false) => "send",
            (false, true) => "recv",
            _ => "none",
        },
    };

    public static string? Inner(InnerProtocol inner) => inner switch
    {
        InnerProtocol.Any => "any",
        InnerProtocol.IPv4 => "ipip",
        _ => null,
    };

    private static bool IsDefault(SitParameters sit) => // lists are equal only when they are the same one
        sit.Routers.Count == 0 && sit with { Routers = SitParameters.Default.Routers } == SitParameters.Default;

    private static string? Hex(ReadOnlyMemory<byte> cookie) => cookie.IsEmpty ? null : Convert.ToHexStringLower(cookie.Span);
}
