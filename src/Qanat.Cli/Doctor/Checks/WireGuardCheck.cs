using System.Net;
using Qanat.Cli.Doctor.Facts;
using Qanat.Daemon.WireGuard.Sight;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Doctor.Checks;

/// <summary>Whether WireGuard's interfaces answer, and their peers do.</summary>
internal sealed class WireGuardCheck : ICheck
{
    // Two clocks, or one that is set a little, are not a fault.
    private static readonly TimeSpan s_tolerance = TimeSpan.FromMinutes(1);

    public string Name => "wireguard";

    public string Healthy => "";

    public IEnumerable<Finding> Examine(Machine machine)
    {
        foreach (var answer in machine.WireGuard.Interfaces)
            if (answer.Report is not { } report)
                yield return Finding.Blocks("wireguard-silent",
                        $"the process of {answer.Interface} listens, but {answer.Reason}",
                        "it cannot be configured, and perhaps carries nothing")
                    .About(answer.Interface)
                    .ToDo("qanat doctor, once more", $"ip link del {answer.Interface}, which ends the process; then start it anew");
            else if (report is { Up: false, ListenPort: var port } && machine.Find(report.Interface) is { Link.IsUp: true })
                yield return Finding.Blocks("wireguard-deaf",
                        $"{report.Interface} is on, but does not listen: another program has UDP port {port}",
                        "it talks to nobody")
                    .About(report.Interface)
                    .ToDo($"ss -lunp sport = :{port}, to see whose it is", $"wg set {report.Interface} listen-port PORT, to take another");
            else
                foreach (var peer in report.Peers)
                    if ((FindLoop(machine, report, peer) ?? Examine(report.Interface, peer, machine.WireGuard.Now)) is { } finding)
                        yield return finding.About(report.Interface);
    }

    private static Finding? FindLoop(Machine machine, InterfaceReport report, PeerReport peer) =>
        IPEndPoint.TryParse(peer.Endpoint ?? "", out var endpoint) && machine.Find(report.Interface) is { } device &&
        machine.Routing.Find(new RouteQuery(endpoint.Address) { Mark = report.FirewallMark }).Route is { } route &&
        route.OutputInterface == device.Index
            ? Finding.Blocks("wireguard-loop",
                    $"{device.Name}: the way to {peer.Name ?? peer.PublicKey} at {peer.Endpoint} leads into {device.Name} itself",
                    "the tunnel's own packets never leave this host: AllowedIPs has the network that the endpoint is in")
                .ToDo($"leave {endpoint.Address} out of AllowedIPs (on a hub of Qanat's: qanat vpn invite --split)")
            : null;

    private static Finding? Examine(string device, PeerReport peer, DateTimeOffset now) => peer switch
    {
        { LastHandshake: null, Endpoint: { } endpoint, TxBytes: > 0 } => Finding.Warning("wireguard-no-handshake",
                $"{device}: {peer.Name ?? peer.PublicKey} at {endpoint} has never answered",
                "nothing passes between you: it is not there, a firewall is between, or one of you has a wrong key")
            .ToDo($"at {endpoint}: see that UDP is let in, and that it has this end's public key as a peer's",
                "compare the clocks: a handshake older than the newest one is refused"),
        { LastHandshake: { } last } when last > now + s_tolerance => Finding.Warning("wireguard-clock",
                $"{device}: the last handshake with {peer.Name ?? peer.PublicKey} lies in the future: the clock went back",
                "peers refuse handshakes that seem older than the newest they have seen, until the clock has caught up")
            .ToDo("timedatectl set-ntp true"),
        _ => null,
    };
}
