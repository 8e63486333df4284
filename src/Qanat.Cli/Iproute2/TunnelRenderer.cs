using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2;

/// <summary>Tunnels as <c>show</c> prints them.</summary>
/// <param name="output">Where they go.</param>
/// <param name="options">How.</param>
/// <param name="tos">Names of TOS values.</param>
/// <param name="palette">Colours.</param>
internal sealed class TunnelRenderer(TextWriter output, GlobalOptions options, DsFields tos, Palette palette)
{
    private readonly string _lineEnd = options.Oneline ? "\\" : "\n";

    /// <summary>Prints a list, with the counters or as JSON where the options say so.</summary>
    public void List(IEnumerable<TunnelReport> tunnels)
    {
        if (options.Json)
        {
            ListJson(tunnels);
            return;
        }
        foreach (var tunnel in tunnels)
        {
            Line(tunnel.Spec);
            if (options.Statistics)
                Counters(tunnel.Counters);
            output.Write('\n');
        }
    }

    /// <summary>Prints one tunnel that was asked for by its mode. It is text whatever the options say, and has no counters.</summary>
    public void Single(TunnelReport tunnel)
    {
        Line(tunnel.Spec);
        output.Write('\n');
    }

    private void Line(TunnelSpec spec)
    {
        output.Write(palette.Device($"{spec.Name}: "));
        output.Write($"{Protocols(spec)} remote {palette.Address(spec.Remote + " ")}local {palette.Address(spec.Local)}");
        if (spec.Dev is not null)
            output.Write($" dev {spec.Dev}");
        output.Write(spec.Ttl == 0 ? " ttl inherit" : $" ttl {spec.Ttl}");
        if (spec.Tos == 1)
            output.Write(" tos inherit");
        else if ((spec.Tos & 1) != 0)
            output.Write($" tos inherit/{tos.Text((byte)(spec.Tos & ~1), options.Numeric)}");
        else if (spec.Tos != 0)
            output.Write($" tos {tos.Text(spec.Tos, options.Numeric)}");
        if (!spec.Pmtudisc)
            output.Write(" nopmtudisc");
    }

    // Two blocks as the kernel's own tunnels have them, and a third when packets were dropped, which says why.
    private void Counters(CounterReport counters)
    {
        var drops = new DropCounts(counters);
        Row("RX: Packets    Bytes        Errors CsumErrs OutOfSeq Mcasts");
        Row(Columns(counters.RxPackets, counters.RxBytes, counters.RxErrors) + $"{drops.FrameErrors,-8} {0,-8} {0,-8}");
        Row("TX: Packets    Bytes        Errors DeadLoop NoRoute  NoBufs");
        Row(Columns(counters.TxPackets, counters.TxBytes, counters.TxErrors) +
            $"{drops.Collisions,-8} {drops.CarrierErrors,-8} {drops.TxDropped,-6}");
        if (drops.Reasons.Count > 0)
            Row($"Drops: {string.Join("  ", drops.Reasons.Select(drop => $"{drop.Key} {drop.Value}"))}");
    }

    private static string Columns(long packets, long bytes, long errors) => $"    {packets,-10} {bytes,-12} {errors,-6} ";

    private void Row(string text) => output.Write(_lineEnd + text);

    private void ListJson(IEnumerable<TunnelReport> tunnels)
    {
        var json = new JsonPrinter(output, options.Pretty);
        json.BeginArray();
        foreach (var tunnel in tunnels)
        {
            json.BeginObject();
            Members(json, tunnel.Spec);
            if (options.Statistics)
                Counters(json, tunnel.Counters);
            json.EndObject();
            output.Write('\n');
        }
        json.EndArray();
        output.Write('\n');
    }

    private void Members(JsonPrinter json, TunnelSpec spec)
    {
        json.String("ifname", spec.Name);
        json.String("mode", Protocols(spec));
        json.String("remote", spec.Remote == "any" ? "0.0.0.0" : spec.Remote);
        json.String("local", spec.Local == "any" ? "0.0.0.0" : spec.Local);
        if (spec.Dev is not null)
            json.String("dev", spec.Dev);
        if (spec.Ttl != 0)
            json.Number("ttl", spec.Ttl);
        if (spec.Tos > 1)
            json.String("tos", tos.Text(spec.Tos, options.Numeric));
        if (!spec.Pmtudisc)
            json.Null("nopmtudisc");
    }

    // iproute2 prints its text blocks in the midst of the JSON here. These are the members that "ip -s -j link" has.
    private static void Counters(JsonPrinter json, CounterReport counters)
    {
        var drops = new DropCounts(counters);
        json.BeginObject("stats64");
        json.BeginObject("rx");
        json.Number("bytes", counters.RxBytes);
        json.Number("packets", counters.RxPackets);
        json.Number("errors", counters.RxErrors);
        json.Number("dropped", drops.RxDropped);
        json.Number("frame_errors", drops.FrameErrors);
        json.EndObject();
        json.BeginObject("tx");
        json.Number("bytes", counters.TxBytes);
        json.Number("packets", counters.TxPackets);
        json.Number("errors", counters.TxErrors);
        json.Number("dropped", drops.TxDropped);
        json.Number("carrier_errors", drops.CarrierErrors);
        json.Number("collisions", drops.Collisions);
        json.EndObject();
        json.EndObject();
        json.BeginObject("drops");
        foreach (var (reason, count) in drops.Reasons)
            json.Number(reason, count);
        json.EndObject();
    }

    private static string Protocols(TunnelSpec spec) => TunnelMode.Find(spec.Mode)?.Protocols ?? "unknown/ip";
}
