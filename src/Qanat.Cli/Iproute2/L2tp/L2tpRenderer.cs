using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2.L2tp;

/// <summary>L2TP's tunnels and sessions as <c>show</c> prints them.</summary>
/// <param name="output">Where they go.</param>
/// <param name="options">How.</param>
internal sealed class L2tpRenderer(TextWriter output, GlobalOptions options)
{
    /// <summary>Prints tunnels.</summary>
    public void Tunnels(IEnumerable<L2tpTunnel> tunnels) => List(tunnels, TunnelLines, TunnelObject);

    /// <summary>Prints sessions, each with its tunnel.</summary>
    public void Sessions(IEnumerable<(TunnelSpec Session, L2tpTunnel? Tunnel)> sessions) => List(sessions, SessionLines, SessionObject);

    private void List<T>(IEnumerable<T> items, Action<T> lines, Action<JsonPrinter, T> members)
    {
        if (!options.Json)
        {
            foreach (var item in items)
                lines(item);
            return;
        }
        var json = new JsonPrinter(output, options.Pretty);
        json.BeginArray();
        foreach (var item in items)
        {
            json.BeginObject();
            members(json, item);
            json.EndObject();
        }
        json.EndArray();
        output.Write('\n');
    }

    private void TunnelLines(L2tpTunnel tunnel)
    {
        output.Write($"Tunnel {tunnel.TunnelId}, encap {(IsUdp(tunnel) ? "UDP" : "IP")}\n");
        output.Write($"  From {tunnel.Local} to {tunnel.Remote}\n");
        output.Write($"  Peer tunnel {tunnel.PeerTunnelId}\n");
        if (!IsUdp(tunnel))
            return;
        output.Write($"  UDP source / dest ports: {tunnel.SourcePort}/{tunnel.DestinationPort}\n");
        var (send, receive) = IsIPv6(tunnel) ? (tunnel.Udp6ChecksumTx, tunnel.Udp6ChecksumRx) : (tunnel.UdpChecksum, tunnel.UdpChecksum);
        output.Write($"  UDP checksum: {(send, receive) switch
        {
            (true, true) => "enabled",
            (false, false) => "disabled",
            (true, false) => "enabled, TX only",
            _ => "enabled, RX only",
        }}\n");
    }

    private static void TunnelObject(JsonPrinter json, L2tpTunnel tunnel)
    {
        json.Number("tunnel_id", tunnel.TunnelId);
        json.String("encap", IsUdp(tunnel) ? "UDP" : "IP");
        json.String("local", tunnel.Local);
        json.String("peer", tunnel.Remote);
        json.Number("peer_tunnel", tunnel.PeerTunnelId);
        if (!IsUdp(tunnel))
            return;
        json.Number("local_port", tunnel.SourcePort);
        json.Number("peer_port", tunnel.DestinationPort);
        if (!IsIPv6(tunnel))
        {
            json.Bool("checksum", tunnel.UdpChecksum);
            return;
        }
        json.Bool("checksum_tx", tunnel.Udp6ChecksumTx);
        json.Bool("checksum_rx", tunnel.Udp6ChecksumRx);
    }

    // ip repeats a cookie for the sessions after it that have none.
    private void SessionLines((TunnelSpec Session, L2tpTunnel? Tunnel) item)
    {
        var l2tp = item.Session.L2tp!;
        output.Write($"Session {l2tp.SessionId} in tunnel {l2tp.TunnelId}\n");
        output.Write($"  Peer session {l2tp.PeerSessionId}, tunnel {item.Tunnel?.PeerTunnelId ?? 0}\n");
        output.Write($"  interface name: {item.Session.Name}\n");
        output.Write("  offset 0, peer offset 0\n");
        if (l2tp.Cookie is not null)
            output.Write($"  cookie {l2tp.Cookie}");
        if (l2tp.PeerCookie is not null)
            output.Write($"  peer cookie {l2tp.PeerCookie}");
        output.Write('\n'); // without a cookie too
        if (l2tp.Sequence != "none")
            output.Write($"  sequence numbering:{(Sends(l2tp) ? " send" : "")}{(Receives(l2tp) ? " recv" : "")}\n");
    }

    private static void SessionObject(JsonPrinter json, (TunnelSpec Session, L2tpTunnel? Tunnel) item)
    {
        var l2tp = item.Session.L2tp!;
        json.Number("session_id", l2tp.SessionId);
        json.Number("tunnel_id", l2tp.TunnelId);
        json.Number("peer_session_id", l2tp.PeerSessionId);
        json.Number("peer_tunnel_id", item.Tunnel?.PeerTunnelId ?? 0);
        json.String("interface", item.Session.Name);
        if (l2tp.Cookie is not null)
            json.String("cookie", l2tp.Cookie);
        if (l2tp.PeerCookie is not null)
            json.String("peer_cookie", l2tp.PeerCookie);
        if (Sends(l2tp))
            json.Null("send_seq");
        if (Receives(l2tp))
            json.Null("recv_seq");
    }

    private static bool IsUdp(L2tpTunnel tunnel) => tunnel.Encap == "udp";

    private static bool IsIPv6(L2tpTunnel tunnel) => tunnel.Local.Contains(':');

    private static bool Sends(L2tpSpec l2tp) => l2tp.Sequence is "send" or "both";

    private static bool Receives(L2tpSpec l2tp) => l2tp.Sequence is "recv" or "both";
}
