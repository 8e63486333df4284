using System.CommandLine;
using Qanat.Vpn;
using Qanat.Vpn.Storage;
using Qanat.WireGuard;

namespace Qanat.Cli.Commands.Vpn;

/// <summary><c>qanat vpn revoke</c>: removes a peer.</summary>
internal static class RevokeVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(Session session)
    {
        var network = VpnWords.Network(session.Vpn);
        var peer = VpnWords.Peer(session.Vpn, network);
        var command = new Command("revoke", "Remove a peer: its keys are good no more, and its addresses are free.") { network, peer };
        command.SetAction(parsed => VpnWords.Run(() =>
            Run(session, session.Vpn.Open(parsed.GetRequiredValue(network)), parsed.GetRequiredValue(peer))));
        return command;
    }

    private static int Run(Session session, VpnDirectory directory, string peer)
    {
        HashSet<PublicKey> keys = [];
        using var network = directory.Update(before =>
        {
            var after = before.Revoke(peer);
            var gone = before.Find(peer)!;
            keys = [gone.PublicKey, .. gone.FormerKeys.Select(former => former.PublicKey)];
            return (after, new(AuditEvent.Revoke, peer) { Addresses = string.Join(", ", gone.Addresses), Who = Caller.Name });
        });
        session.Error.Write($"{peer} is no peer of {network.Name} any more.\n");
        HubWait.UntilShown(session, directory, hub => !keys.Overlaps(hub.Peers.Keys));
        return 0;
    }
}
