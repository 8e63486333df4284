using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2;

/// <summary>Tunnels as <c>show</c> prints them: what those over IPv4 and those over IPv6 have in common.</summary>
/// <param name="output">Where they go.</param>
/// <param name="options">How.</param>
internal abstract class TunnelPrinter(TextWriter output, GlobalOptions options)
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
                CounterPrinter.Text(tunnel.Counters, Row);
            output.Write('\n');
        }
    }

    /// <summary>A tunnel's line, and those below that belong to it, without the last one's end.</summary>
    protected abstract void Line(TunnelSpec spec);

    /// <summary>The members of its JSON object.</summary>
    protected abstract void Members(JsonPrinter json, TunnelSpec spec);

    /// <summary>The keys, and for a mode with a GRE header a line for each of its other fields.</summary>
    protected void Gre(GreSpec gre, bool header)
    {
        if (gre.InputKey is { } key && gre.OutputKey == key)
            output.Write($" key {key}");
        else
            output.Write((gre.InputKey is { } input ? $" ikey {input}" : "") + (gre.OutputKey is { } outer ? $" okey {outer}" : ""));
        foreach (var (_, text) in header ? GreFields(gre) : [])
            Row(text);
    }

    /// <summary>The same as members of a JSON object.</summary>
    protected static void Gre(JsonPrinter json, GreSpec gre, bool header)
    {
        if (gre.InputKey is { } key && gre.OutputKey == key)
        {
            json.Number("key", key);
        }
        else
        {
            if (gre.InputKey is { } input)
                json.Number("ikey", input);
            if (gre.OutputKey is { } outer)
                json.Number("okey", outer);
        }
        if (!header)
            return;
        json.BeginArray("flags");
        foreach (var (flag, _) in GreFields(gre))
            json.Element(flag);
        json.EndArray();
    }

    private static IEnumerable<(string Flag, string Text)> GreFields(GreSpec gre)
    {
        if (gre.InputSequence)
            yield return ("rx_drop_ooseq", "  Drop packets out of sequence.");
        if (gre.InputChecksum)
            yield return ("rx_csum", "  Checksum in received packet is required.");
        if (gre.OutputSequence)
            yield return ("tx_seq", "  Sequence packets on output.");
        if (gre.OutputChecksum)
            yield return ("tx_csum", "  Checksum output packets.");
    }

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
                CounterPrinter.Json(json, tunnel.Counters);
            json.EndObject();
            output.Write('\n');
        }
        json.EndArray();
        output.Write('\n');
    }
}
