using System.Text.Encodings.Web;
using System.Text.Json;
using Qanat.Hosts;
using Qanat.Packets;

namespace Qanat.Cli.Commands;

/// <summary>Prints what a host answers, a line each. Under a flood most lines are left out, and said to be.</summary>
/// <param name="output">Where they go.</param>
/// <param name="json">Whether each is a JSON object, and none is left out.</param>
/// <param name="quiet">Whether there are none but the last.</param>
/// <param name="mac">The host's own Ethernet address.</param>
/// <param name="time">The clock.</param>
internal sealed class EchoPrinter(TextWriter output, bool json, bool quiet, MacAddress mac, TimeProvider time) : IHostObserver
{
    /// <summary>Lines that a second has.</summary>
    public const int LinesPerSecond = 20;

    private long _second = time.GetTimestamp();
    private int _lines;
    private long _leftOut;

    /// <summary>Answers so far.</summary>
    public long Answered { get; private set; }

    /// <inheritdoc/>
    public void OnExchange(in Exchange exchange)
    {
        if (!exchange.Event.IsAnswer())
            return;
        Answered++;
        if (quiet)
            return;
        if (json)
            output.Write(Json(exchange));
        else if (_lines++ < LinesPerSecond)
            output.Write(Text(exchange) + "\n");
        else
            _leftOut++;
    }

    /// <summary>Ends a second, when one is over: tells what was left out in it. True then.</summary>
    public bool Tick()
    {
        if (time.GetElapsedTime(_second) < TimeSpan.FromSeconds(1))
            return false;
        _second = time.GetTimestamp();
        TellLeftOut();
        return true;
    }

    /// <summary>Prints what was, in all.</summary>
    public void Summarize(Host host)
    {
        TellLeftOut();
        output.Write(json ? JsonSummary(host) : TextSummary(host));
    }

    private void TellLeftOut()
    {
        if (_leftOut > 0)
            output.Write($"... and {_leftOut} more within that second\n");
        (_lines, _leftOut) = (0, 0);
    }

    private string Text(in Exchange exchange)
    {
        var icmp = exchange.Source.IsIPv6 ? "ICMPv6" : "ICMP";
        var hardware = exchange.Hardware == default ? "" : $" ({exchange.Hardware})";
        var where = hardware.Length > 0 ? $"at {mac}" : "here";
        var echo = $"from {exchange.Source}, id {exchange.Identifier}, seq {exchange.SequenceNumber}";
        return exchange.Event switch
        {
            HostEvent.ArpReply => $"ARP who has {exchange.Target}, from {exchange.Source}{hardware}: told it is at {mac}",
            HostEvent.NeighborAdvertisement =>
                $"ICMPv6 neighbour solicitation for {exchange.Target}, from {exchange.Source}{hardware}: told it is {where}",
            HostEvent.EchoReply => $"{icmp} echo request {echo}, {exchange.Length} bytes: answered",
            HostEvent.TimestampReply => $"{icmp} timestamp request {echo}: answered",
            HostEvent.PortUnreachable => $"UDP from {exchange.Source} to port {exchange.Port}: {icmp} port unreachable",
            HostEvent.Reset => $"TCP from {exchange.Source} to port {exchange.Port}: reset",
            HostEvent.ProtocolUnreachable => exchange.Source.IsIPv6
                ? $"IPv6 next header {(int)exchange.Protocol} from {exchange.Source}: ICMPv6 parameter problem"
                : $"IP protocol {(int)exchange.Protocol} from {exchange.Source}: ICMP protocol unreachable",
            _ => $"{(exchange.Source.IsIPv6 ? "IPv6" : "IP")} header or option from {exchange.Source}: {icmp} parameter problem",
        };
    }

    private static string TextSummary(Host host)
    {
        var passedOver = Sum(host, answers: false);
        return $"{host.Counters.Received} packets: {Sum(host, answers: true)} answered{Names(host, answers: true)}, " +
            $"{passedOver} not{Names(host, answers: false)}\n" +
            (host.Refused > 0 ? $"{host.Refused} answers were not taken by the device.\n" : "") +
            (host.ReassemblyFailures > 0 ? $"{host.ReassemblyFailures} fragmented packets did not become whole.\n" : "");
    }

    private static string Names(Host host, bool answers)
    {
        var parts = Events(host, answers).Select(what => $"{what} {host.Counters[what]}");
        return string.Join(", ", parts) is { Length: > 0 } text ? $" ({text})" : "";
    }

    private static long Sum(Host host, bool answers) => Events(host, answers).Sum(what => host.Counters[what]);

    private static IEnumerable<HostEvent> Events(Host host, bool answers) =>
        Enum.GetValues<HostEvent>().Where(what => what.IsAnswer() == answers && host.Counters[what] > 0);

    private static string Json(Exchange exchange) => Json(writer =>
    {
        writer.WriteString("event", $"{exchange.Event}");
        writer.WriteString("source", $"{exchange.Source}");
        writer.WriteString("target", $"{exchange.Target}");
        if (exchange.Hardware != default)
            writer.WriteString("lladdr", $"{exchange.Hardware}");
        if (exchange.Event is HostEvent.ArpReply)
            return;
        writer.WriteNumber("protocol", (int)exchange.Protocol);
        if (exchange.Event is HostEvent.EchoReply or HostEvent.TimestampReply)
        {
            writer.WriteNumber("id", exchange.Identifier);
            writer.WriteNumber("seq", exchange.SequenceNumber);
        }
        if (exchange.Event is HostEvent.PortUnreachable or HostEvent.Reset)
            writer.WriteNumber("port", exchange.Port);
        writer.WriteNumber("length", exchange.Length);
    });

    private static string JsonSummary(Host host) => Json(writer =>
    {
        writer.WriteString("event", "Summary");
        writer.WriteNumber("received", host.Counters.Received);
        writer.WriteNumber("refused", host.Refused);
        writer.WriteNumber("reassemblyFailures", host.ReassemblyFailures);
        writer.WriteStartObject("counters");
        foreach (var what in Enum.GetValues<HostEvent>().Where(what => host.Counters[what] > 0))
            writer.WriteNumber($"{what}", host.Counters[what]);
        writer.WriteEndObject();
    });

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }
}
