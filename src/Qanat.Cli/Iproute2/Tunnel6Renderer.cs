using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2;

/// <summary>Tunnels over IPv6 as <c>-6 tunnel show</c> prints them.</summary>
/// <param name="output">Where they go.</param>
/// <param name="options">How.</param>
/// <param name="palette">Colours.</param>
internal sealed class Tunnel6Renderer(TextWriter output, GlobalOptions options, Palette palette) : TunnelPrinter(output, options)
{
    private readonly TextWriter _output = output;

    /// <summary>Prints one tunnel that was asked for by its name. It is text whatever the options say, and its line has no end.</summary>
    public void Single(TunnelReport tunnel) => Line(tunnel.Spec);

    /// <inheritdoc/>
    protected override void Line(TunnelSpec spec)
    {
        var tunnel = Tunnel6Request.From(spec);
        _output.Write(palette.Device($"{tunnel.Name}: "));
        _output.Write($"{tunnel.Mode.Protocols} remote {palette.Address6($"{tunnel.Remote} ")}local {palette.Address6($"{tunnel.Local}")}");
        if (tunnel.Dev is not null)
            _output.Write($" dev {tunnel.Dev}");
        _output.Write(tunnel.Has(Tunnel6Flags.IgnoreEncapLimit) ? " encaplimit none" : $" encaplimit {tunnel.EncapLimit}");
        _output.Write(tunnel.HopLimit == 0 ? " hoplimit inherit" : $" hoplimit {tunnel.HopLimit}");
        _output.Write($" tclass {(tunnel.Has(Tunnel6Flags.UseOriginalTrafficClass) ? "inherit" : TrafficClass(tunnel))}");
        _output.Write($" flowlabel {(tunnel.Has(Tunnel6Flags.UseOriginalFlowLabel) ? "inherit" : FlowLabel(tunnel))}");
        _output.Write($" (flowinfo {FlowInfo(tunnel)})");
        if (tunnel.Has(Tunnel6Flags.ReceiveDscpCopy))
            _output.Write(" dscp inherit");
        if (tunnel.Has(Tunnel6Flags.AllowLocalRemote))
            _output.Write(" allow-localremote");
        if (Gre(spec) is { } gre)
            Gre(gre, header: tunnel.Mode == Tunnel6Mode.Ip6gre);
    }

    /// <inheritdoc/>
    protected override void Members(JsonPrinter json, TunnelSpec spec)
    {
        var tunnel = Tunnel6Request.From(spec);
        json.String("ifname", tunnel.Name);
        json.String("mode", tunnel.Mode.Protocols);
        json.String("remote", tunnel.Remote.ToString());
        json.String("local", tunnel.Local.ToString());
        if (tunnel.Dev is not null)
            json.String("link", tunnel.Dev);
        if (tunnel.Has(Tunnel6Flags.IgnoreEncapLimit))
            json.Null("ip6_tnl_f_ign_encap_limit");
        else
            json.Number("encap_limit", tunnel.EncapLimit);
        if (tunnel.HopLimit != 0)
            json.Number("hoplimit", tunnel.HopLimit);
        if (tunnel.Has(Tunnel6Flags.UseOriginalTrafficClass))
            json.Null("ip6_tnl_f_use_orig_tclass");
        else
            json.String("tclass", TrafficClass(tunnel));
        if (tunnel.Has(Tunnel6Flags.UseOriginalFlowLabel))
            json.Null("ip6_tnl_f_use_orig_flowlabel");
        else
            json.String("flowlabel", FlowLabel(tunnel));
        json.String("flowinfo", FlowInfo(tunnel));
        if (tunnel.Has(Tunnel6Flags.ReceiveDscpCopy))
            json.Null("ip6_tnl_f_rcv_dscp_copy");
        if (tunnel.Has(Tunnel6Flags.AllowLocalRemote))
            json.Null("ip6_tnl_f_allow_local_remote");
        if (Gre(spec) is { } gre)
            Gre(json, gre, header: tunnel.Mode == Tunnel6Mode.Ip6gre);
    }

    private static string TrafficClass(Tunnel6Request tunnel) => $"0x{tunnel.TrafficClass:x2}";

    private static string FlowLabel(Tunnel6Request tunnel) => $"0x{tunnel.FlowLabel:x5}";

    // Both, where the IPv6 header has them.
    private static string FlowInfo(Tunnel6Request tunnel) => $"0x{((uint)tunnel.TrafficClass << 20) | tunnel.FlowLabel:x8}";

    // vti6 has no key where the key is 0.
    private static GreSpec? Gre(TunnelSpec spec) =>
        spec.Mode == Tunnel6Mode.Ip6gre.Name ? spec.Gre ?? new()
        : spec.Mode == Tunnel6Mode.Vti6.Name ? new() { InputKey = NotZero(spec.Gre?.InputKey), OutputKey = NotZero(spec.Gre?.OutputKey) }
        : null;

    private static uint? NotZero(uint? key) => key == 0 ? null : key;
}
