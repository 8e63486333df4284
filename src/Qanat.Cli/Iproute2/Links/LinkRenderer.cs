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
            if (options.Json && options.Brief)
                BriefObject(json, tunnel, device);
            else if (options.Json)
                Object(json, tunnel, device);
            else if (options.Brief)
                BriefLine(tunnel, device);
            else
                Lines(tunnel, device);
        if (!options.Json)
            return;
        json.EndArray();
        output.Write('\n');
    }

    private void BriefLine(TunnelReport tunnel, Link device)
    {
        var kind = LinkKind.Of(tunnel.Spec);
        var (address, _, _) = Ends(tunnel.Spec, kind, device.Address);
        output.Write($"{palette.Device(NameOf(tunnel, device, kind).PadRight(16))} {LinkFlagNames.Of(device.State),-14} ");
        output.Write($"{palette.Address(address)} {FlagsOf(device)} \n");
    }

    private void Lines(TunnelReport tunnel, Link device)
    {
        var kind = LinkKind.Of(tunnel.Spec);
        var (address, word, other) = Ends(tunnel.Spec, kind, device.Address);
        output.Write($"{device.Index}: {palette.Device(NameOf(tunnel, device, kind))}: {FlagsOf(device)} ");
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
        long[] errors = [drops.CrcErrors, drops.FrameErrors, drops.FifoErrors];
        var widths = titles.Select((title, i) => Math.Max(title.Length, Math.Max($"{rx[i]}".Length, $"{tx[i]}".Length))).ToArray();
        for (var i = 0; i < errors.Length && options.MoreStatistics; i++)
            widths[i + 2] = Math.Max(widths[i + 2], $"{errors[i]}".Length);
        Row("RX: ", ["bytes", "packets", "errors", "dropped", "missed", "mcast"], rx, " ".PadRight("compressed".Length + 1));
        if (options.MoreStatistics)
            Errors("RX errors:", ["length", "crc", "frame", "fifo", "overrun"], [0, .. errors, 0]);
        Row("TX: ", ["bytes", "packets", "errors", "dropped", "carrier", "collsns"], tx, " ".PadRight("compressed".Length + 1));
        if (options.MoreStatistics)
            Errors("TX errors:", ["aborted", "fifo", "window", "heartbt", "transns"], new long[5]);
        if (drops.Reasons.Count > 0)
            output.Write($"{_lineEnd}    {drops.Line}");

        // The kinds of errors begin in the second column.
        void Errors(string title, string[] names, long[] values) => Row(title, ["", .. names], values, "", first: 1);

        void Row(string direction, string[] names, long[] values, string end, int first = 0)
        {
            output.Write($"{_lineEnd}    {direction}{names[0].PadLeft(widths[0] - direction.Length)}");
            for (var i = 1; i < names.Length; i++)
                output.Write($" {names[i].PadLeft(widths[i])}");
            output.Write($"{end}{_lineEnd}    {(first == 0 ? "" : new string(' ', widths[0] + 1))}");
            for (var i = 0; i < values.Length; i++)
                output.Write($"{$"{values[i]}".PadLeft(widths[i + first])} ");
        }
    }

    private static void BriefObject(JsonPrinter json, TunnelReport tunnel, Link device)
    {
        var kind = LinkKind.Of(tunnel.Spec);
        json.BeginObject();
        Name(json, tunnel, device, kind);
        json.String("operstate", LinkFlagNames.Of(device.State));
        json.String("address", Ends(tunnel.Spec, kind, device.Address).Address);
        Flags(json, device);
        json.EndObject();
    }

    private void Object(JsonPrinter json, TunnelReport tunnel, Link device)
    {
        var kind = LinkKind.Of(tunnel.Spec);
        var (address, word, other) = Ends(tunnel.Spec, kind, device.Address);
        json.BeginObject();
        json.Number("ifindex", device.Index);
        Name(json, tunnel, device, kind);
        Flags(json, device);
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

    private static void Name(JsonPrinter json, TunnelReport tunnel, Link device, LinkKind kind)
    {
        if (kind.HasParent && tunnel.Spec.Dev is { } parent)
            json.String("link", parent);
        else if (kind.HasParent)
            json.Null("link");
        json.String("ifname", device.Name);
    }

    private static void Flags(JsonPrinter json, Link device)
    {
        json.BeginArray("flags");
        foreach (var flag in LinkFlagNames.Of(device.Flags))
            json.Element(flag);
        json.EndArray();
    }

    private void Counters(JsonPrinter json, CounterReport counters)
    {
        CounterPrinter.Stats64(json, counters, options.MoreStatistics);
        var drops = new DropCounts(counters);
        if (drops.Reasons.Count > 0)
            CounterPrinter.Drops(json, drops);
    }

    private static string NameOf(TunnelReport tunnel, Link device, LinkKind kind) =>
        device.Name + (kind.HasParent ? $"@{tunnel.Spec.Dev ?? "NONE"}" : "");

    private static string FlagsOf(Link device) => $"<{string.Join(',', LinkFlagNames.Of(device.Flags))}>";

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
