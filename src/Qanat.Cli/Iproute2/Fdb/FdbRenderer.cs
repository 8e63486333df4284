using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2.Fdb;

/// <summary>Entries of forwarding tables as <c>show</c> prints them.</summary>
/// <param name="output">Where they go.</param>
/// <param name="options">How.</param>
/// <param name="withDevice">Whether each tells its device.</param>
internal sealed class FdbRenderer(TextWriter output, GlobalOptions options, bool withDevice)
{
    /// <summary>Prints a list, as JSON where the options say so.</summary>
    public void List(IReadOnlyList<(string Device, FdbEntry Entry)> entries)
    {
        var json = new JsonPrinter(output, options.Pretty);
        if (options.Json)
            json.BeginArray();
        foreach (var (device, entry) in entries)
            if (options.Json)
                Object(json, device, entry);
            else
                Line(device, entry);
        if (!options.Json)
            return;
        json.EndArray();
        output.Write('\n');
    }

    private void Line(string device, FdbEntry entry)
    {
        output.Write($"{entry.Mac} ");
        if (withDevice)
            output.Write($"dev {device} ");
        output.Write($"dst {entry.Dst} ");
        if (entry.Port is { } port)
            output.Write($"port {port} ");
        if (entry.Vni is { } vni)
            output.Write($"vni {vni} ");
        if (entry.Via is { } via)
            output.Write($"via {via} ");
        if (options.Statistics)
            output.Write($"used {entry.Used}/{entry.Updated} ");
        output.Write($"{string.Join(' ', Flags(entry))} {State(entry)}\n");
    }

    private void Object(JsonPrinter json, string device, FdbEntry entry)
    {
        json.BeginObject();
        json.String("mac", entry.Mac);
        if (withDevice)
            json.String("ifname", device);
        json.String("dst", entry.Dst);
        if (entry.Port is { } port)
            json.Number("port", port);
        if (entry.Vni is { } vni)
            json.Number("vni", vni);
        if (entry.Via is { } via)
            json.String("viaIf", via);
        if (options.Statistics)
        {
            json.Number("used", entry.Used);
            json.Number("updated", entry.Updated);
        }
        json.BeginArray("flags");
        foreach (var flag in Flags(entry))
            json.Element(flag);
        json.EndArray();
        json.String("state", State(entry));
        json.EndObject();
    }

    private static IEnumerable<string> Flags(FdbEntry entry)
    {
        yield return "self";
        if (entry.ExternLearn)
            yield return "extern_learn";
        if (entry.Sticky)
            yield return "sticky";
    }

    // A dynamic one has no word.
    private static string State(FdbEntry entry) => entry.State == "dynamic" ? "" : entry.State;
}
