using Qanat.Daemon.Api;
using Qanat.Packets;

namespace Qanat.Cli.Iproute2;

/// <summary>Flags of a tunnel over IPv6 (linux/ip6_tunnel.h: IP6_TNL_F_IGN_ENCAP_LIMIT and those that follow).</summary>
[Flags]
internal enum Tunnel6Flags
{
    None = 0,
    IgnoreEncapLimit = 0x1,
    UseOriginalTrafficClass = 0x2,
    UseOriginalFlowLabel = 0x4,
    ReceiveDscpCopy = 0x10,
    AllowLocalRemote = 0x40,
}

/// <summary>What a command's words say about a tunnel over IPv6 (the kernel's <c>struct ip6_tnl_parm2</c>).</summary>
internal sealed class Tunnel6Request
{
    /// <summary>Of a tunnel that is made, unless words say otherwise.</summary>
    private const byte DefaultHopLimit = 64, DefaultEncapLimit = 4;

    /// <summary>The device's name; empty when none was given.</summary>
    public string Name { get; set; } = "";

    /// <summary>The mode.</summary>
    public Tunnel6Mode Mode { get; set; } = Tunnel6Mode.Ip6ip6;

    /// <summary>The far end.</summary>
    public IPv6Address Remote { get; set; }

    /// <summary>Our end.</summary>
    public IPv6Address Local { get; set; }

    /// <summary>The underlay device that the tunnel is bound to.</summary>
    public string? Dev { get; set; }

    /// <summary>The encapsulation limit, unless a flag says that there is none.</summary>
    public byte EncapLimit { get; set; } = DefaultEncapLimit;

    /// <summary>Outer hop limit, 0 to inherit.</summary>
    public byte HopLimit { get; set; } = DefaultHopLimit;

    /// <summary>Outer traffic class; 0 when a flag says that it is inherited.</summary>
    public byte TrafficClass { get; set; }

    /// <summary>Outer flow label; 0 when a flag says that it is inherited.</summary>
    public uint FlowLabel { get; set; }

    /// <summary>What is on or off.</summary>
    public Tunnel6Flags Flags { get; private set; }

    /// <summary>Keys, checksums and sequence numbers.</summary>
    public GreOptions Gre { get; init; } = new();

    /// <summary>Words that select every tunnel.</summary>
    public static Tunnel6Request Everything => new() { Mode = Tunnel6Mode.Any, EncapLimit = 0, HopLimit = 0 };

    /// <summary>A tunnel that exists, as the words that would make it. Of vti6 the kernel keeps only addresses and keys.</summary>
    public static Tunnel6Request From(TunnelSpec spec)
    {
        var isVti = spec.Mode == Tunnel6Mode.Vti6.Name;
        var ipv6 = spec.IPv6 ?? new() { EncapLimit = isVti ? (byte)0 : DefaultEncapLimit };
        var request = new Tunnel6Request
        {
            Name = spec.Name,
            Mode = Tunnel6Mode.OfSpec(spec.Mode) ?? Tunnel6Mode.Any,
            Remote = Addresses.TryParseIPv6(spec.Remote, out var remote) ? remote : IPv6Address.Any,
            Local = Addresses.TryParseIPv6(spec.Local, out var local) ? local : IPv6Address.Any,
            Dev = spec.Dev,
            EncapLimit = ipv6.EncapLimit ?? 0,
            HopLimit = spec.Ttl,
            TrafficClass = ipv6.InheritTrafficClass ? (byte)0 : spec.Tos,
            FlowLabel = ipv6.InheritFlowLabel ? 0 : ipv6.FlowLabel,
            Gre = GreOptions.From(spec.Gre),
        };
        request.Set(Tunnel6Flags.IgnoreEncapLimit, ipv6.EncapLimit is null);
        request.Set(Tunnel6Flags.UseOriginalTrafficClass, ipv6.InheritTrafficClass);
        request.Set(Tunnel6Flags.UseOriginalFlowLabel, ipv6.InheritFlowLabel);
        request.Set(Tunnel6Flags.ReceiveDscpCopy, ipv6.CopyDscp);
        request.Set(Tunnel6Flags.AllowLocalRemote, ipv6.AllowLocalRemote);
        return request;
    }

    /// <summary>Sets or clears a flag.</summary>
    public void Set(Tunnel6Flags flag, bool on = true) => Flags = on ? Flags | flag : Flags & ~flag;

    /// <summary>True when a flag is set.</summary>
    public bool Has(Tunnel6Flags flag) => (Flags & flag) != 0;

    /// <summary>A new tunnel for the daemon.</summary>
    public TunnelSpec ToSpec() => Describe(new() { Name = Name, Mode = Mode.Name });

    /// <summary>The same for one that exists and is to be changed: what these words cannot say stays as it is.</summary>
    public TunnelSpec ToSpec(TunnelSpec existing) =>
        Describe(existing with { Mode = (Tunnel6Mode.OfSpec(existing.Mode)?.ChangedTo(Mode) ?? Mode).Name });

    /// <summary>True when a tunnel is one of those that these words ask for: what was left out is not compared.</summary>
    public bool Selects(Tunnel6Request tunnel) =>
        (Name.Length == 0 || Name == tunnel.Name) &&
        (Dev is null || Dev == tunnel.Dev) &&
        (Remote.IsAny || Remote == tunnel.Remote) &&
        (Local.IsAny || Local == tunnel.Local) &&
        (Mode.Protocol == 0 || tunnel.Mode.Protocol == 0 || Mode.Protocol == tunnel.Mode.Protocol) &&
        (EncapLimit == 0 || EncapLimit == tunnel.EncapLimit) &&
        (HopLimit == 0 || HopLimit == tunnel.HopLimit) &&
        (TrafficClass == 0 || TrafficClass == tunnel.TrafficClass) &&
        (FlowLabel == 0 || FlowLabel == tunnel.FlowLabel) &&
        (Flags == Tunnel6Flags.None || Has(tunnel.Flags));

    /// <summary>True when a tunnel is the very one that these words describe without a name (ip6_tnl_locate, ip6gre_tunnel_find).</summary>
    public bool Identifies(Tunnel6Request tunnel) =>
        (Mode.BaseDevice, Remote, Local, Dev) == (tunnel.Mode.BaseDevice, tunnel.Remote, tunnel.Local, tunnel.Dev) &&
        (Mode != Tunnel6Mode.Ip6gre || Gre.InputKey == tunnel.Gre.InputKey);

    // Each mode keeps what it has.
    private TunnelSpec Describe(TunnelSpec spec)
    {
        var ends = spec with { Remote = Text(Remote), Local = Text(Local), Dev = Dev };
        return spec.Mode == Tunnel6Mode.Vti6.Name ? ends with { Gre = Gre.KeysToSpec() } : ends with
        {
            Ttl = HopLimit,
            Tos = TrafficClass,
            Gre = spec.Mode == Tunnel6Mode.Ip6gre.Name ? Gre.ToSpec() : null,
            IPv6 = new()
            {
                EncapLimit = Has(Tunnel6Flags.IgnoreEncapLimit) ? null : EncapLimit,
                FlowLabel = FlowLabel,
                InheritTrafficClass = Has(Tunnel6Flags.UseOriginalTrafficClass),
                InheritFlowLabel = Has(Tunnel6Flags.UseOriginalFlowLabel),
                CopyDscp = Has(Tunnel6Flags.ReceiveDscpCopy),
                AllowLocalRemote = Has(Tunnel6Flags.AllowLocalRemote),
            },
        };
    }

    private static string Text(IPv6Address address) => address.IsAny ? "any" : address.ToString();
}
