using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2;

/// <summary>Tunnels over IPv4 as <c>show</c> prints them.</summary>
/// <param name="output">Where they go.</param>
/// <param name="options">How.</param>
/// <param name="tos">Names of TOS values.</param>
/// <param name="palette">Colours.</param>
internal sealed class TunnelRenderer(TextWriter output, GlobalOptions options, DsFields tos, Palette palette)
    : TunnelPrinter(output, options)
{
    private readonly TextWriter _output = output;
    private readonly bool _numeric = options.Numeric;

    /// <summary>Prints one tunnel that was asked for by its mode. It is text whatever the options say, and has no counters.</summary>
    public void Single(TunnelReport tunnel)
    {
        Line(tunnel.Spec);
        _output.Write('\n');
    }

    /// <inheritdoc/>
    protected override void Line(TunnelSpec spec)
    {
        _output.Write(palette.Device($"{spec.Name}: "));
        _output.Write($"{Protocols(spec)} remote {palette.Address(spec.Remote + " ")}local {palette.Address(spec.Local)}");
        foreach (var router in Routers(spec))
            _output.Write($" {(router.Default ? "pdr" : "pr")} {router.Address}");
        if (spec.Dev is not null)
            _output.Write($" dev {spec.Dev}");
        _output.Write(spec.Ttl == 0 ? " ttl inherit" : $" ttl {spec.Ttl}");
        if (spec.Tos == 1)
            _output.Write(" tos inherit");
        else if ((spec.Tos & 1) != 0)
            _output.Write($" tos inherit/{tos.Text((byte)(spec.Tos & ~1), _numeric)}");
        else if (spec.Tos != 0)
            _output.Write($" tos {tos.Text(spec.Tos, _numeric)}");
        if (!spec.Pmtudisc)
            _output.Write(" nopmtudisc");
        foreach (var (name, address, length) in Prefixes(spec))
            _output.Write($" {name} {address}/{length}");
        if (Gre(spec) is { } gre)
            Gre(gre, header: spec.Mode == TunnelMode.Gre.Name);
    }

    /// <inheritdoc/>
    protected override void Members(JsonPrinter json, TunnelSpec spec)
    {
        json.String("ifname", spec.Name);
        json.String("mode", Protocols(spec));
        json.String("remote", spec.Remote == "any" ? "0.0.0.0" : spec.Remote);
        json.String("local", spec.Local == "any" ? "0.0.0.0" : spec.Local);
        foreach (var router in Routers(spec))
            json.String(router.Default ? "pdr" : "pr", router.Address);
        if (spec.Dev is not null)
            json.String("dev", spec.Dev);
        if (spec.Ttl != 0)
            json.Number("ttl", spec.Ttl);
        if (spec.Tos > 1)
            json.String("tos", tos.Text(spec.Tos, _numeric));
        if (!spec.Pmtudisc)
            json.Null("nopmtudisc");
        foreach (var (name, address, length) in Prefixes(spec))
        {
            json.String(name, address);
            json.Number(name + "len", length);
        }
        if (Gre(spec) is { } gre)
            Gre(json, gre, header: spec.Mode == TunnelMode.Gre.Name);
    }

    // By what is inside where a tunnel of `link` says more than its mode does.
    private static string Protocols(TunnelSpec spec) => spec.Inner switch
    {
        "any" => "any/ip",
        "ipip" => TunnelMode.Ipip.Protocols,
        _ => TunnelMode.Find(spec.Mode)?.Protocols ?? "unknown/ip",
    };

    // Those of isatap, the last that was added first, as the kernel lists them.
    private static IEnumerable<RouterSpec> Routers(TunnelSpec spec) =>
        spec.Mode == TunnelMode.Isatap.Name && spec.Sit is { } sit ? sit.Routers.Reverse() : [];

    // 6rd's of sit and isatap: none when the first has no length, and no second when it begins with zeros only.
    private static IEnumerable<(string Name, string Address, int Length)> Prefixes(TunnelSpec spec)
    {
        if (TunnelMode.Find(spec.Mode)?.Protocol != TunnelMode.Sit.Protocol || spec.Inner is not null)
            yield break;
        var sit = spec.Sit ?? new();
        var (address, length) = Split(sit.Prefix);
        if (length == 0)
            yield break;
        yield return ("6rd-prefix", address, length);
        (address, length) = Split(sit.RelayPrefix);
        if (address != "0.0.0.0")
            yield return ("6rd-relay_prefix", address, length);
    }

    private static (string Address, int Length) Split(string prefix) =>
        prefix.Split('/') is [var address, var text] && int.TryParse(text, out var length) ? (address, length) : (prefix, 0);

    // vti always has both keys, if only zeros. A group is the key of its tunnel, which sit keeps, though it has no use for it.
    private static GreSpec? Gre(TunnelSpec spec)
    {
        if (spec.Mode == TunnelMode.Gre.Name)
            return spec.Gre ?? new();
        if (spec.Mode == TunnelMode.Vti.Name)
            return new() { InputKey = spec.Gre?.InputKey ?? 0, OutputKey = spec.Gre?.OutputKey ?? 0 };
        return TunnelMode.Find(spec.Mode)?.BaseDevice == TunnelMode.Sit.BaseDevice &&
            Addresses.TryParseIPv4(spec.Remote, out var group) && group.IsMulticast
                ? new() { InputKey = group.Value, OutputKey = group.Value }
                : null;
    }
}
