using System.CommandLine;
using Qanat.Cli.Iproute2;
using Qanat.Cli.Sight;
using Qanat.Vpn;

namespace Qanat.Cli.Commands.Vpn;

/// <summary><c>qanat vpn show</c>: a network, or all of them.</summary>
internal static class ShowVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(GlobalOptions options, Session session)
    {
        var (network, json) = (VpnWords.Network(session.Vpn), VpnWords.Json());
        var command = new Command("show", "A network: where its hub is, what peers may reach, and who is there.") { network, json };
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
        session.Out.Write(json ? VpnJson.Text(report) : Text(report, network, session.Vpn.Now));
        return 0;
    }

    private static string Text(NetworkReport report, VpnNetwork network, DateTimeOffset now)
    {
        List<string[]> facts =
        [
            ["network", $"{report.Name}, in {report.Directory}, since {HubText.Moment(report.Created)}"],
            ["state", report.Up ? "up" : "down"],
            ["endpoint", report.Endpoint],
            ["public key", report.PublicKey],
            ["hub", string.Join(", ", network.Addresses)],
            ["access", report.Access],
        ];
        if (report.Dns.Count > 0)
            facts.Add(["dns", string.Join(", ", report.Dns)]);
        if (report.Mtu is { } mtu)
            facts.Add(["mtu", $"{mtu}"]);
        if (report.PostQuantum)
            facts.Add(["keys", "post-quantum, with peers that make them too"]);
        facts.Add(["peers", $"{report.Peers.Count}"]);
        facts.AddRange(report.Peers.Select(peer => new[] { $"  {peer.Name}", Describe(peer, now) }));
        return HubText.Table(facts);
    }

    private static string Describe(MemberReport peer, DateTimeOffset now) => string.Join(", ",
    [
        .. peer.Addresses,
        .. peer.Expired ? ["expired"] : peer.Expires is { } end ? [$"until {HubText.Moment(end)}"] : Array.Empty<string>(),
        .. peer.FormerKeys.Select(former => $"former key until {HubText.Moment(former.Until)}"),
        .. peer.Endpoint is { } endpoint ? [$"at {endpoint}"] : Array.Empty<string>(),
        .. peer.LastHandshake is { } last ? [$"handshake {Amounts.Ago(last, now)} ago"] : Array.Empty<string>(),
        .. peer.PostQuantum ? ["post-quantum key"] : Array.Empty<string>(),
    ]);
}
