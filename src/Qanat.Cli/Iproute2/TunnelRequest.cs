using Qanat.Daemon.Api;
using Qanat.Packets;

namespace Qanat.Cli.Iproute2;

/// <summary>What a command's words say about a tunnel over IPv4 (the kernel's <c>struct ip_tunnel_parm</c>).</summary>
internal sealed class TunnelRequest
{
    /// <summary>The device's name; empty when none was given.</summary>
    public string Name { get; set; } = "";

    /// <summary>The mode, given or told by the name; null when neither says.</summary>
    public TunnelMode? Mode { get; set; }

    /// <summary>The far end.</summary>
    public IPv4Address Remote { get; set; }

    /// <summary>Our end.</summary>
    public IPv4Address Local { get; set; }

    /// <summary>The underlay device that the tunnel is bound to.</summary>
    public string? Dev { get; set; }

    /// <summary>Outer TTL, 0 to inherit.</summary>
    public byte Ttl { get; set; }

    /// <summary>Outer TOS; bit 0 inherits.</summary>
    public byte Tos { get; set; }

    /// <summary>DF on every outer header.</summary>
    public bool Pmtudisc { get; set; } = true;

    /// <summary>Keys, checksums and sequence numbers.</summary>
    public GreOptions Gre { get; init; } = new();

    /// <summary>A tunnel that exists, as the words that would make it.</summary>
    public static TunnelRequest From(TunnelSpec spec) => new()
    {
        Name = spec.Name,
        Mode = TunnelMode.Find(spec.Mode),
        Remote = Addresses.TryParseIPv4(spec.Remote, out var remote) ? remote : IPv4Address.Any,
        Local = Addresses.TryParseIPv4(spec.Local, out var local) ? local : IPv4Address.Any,
        Dev = spec.Dev,
        Ttl = spec.Ttl,
        Tos = spec.Tos,
        Pmtudisc = spec.Pmtudisc,
        Gre = GreOptions.From(spec.Gre),
    };

    /// <summary>A new tunnel for the daemon.</summary>
    public TunnelSpec ToSpec() => Describe(new() { Name = Name, Mode = Mode!.Name });

    /// <summary>
    /// The same for one that exists and is to be changed: what these words cannot say stays as it is. So does the mode when
    /// another with the same protocol is asked for, as the kernel does not look at the rest.
    /// </summary>
    public TunnelSpec ToSpec(TunnelSpec existing) =>
        Describe(existing with { Mode = TunnelMode.Find(existing.Mode)?.Protocol == Mode!.Protocol ? existing.Mode : Mode.Name });

    /// <summary>True when a tunnel is one of those that these words ask for: what was left out is not compared.</summary>
    public bool Selects(TunnelRequest tunnel) =>
        (Name.Length == 0 || Name == tunnel.Name) &&
        (Dev is null || Dev == tunnel.Dev) &&
        (Remote.IsAny || Remote == tunnel.Remote) &&
        (Local.IsAny || Local == tunnel.Local) &&
        (Gre.InputKey == 0 || Gre.InputKey == tunnel.Gre.InputKey);

    /// <summary>True when a tunnel is the very one that these words describe without a name (ip_tunnel_find).</summary>
    public bool Identifies(TunnelRequest tunnel) =>
        (Mode?.BaseDevice, Remote, Local, Dev) == (tunnel.Mode?.BaseDevice, tunnel.Remote, tunnel.Local, tunnel.Dev) &&
        (Mode != TunnelMode.Gre || Gre.RequiredKey == tunnel.Gre.RequiredKey);

    // Of the options of GRE each mode keeps those it has; ipip and sit ignore them all (ipip_tunnel_ctl).
    private TunnelSpec Describe(TunnelSpec spec) => spec with
    {
        Remote = Text(Remote),
        Local = Text(Local),
        Dev = Dev,
        Ttl = Ttl,
        Tos = Tos,
        Pmtudisc = Pmtudisc,
        Gre = spec.Mode == TunnelMode.Gre.Name ? Gre.ToSpec() : spec.Mode == TunnelMode.Vti.Name ? Gre.KeysToSpec() : null,
    };

    private static string Text(IPv4Address address) => address.IsAny ? "any" : address.ToString();
}
