using System.Globalization;
using System.Net;
using System.Text;
using Qanat.WireGuard.Configuration;

namespace Qanat.Vpn;

/// <summary>
/// Draws a network: the peers on the left, the hub in the middle, on the right what peers reach through it. The same network is
/// always the same picture.
/// </summary>
public static class VpnGraph
{
    private const int Margin = 24, Row = 56, BoxHeight = 44, PeerWidth = 300, HubWidth = 260, PlaceWidth = 300, Gap = 120, Head = 56;
    private const int PeerLeft = Margin, HubLeft = PeerLeft + PeerWidth + Gap, PlaceLeft = HubLeft + HubWidth + Gap;
    private const int Width = PlaceLeft + PlaceWidth + Margin;

    private const string Style =
        "text{font:14px system-ui,sans-serif;fill:#1f2933}.t{font-size:18px;font-weight:600}.n{font-weight:600}" +
        ".s{font-size:12px;fill:#52606d}rect{stroke-width:1.5;fill:#f0f6ff;stroke:#2b6cb0}" +
        ".hub{fill:#2b6cb0}.hub+text,.hub+text+text{fill:#fff}.place{fill:#f3faf3;stroke:#2f855a}" +
        ".gone{fill:#f5f5f5;stroke:#9aa5b1;stroke-dasharray:4 3}path{fill:none;stroke:#7b8794;stroke-width:1.5}" +
        ".off{stroke:#cbd2d9;stroke-dasharray:4 3}";

    /// <summary>The picture, as SVG 1.1 that stands alone.</summary>
    /// <param name="network">The network.</param>
    /// <param name="now">The time, by which peers have expired.</param>
    public static string Svg(VpnNetwork network, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(network);
        VpnPeer[] peers = [.. network.At(now).Peers];
        var places = Places(network);
        var rows = Math.Max(1, Math.Max(peers.Length, places.Count));
        var height = Margin + Head + rows * Row + Margin;
        var svg = new StringBuilder();
        Line(svg, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" width="{Width}" height="{height}">""");
        Line(svg, $"<title>{Escape(network.Name)}</title>");
        Line(svg, $"<style>{Style}</style>");
        Line(svg, $"""<rect width="{Width}" height="{height}" style="fill:#fff;stroke:none"/>""");
        Text(svg, "t", PeerLeft, Margin + 18, $"{network.Name}: {string.Join(", ", network.Subnets)}");
        var middle = Margin + Head + rows * Row / 2;
        for (var i = 0; i < peers.Length; i++)
            Curve(svg, peers[i].HasExpired, PeerLeft + PeerWidth, Center(i, peers.Length, rows), HubLeft, middle);
        for (var i = 0; i < places.Count; i++)
            Curve(svg, false, HubLeft + HubWidth, middle, PlaceLeft, Center(i, places.Count, rows));
        for (var i = 0; i < peers.Length; i++)
            Peer(svg, network, peers[i], Center(i, peers.Length, rows));
        Box(svg, "hub", HubLeft, HubWidth, middle, $"hub, {network.Endpoint}", string.Join(", ", network.Addresses.Select(a => a.Address)));
        for (var i = 0; i < places.Count; i++)
            Box(svg, "place", PlaceLeft, PlaceWidth, Center(i, places.Count, rows), places[i].Name, places[i].Words);
        return svg.Append("</svg>\n").ToString();
    }

    private static List<(string Name, string Words)> Places(VpnNetwork network) => network.Access switch
    {
        VpnAccess.Internet => [("internet", "masqueraded by the hub")],
        VpnAccess.Intranet { Prefixes: var prefixes } => [.. prefixes.Select(prefix => (prefix.ToString(), "intranet"))],
        _ => [],
    };

    private static void Peer(StringBuilder svg, VpnNetwork network, VpnPeer peer, int center)
    {
        var name = peer.HasExpired ? $"{peer.Name} (expired)" : peer.Former is null ? peer.Name : $"{peer.Name} (two keys)";
        IEnumerable<AllowedIp> through = VpnClientFile.Through(network, peer);
        var words = string.Join(", ", peer.Addresses) + (peer.Split is null ? "" : $" sends {string.Join(", ", through)}");
        Box(svg, peer.HasExpired ? "gone" : "peer", PeerLeft, PeerWidth, center, name, words);
    }

    // Fewer boxes than rows stand in the middle.
    private static int Center(int index, int count, int rows) => Margin + Head + (rows - count) * Row / 2 + index * Row + Row / 2;

    private static void Box(StringBuilder svg, string kind, int left, int width, int center, string name, string words)
    {
        var top = center - BoxHeight / 2;
        Line(svg, $"<g><title>{Escape($"{name}: {words}")}</title>");
        Line(svg, $"""<rect class="{kind}" x="{left}" y="{top}" width="{width}" height="{BoxHeight}" rx="8"/>""");
        Text(svg, "n", left + 12, top + 19, Cut(name, width / 9));
        Text(svg, "s", left + 12, top + 36, Cut(words, width / 7));
        Line(svg, $"</g>");
    }

    private static void Curve(StringBuilder svg, bool isOff, int x1, int y1, int x2, int y2)
    {
        var bend = (x1 + x2) / 2;
        Line(svg, $"""<path{(isOff ? " class=\"off\"" : "")} d="M{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}"/>""");
    }

    private static void Text(StringBuilder svg, string kind, int x, int y, string text) =>
        Line(svg, $"""<text class="{kind}" x="{x}" y="{y}">{Escape(text)}</text>""");

    private static string Cut(string text, int longest) => text.Length <= longest ? text : $"{text[..(longest - 1)]}…";

    private static string Escape(string text) => WebUtility.HtmlEncode(text);

    private static void Line(StringBuilder svg, FormattableString line) =>
        svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
