using System.Globalization;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2.Xfrm;

/// <summary>What states and policies have in common when they are shown.</summary>
/// <param name="output">Where they go.</param>
/// <param name="options">How.</param>
/// <param name="protocols">Names of protocols.</param>
internal sealed class XfrmPrinter(TextWriter output, GlobalOptions options, ProtocolNames protocols)
{
    private const byte Icmp = 1, Gre = 47, IcmpV6 = 58, MobilityHeader = 135;

    private readonly string _lineEnd = options.Oneline ? "\\" : "\n";

    /// <summary>Whether counters are shown, and what is left out otherwise.</summary>
    public bool Statistics => options.Statistics;

    /// <summary>Writes a piece of a line.</summary>
    public void Write(string text) => output.Write(text);

    /// <summary>Writes the rest of a line.</summary>
    public void Line(string text = "")
    {
        output.Write(text);
        output.Write(_lineEnd);
    }

    /// <summary>Ends a record: one that takes a line ends it here.</summary>
    public void End()
    {
        if (options.Oneline)
            output.Write('\n');
    }

    /// <summary>Writes what names a state or a template, in two lines.</summary>
    /// <param name="indent">What the second line begins with.</param>
    /// <param name="source">Its source.</param>
    /// <param name="destination">Its destination.</param>
    /// <param name="protocol">Its protocol.</param>
    /// <param name="spi">Its index; null for none, unless counters are shown.</param>
    /// <param name="reqid">What it is called by.</param>
    /// <param name="mode">Its mode.</param>
    public void Name(string indent, string source, string destination, string protocol, uint? spi, uint reqid, string mode)
    {
        Line($"src {source} dst {destination}");
        Write($"{indent}proto {protocol} ");
        if (spi is not null || Statistics)
            Write(Statistics ? $"spi 0x{spi ?? 0:x8}({spi ?? 0}) " : $"spi 0x{spi:x8} ");
        Line($"reqid {reqid}{(Statistics ? $"(0x{reqid:x8})" : "")} mode {mode}");
    }

    /// <summary>Writes flags: <c>flag noecn esn</c>, with counters in bits as well.</summary>
    /// <param name="flags">Those that are set.</param>
    /// <param name="names">All of them; the first is bit 0.</param>
    public void Flags(string[] flags, string[] names)
    {
        if (flags.Length > 0 || Statistics)
            Write($"flag {string.Join(' ', names.Where(flags.Contains))}");
        if (Statistics)
            Write($" (0x{string.Concat(Enumerable.Range(0, 8).Select(i => IsSet(7 - i) ? '1' : '0'))})");
        Line();

        bool IsSet(int bit) => bit < names.Length && flags.Contains(names[bit]);
    }

    /// <summary>Writes a selector.</summary>
    public void Selector(XfrmSelectorSpec selector)
    {
        Write($"src {selector.Src} dst {selector.Dst} ");
        if (selector.Proto != 0)
            Write($"proto {protocols.Text(selector.Proto)} ");
        switch (selector.Proto)
        {
            case Icmp or IcmpV6 or MobilityHeader:
                Port("type", selector.Sport);
                Port("code", selector.Dport);
                break;
            case Gre when selector.Sport is not null || selector.Dport is not null:
                Write($"key {((uint)(selector.Sport ?? 0) << 16) | (uint)(selector.Dport ?? 0)} ");
                break;
            default:
                Port("sport", selector.Sport);
                Port("dport", selector.Dport);
                break;
        }
        if (selector.Dev is { } device)
            Write($"dev {device} ");
        Line(Statistics ? "uid 0" : "");
    }

    /// <summary>A mark: <c>0x5/0xff</c>.</summary>
    public static string Mark(XfrmMarkSpec mark) => $"{Number(mark.Value)}/{Number(mark.Mask)}";

    /// <summary>Writes limits, and what passed.</summary>
    public void Lifetime(XfrmLimitsSpec? limits, XfrmUsageReport usage)
    {
        var its = limits ?? new();
        Line("\tlifetime config:");
        Line($"\t  limit: soft {Limit(its.ByteSoft)}(bytes), hard {Limit(its.ByteHard)}(bytes)");
        Line($"\t  limit: soft {Limit(its.PacketSoft)}(packets), hard {Limit(its.PacketHard)}(packets)");
        Line($"\t  expire add: soft {its.TimeSoft}(sec), hard {its.TimeHard}(sec)");
        Line($"\t  expire use: soft {its.TimeUseSoft}(sec), hard {its.TimeUseHard}(sec)");
        Line("\tlifetime current:");
        Line($"\t  {usage.Bytes}(bytes), {usage.Packets}(packets)");
        Line($"\t  add {Time(usage.Added)} use {Time(usage.Used)}");
    }

    // C's %#x: nothing before 0.
    private static string Number(uint value) => value == 0 ? "0" : $"0x{value:x}";

    private void Port(string name, ushort? port)
    {
        if (port is { } number)
            Write($"{name} {number} ");
    }

    private static string Limit(ulong? limit) => limit?.ToString(CultureInfo.InvariantCulture) ?? "(INF)";

    private static string Time(long seconds) => seconds == 0
        ? "-"
        : DateTimeOffset.FromUnixTimeSeconds(seconds).ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
