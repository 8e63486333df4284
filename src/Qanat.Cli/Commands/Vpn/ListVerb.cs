using System.CommandLine;
using Qanat.Cli.Iproute2;
using Qanat.Cli.Sight;

namespace Qanat.Cli.Commands.Vpn;

/// <summary><c>qanat vpn list</c>: the peers of a network, and how they fare.</summary>
internal static class ListVerb
{
    private static readonly string[] s_head = ["PEER", "ADDRESSES", "GOOD UNTIL", "HANDSHAKE", "ENDPOINT", "RECEIVED", "SENT"];

    // A column that is there while a peer has several keys.
    private const string FormerKey = "FORMER KEY UNTIL";

    /// <summary>The verb.</summary>
    public static Command Create(GlobalOptions options, Session session)
    {
        var (network, json) = (VpnWords.Network(session.Vpn), VpnWords.Json());
        var command = new Command("list", "The peers of a network: who they are and, while it is up, how they fare.") { network, json };
        command.SetAction(parsed => VpnWords.Run(() =>
            Run(parsed.GetRequiredValue(network), parsed.GetValue(json) || options.Json, session)));
        return command;
    }

    private static int Run(string name, bool json, Session session)
    {
        var directory = session.Vpn.Open(name);
        using var kept = directory.Read();
        var network = kept.At(session.Vpn.Now);
        var report = NetworkReport.Of(network, directory, session.Vpn.Hub(name));
        if (json)
            session.Out.Write(VpnJson.Text(report.Peers));
        else if (report.Peers.Count == 0)
            session.Out.Write($"{name} has no peers; invite one: qanat vpn invite {name} PEER\n");
        else
        {
            var hasFormer = report.Peers.Any(peer => peer.FormerKeys.Count > 0);
            string[] head = hasFormer ? [.. s_head, FormerKey] : s_head;
            session.Out.Write(HubText.Table([head, .. report.Peers.Select(peer => Row(peer, report.Up, hasFormer, session.Vpn.Now))]));
        }
        return 0;
    }

    private static string[] Row(MemberReport peer, bool isUp, bool hasFormer, DateTimeOffset now)
    {
        var isThere = isUp && !peer.Expired; // the hub knows nothing of those who have expired
        return
        [
            peer.Name,
            string.Join(",", peer.Addresses),
            peer.Expired ? "expired" : peer.Expires is { } end ? HubText.Moment(end) : "-",
            isThere || peer.LastHandshake is not null ? Amounts.Handshake(peer.LastHandshake, peer.PostQuantum, now) : "-",
            peer.Endpoint ?? "-",
            isThere ? Amounts.Bytes(peer.RxBytes) : "-",
            isThere ? Amounts.Bytes(peer.TxBytes) : "-",
            .. hasFormer ? [Formers(peer)] : Array.Empty<string>(),
        ];
    }

    private static string Formers(MemberReport peer) =>
        string.Join(", ", peer.FormerKeys.Select(former => HubText.Moment(former.Until)).DefaultIfEmpty("-"));
}
