using Qanat.Daemon.WireGuard.Sight;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Qanat.Cli.Sight;

/// <summary>The view as tables. What others wrote is shown as text, never as markup, and without control characters.</summary>
/// <param name="width">Columns of the terminal.</param>
/// <param name="height">Its lines; null for as many as there are.</param>
/// <param name="time">The clock.</param>
internal sealed class TopTables(int width, int? height, TimeProvider time)
{
    // What a peer's line takes with all of its columns, and what stands around the lines of the peers.
    private const int FullWidth = 150, LinesOfInterface = 4;

    private bool IsWide => width >= FullWidth;

    /// <summary>The tables.</summary>
    public IRenderable Draw(TopView view)
    {
        List<IRenderable> parts = [];
        var room = height - 1 - view.Silent.Count - LinesOfInterface * view.Interfaces.Count -
            (view.Tunnels.Count > 0 ? view.Tunnels.Count + 3 : 0);
        foreach (var report in view.Interfaces)
        {
            var shown = Math.Min(report.Peers.Count, room is { } left ? Math.Max(left, 1) : int.MaxValue);
            room -= shown;
            parts.Add(Title(report));
            parts.Add(Peers(report.Peers.Take(shown)));
            if (shown < report.Peers.Count)
                parts.Add(Cell($"and {report.Peers.Count - shown} more"));
            parts.Add(Text.Empty);
        }
        parts.AddRange(view.Silent.Select(silent => Cell($"{silent.Interface}: {silent.Reason}")));
        if (view.Tunnels.Count > 0)
            parts.Add(Tunnels(view.Tunnels));
        if (view.IsEmpty)
            parts.Add(Cell("There is no WireGuard interface, and no tunnel."));
        return new Rows(parts);
    }

    private static Text Title(InterfaceReport report)
    {
        var state = report.Up switch { true => "up, ", false => "down, ", _ => "" };
        var port = report.ListenPort == 0 ? "" : $"port {report.ListenPort}, ";
        var peers = $"{report.Peers.Count} peer{(report.Peers.Count == 1 ? "" : "s")}";
        var rates = $"in {Amounts.Rate(Sum(peer => peer.RxBytesPerSecond))}, out {Amounts.Rate(Sum(peer => peer.TxBytesPerSecond))}";
        var drops = report.Drops.Count == 0 ? "" : $", dropped: {Reasons(report.Drops)}";
        return Cell($"{report.Interface}  {state}{port}{peers}, {rates}{drops}", Decoration.Bold);

        double? Sum(Func<PeerReport, double?> rate) => report.Peers.Any(peer => rate(peer) is not null) ? report.Peers.Sum(rate) : null;
    }

    private Table Peers(IEnumerable<PeerReport> peers)
    {
        var table = Begin(["peer", "endpoint", .. IsWide ? ["allowed ips"] : Array.Empty<string>(), "handshake"],
            ["rtt", "in", "out", .. IsWide ? ["received", "sent"] : Array.Empty<string>()], "dropped");
        var now = time.GetUtcNow();
        foreach (var peer in peers)
        {
            string[] cells =
            [
                peer.Name ?? (IsWide ? peer.PublicKey : $"{peer.PublicKey[..Math.Min(8, peer.PublicKey.Length)]}…"),
                peer.Endpoint ?? "-",
                .. IsWide ? [string.Join(' ', peer.AllowedIps.Take(3)) + (peer.AllowedIps.Count > 3 ? " …" : "")] : Array.Empty<string>(),
                Amounts.Handshake(peer.LastHandshake, peer.PostQuantum is true, now),
                Amounts.Rtt(peer.RttSeconds),
                Amounts.Rate(peer.RxBytesPerSecond),
                Amounts.Rate(peer.TxBytesPerSecond),
                .. IsWide ? [Amounts.Bytes(peer.RxBytes), Amounts.Bytes(peer.TxBytes)] : Array.Empty<string>(),
                Reasons(peer.Drops),
            ];
            table.AddRow(cells.Select(cell => Cell(cell)));
        }
        return table;
    }

    private static Table Tunnels(IEnumerable<TunnelView> tunnels)
    {
        var table = Begin(["tunnel", "mode", "remote", "state"], ["in", "out", "received", "sent"], "dropped");
        foreach (var tunnel in tunnels)
        {
            string[] cells =
            [
                tunnel.Name, tunnel.Mode, tunnel.Remote, tunnel.Up ? "up" : "down",
                Amounts.Rate(tunnel.RxBytesPerSecond), Amounts.Rate(tunnel.TxBytesPerSecond),
                Amounts.Bytes(tunnel.Counters.RxBytes), Amounts.Bytes(tunnel.Counters.TxBytes), Reasons(tunnel.Counters.Drops),
            ];
            table.AddRow(cells.Select(cell => Cell(cell)));
        }
        return table;
    }

    private static Table Begin(IEnumerable<string> words, IEnumerable<string> numbers, string last)
    {
        var table = new Table { Border = TableBorder.None };
        foreach (var word in words)
            table.AddColumn(Column(word));
        foreach (var number in numbers)
            table.AddColumn(Column(number).RightAligned());
        return table.AddColumn(Column(last));
    }

    private static TableColumn Column(string name) => new(Cell(name, Decoration.Dim)) { NoWrap = true, Padding = new Padding(0, 0, 2, 0) };

    private static string Reasons(IReadOnlyDictionary<string, long> drops) =>
        string.Join(", ", drops.OrderByDescending(drop => drop.Value).Select(drop => $"{drop.Key} {drop.Value}"));

    private static Text Cell(string text, Decoration decoration = Decoration.None) =>
        new(string.Concat(text.Where(character => !char.IsControl(character))), new Style(decoration: decoration))
        {
            Overflow = Overflow.Ellipsis,
        };
}
