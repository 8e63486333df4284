using System.Net.NetworkInformation;
using Qanat.Daemon.Api;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Iproute2.Links;

/// <summary>Tunnels as <c>link show</c> prints them.</summary>
/// <param name="output">Where they go.</param>
/// <param name="options">How.</param>
/// <param name="palette">Colours.</param>
internal sealed class LinkRenderer(TextWriter output, GlobalOptions options, Palette palette)
{
    private readonly string _lineEnd = options.Oneline ? "\\" : "\n";

    /// <summary>Prints a list, as JSON where the options say so.</summary>
    /// <param name="tunnels">The tunnels and their devices.</param>
    public void List(IEnumerable<(TunnelReport Tunnel, Link Device)> tunnels)
    {
        var json = new JsonPrinter(output, options.Pretty);
        if (options.Json)
            json.BeginArray();
        foreach (var (tunnel, device) in tunnels)
            if (options.Json)
                Object(json, tunnel, device);
            else
                Lines(tunnel, device);
        if (!options.Json)
            return;
        json.EndArray();
        output.Write('\n');
    }

    private void Lines(TunnelReport tunnel, Link device)
    {
        var kind = LinkKind.Of(tunnel.Spec);
        var (address, word, other) = Ends(tunnel.Spec, kind, device.Address);
        var parent = kind.HasParent ? $"@{tunnel.Spec.Dev ?? "NONE"}" : "";
        output.Write($"{device.Index}: {palette.Device(device.Name + parent)}: <{string.Join(',', LinkFlagNames.Of(device.Flags))}> ");
        output.Write($"mtu {device.Mtu} qdisc {device.QueueingDiscipline ?? "noop"} state {LinkFlagNames.Of(device.State)} ");
        output.Write($"mode DEFAULT group default qlen {device.TransmitQueueLength}{_lineEnd}");
        output.Write($"    link/{kind.LinkType} {palette.Address(address)} {word} {palette.Address(other)}");
        if (options.Details && kind.Type is not null)
        {
            output.Write($"{_lineEnd}    {kind.Type} ");
            new LinkDetails(new DetailWriter(output, null)).Write(tunnel.Spec);
        }
        if (options.Statistics)
            Counters(tunnel.Counters);
        output.Write('\n');
    }

    // The columns are as wide as the longest number of both rows wants them. What was dropped, and why, ip has no words for.
    private void Counters(CounterReport counters)
    {
        var drops = new DropCounts(counters);
        string[] titles = ["RX errors:", "packets", "errors", "dropped", "heartbt", "overrun"];
        long[] rx = [counters.RxBytes, counters.RxPackets, counters.RxErrors, drops.RxDropped, 0, counters.RxMulticast];
        long[] tx = [counters.TxBytes, counters.TxPackets, counters.TxErrors, drops.TxDropped, drops.CarrierErrors, drops.Collisions];
        var widths = titles.Select((title, i) => Math.Max(title.Length, Math.Max($"{rx[i]}".Length, $"{tx[i]}".Length))).ToArray();
        Row("RX: ", ["bytes", "packets", "errors", "dropped", "missed", "mcast"], rx);
        Row("TX: ", ["bytes", "packets", "errors", "dropped", "carrier", "collsns"], tx);
        if (drops.Reasons.Count > 0)
            output.Write($"{_lineEnd}    {drops.Line}");

        void Row(string direction, string[] names, long[] values)
        {
            output.Write($"{_lineEnd}    {direction}{names[0].PadLeft(widths[0] - direction.Length)}");
            for (var i = 1; i < names.Length; i++)
                output.Write($" {names[i].PadLeft(widths[i])}");
            output.Write($"{new string(' ', "compressed".Length + 1)}{_lineEnd}    ");
            for (var i = 0; i < values.Length; i++)
                output.Write($"{$"{values[i]}".PadLeft(widths[i])} ");
        }
    }

    private void Object(JsonPrinter json, TunnelReport tunnel, Link device)
    {
        var kind = LinkKind.Of(tunnel.Spec);
        var (address, word, other) = Ends(tunnel.Spec, kind, device.Address);
        json.BeginObject();
        json.Number("ifindex", device.Index);
        if (kind.HasParent && tunnel.Spec.Dev is { } parent)
            json.String("link", parent);
        else if (kind.HasParent)
            json.Null("link");
        json.String("ifname", device.Name);
        json.BeginArray("flags");
        foreach (var flag in LinkFlagNames.Of(device.Flags))
            json.Element(flag);
        json.EndArray();
        json.Number("mtu", device.Mtu);
        json.String("qdisc", device.QueueingDiscipline ?? "noop");
        json.String("operstate", LinkFlagNames.Of(device.State));
        json.String("linkmode", "DEFAULT");
        json.String("group", "default");
        json.Number("txqlen", device.TransmitQueueLength);
        json.String("link_type", kind.LinkType);
        json.String("address", address);
        if (word == "peer")
            json.Bool("link_pointtopoint", true);
        json.String("broadcast", other);
        if (options.Details && kind.Type is not null)
        {
            json.BeginObject("linkinfo");
            json.String("info_kind", kind.Type);
            json.BeginObject("info_data");
            new LinkDetails(new DetailWriter(output, json)).Write(tunnel.Spec);
            json.EndObject();
            json.EndObject();
        }
        if (options.Statistics)
            Counters(json, tunnel.Counters);
        json.EndObject();
    }

    private static void Counters(JsonPrinter json, CounterReport counters)
    {
        CounterPrinter.Stats64(json, counters);
        var drops = new DropCounts(counters);
        if (drops.Reasons.Count > 0)
            CounterPrinter.Drops(json, drops);
    }

    // Of tunnels that carry IP packets the ends are the link layer's addresses.
    private static (string Address, string Word, string Other) Ends(TunnelSpec spec, LinkKind kind, PhysicalAddress? address)
    {
        if (kind.IsEthernet)
            return (Ethernet(address), "brd", "ff:ff:ff:ff:ff:ff");
        var any = kind.OverIPv6 ? "::" : "0.0.0.0";
        var pointToPoint = spec.Remote != "any" && (!kind.OverIPv6 || spec.Local != "any");
        return (spec.Local == "any" ? any : spec.Local, pointToPoint ? "peer" : "brd", spec.Remote == "any" ? any : spec.Remote);
    }

    private static string Ethernet(PhysicalAddress? address) =>
        string.Join(':', (address?.GetAddressBytes() ?? new byte[6]).Select(value => $"{value:x2}"));
}
