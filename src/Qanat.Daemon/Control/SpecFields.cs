using Qanat.Daemon.Api;
using Qanat.Linux;
using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>Reads the members of a description that belong to some modes alone.</summary>
/// <param name="operation">What is being done, for errors.</param>
/// <param name="facts">The tunnel's mode.</param>
internal readonly struct SpecFields(string operation, ModeFacts facts)
{
    private const uint MaxVxlanId = (1 << 24) - 1, MaxFlowLabel = (1 << 20) - 1;

    /// <summary>What is thrown for a description that makes no sense.</summary>
    public LinuxException Wrong(string detail) => new(operation, Errno.EINVAL, detail);

    /// <summary>Reads an address of the family that the mode's outer header has, or <c>any</c>.</summary>
    public IpAddress Address(string field, string text)
    {
        if (text == "any")
            return IpAddress.Any(facts.OverIPv6 == true);
        if (IpAddress.TryParse(text, out var address) && (facts.OverIPv6 ?? address.IsIPv6) == address.IsIPv6)
            return address;
        var family = facts.OverIPv6 switch { true => "an IPv6", false => "an IPv4", _ => "an IP" };
        throw Wrong($"{field}: {family} address or \"any\" is expected rather than \"{text}\"");
    }

    /// <summary>Reads what a GRE header has. As with the kernel, where there is none a key is refused and flags mean nothing.</summary>
    public GreParameters Gre(TunnelMode mode, GreSpec? spec)
    {
        var hasHeader = mode is TunnelMode.Gre or TunnelMode.Gretap or TunnelMode.Ip6gre or TunnelMode.Ip6gretap;
        if (spec is null)
            return GreParameters.None;
        if (hasHeader)
            return new()
            {
                InputKey = spec.InputKey,
                OutputKey = spec.OutputKey,
                InputChecksum = spec.InputChecksum,
                OutputChecksum = spec.OutputChecksum,
                InputSequence = spec.InputSequence,
                OutputSequence = spec.OutputSequence,
            };
        if (mode is TunnelMode.Vti or TunnelMode.Vti6)
            return new() { InputKey = spec.InputKey, OutputKey = spec.OutputKey };
        return spec.InputKey is null && spec.OutputKey is null
            ? GreParameters.None
            : throw Wrong($"keys are not allowed with {facts.Word} tunnels");
    }

    /// <summary>Reads what sit and isatap have.</summary>
    public SitParameters Sit(SitSpec? spec)
    {
        if (spec is null)
            return SitParameters.Default;
        if (facts.Table != TunnelTableKind.Sit)
            throw Wrong($"sit: its members are not for {facts.Word}, but for sit and isatap");
        var parameters = SitRules.Set6rd(operation, SitParameters.Default, spec.Prefix, spec.RelayPrefix);
        foreach (var router in spec.Routers)
            parameters = SitRules.AddRouter(operation, parameters, router ?? throw Wrong("routers: a router is expected rather than null"));
        return parameters;
    }

    /// <summary>Reads what tunnels over IPv6 have.</summary>
    public IPv6TunnelParameters IPv6(IPv6TunnelSpec? spec)
    {
        if (spec is null)
            return IPv6TunnelParameters.Default;
        if (facts.OverIPv6 != true)
            throw Wrong($"ipv6: its members are not for {facts.Word}, but for tunnels over IPv6");
        if (spec.FlowLabel > MaxFlowLabel)
            throw Wrong($"flowLabel: a number from 0 to {MaxFlowLabel} is expected rather than {spec.FlowLabel}");
        return new()
        {
            EncapLimit = spec.EncapLimit,
            FlowLabel = spec.FlowLabel,
            InheritFlowLabel = spec.InheritFlowLabel,
            InheritTrafficClass = spec.InheritTrafficClass,
            CopyDscp = spec.CopyDscp,
            AllowLocalRemote = spec.AllowLocalRemote,
        };
    }

    /// <summary>Reads what the modes whose name does not say it all carry.</summary>
    public InnerProtocol Inner(TunnelMode mode, string? word) => (mode, word) switch
    {
        (_, null) => InnerProtocol.Own,
        (TunnelMode.Ipip or TunnelMode.Sit or TunnelMode.Isatap, "any") => InnerProtocol.Any,
        (TunnelMode.Sit or TunnelMode.Isatap, "ipip") => InnerProtocol.IPv4,
        _ => throw Wrong($"inner: \"{word}\" is not what {facts.Word} can carry"),
    };

    /// <summary>Reads the UDP header around a tunnel.</summary>
    public EncapParameters? Encap(TunnelMode mode, EncapSpec? spec)
    {
        if (spec is null)
            return null;
        if (mode is TunnelMode.Vti or TunnelMode.Vti6 or TunnelMode.Minimal or TunnelMode.Vxlan or TunnelMode.L2tp)
            throw Wrong($"encap: foo over UDP is not for {facts.Word}");
        var type = spec.Type switch
        {
            "fou" => EncapType.Fou,
            "gue" => EncapType.Gue,
            _ => throw Wrong($"encap: \"fou\" or \"gue\" is expected rather than \"{spec.Type}\""),
        };
        return new(type, spec.SourcePort, spec.DestinationPort, spec.Checksum, spec.Checksum6, spec.RemoteChecksum);
    }

    /// <summary>Reads a VXLAN network.</summary>
    public VxlanParameters? Vxlan(VxlanSpec? spec)
    {
        if (facts.Table != TunnelTableKind.Vxlan)
            return spec is null ? null : throw Wrong($"vxlan: its members are not for {facts.Word}");
        if (spec is null)
            throw Wrong("vxlan: a network needs its identifier");
        if (spec.Id > MaxVxlanId)
            throw Wrong($"id: a number from 0 to {MaxVxlanId} is expected rather than {spec.Id}");
        if (spec.Port == 0)
            throw Wrong("port: a number from 1 to 65535 is expected rather than 0");
        if (spec.SourcePortMin > spec.SourcePortMax)
            throw Wrong($"source ports: {spec.SourcePortMin} is more than {spec.SourcePortMax}");
        if (spec.Ageing < 0 || spec.MaxAddresses < 0)
            throw Wrong($"{(spec.Ageing < 0 ? "ageing" : "maxAddresses")}: a number from 0 up is expected");
        return new()
        {
            Id = spec.Id,
            Port = spec.Port,
            SourcePortMin = spec.SourcePortMin,
            SourcePortMax = spec.SourcePortMax,
            InheritTtl = spec.InheritTtl,
            Learning = spec.Learning,
            Ageing = spec.Ageing,
            MaxAddresses = spec.MaxAddresses,
            Checksum = spec.Checksum,
            NoChecksum6Tx = spec.NoChecksum6Tx,
            NoChecksum6Rx = spec.NoChecksum6Rx,
        };
    }

    /// <summary>Reads a session of L2TP.</summary>
    public L2tpParameters? L2tp(L2tpSpec? spec)
    {
        if (facts.Table != TunnelTableKind.L2tp)
            return spec is null ? null : throw Wrong($"l2tp: its members are not for {facts.Word}");
        if (spec is null)
            throw Wrong("l2tp: a session needs its identifiers");
        if (spec.TunnelId == 0 || spec.SessionId == 0 || spec.PeerSessionId == 0)
            throw Wrong("l2tp: an identifier is a number from 1 up");
        return new()
        {
            TunnelId = spec.TunnelId,
            SessionId = spec.SessionId,
            PeerSessionId = spec.PeerSessionId,
            OverUdp = spec.Encap switch
            {
                "udp" => true,
                "ip" => false,
                _ => throw Wrong($"encap: \"udp\" or \"ip\" is expected rather than \"{spec.Encap}\""),
            },
            SourcePort = spec.SourcePort,
            DestinationPort = spec.DestinationPort,
            UdpChecksum = spec.UdpChecksum,
            Cookie = Cookie("cookie", spec.Cookie),
            PeerCookie = Cookie("peerCookie", spec.PeerCookie),
            L2SpecificSublayer = spec.L2SpecificType switch
            {
                "default" => true,
                "none" => false,
                _ => throw Wrong($"l2SpecificType: \"default\" or \"none\" is expected rather than \"{spec.L2SpecificType}\""),
            },
            SendSequence = Sequence(spec.Sequence, "send"),
            ReceiveSequence = Sequence(spec.Sequence, "recv"),
        };
    }

    private byte[] Cookie(string field, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return [];
        return text.Length is 8 or 16 && text.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(text)
            : throw Wrong($"{field}: 8 or 16 hexadecimal digits are expected rather than \"{text}\"");
    }

    private bool Sequence(string words, string direction) => words is "none" or "send" or "recv" or "both"
        ? words == direction || words == "both"
        : throw Wrong($"sequence: \"none\", \"send\", \"recv\" or \"both\" is expected rather than \"{words}\"");
}
