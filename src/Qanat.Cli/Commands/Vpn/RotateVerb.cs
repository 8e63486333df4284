using System.CommandLine;
using Qanat.Vpn;
using Qanat.Vpn.Storage;
using Qanat.WireGuard;

namespace Qanat.Cli.Commands.Vpn;

/// <summary><c>qanat vpn rotate</c>: gives a peer a new key, and prints its new file.</summary>
internal static class RotateVerb
{
    private static readonly TimeSpan s_grace = TimeSpan.FromHours(24);

    /// <summary>The verb.</summary>
    public static Command Create(Session session)
    {
        var (network, delivery) = (VpnWords.Network(session.Vpn), new Delivery());
        var peer = VpnWords.Peer(session.Vpn, network);
        var grace = VpnWords.Read<TimeSpan?>(
            "--grace", "24h", "How long former keys are good yet: 24h unless given, 0s not at all", text => VpnTime.Span("grace", text));
        var key = VpnWords.Read<PublicKey?>(
            "--public-key", "KEY", "The peer made its own key; this is the public one (wg pubkey)", text => VpnText.Key(text));
        var command = new Command("rotate", "Give a peer a new key, and print its new file. Its addresses stay.")
        {
            network, peer, grace, key,
        };
        delivery.AddTo(command);
        command.SetAction(parsed => VpnWords.Run(() => InviteVerb.Run(
            session, parsed, delivery, session.Vpn.Open(parsed.GetRequiredValue(network)), parsed.GetRequiredValue(peer),
            (before, now) => before.Rotate(parsed.GetRequiredValue(peer), now, parsed.GetValue(grace) ?? s_grace, parsed.GetValue(key)),
            AuditEvent.Rotate)));
        return command;
    }
}
