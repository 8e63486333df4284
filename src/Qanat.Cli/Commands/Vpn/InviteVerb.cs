using System.CommandLine;
using Qanat.Vpn;
using Qanat.Vpn.Storage;
using Qanat.WireGuard;

namespace Qanat.Cli.Commands.Vpn;

/// <summary><c>qanat vpn invite</c>: adds a peer, and prints the file that makes a machine that peer.</summary>
internal static class InviteVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(Session session)
    {
        var (network, peer, delivery) = (VpnWords.Network(session.Vpn), VpnWords.NewPeer(), new Delivery());
        var split = VpnWords.Read(
            "--split", "NETWORK,...", "What the peer sends through the tunnel, in place of all that it may reach",
            text => VpnText.Prefixes("split", text));
        var expires = VpnWords.Read<DateTimeOffset?>(
            "--expires", "30d|DATE", "When it may connect no more: in so many s, m, h, d or w, or at a date",
            text => VpnTime.Moment("expires", text, session.Vpn.Now));
        var key = VpnWords.Read<PublicKey?>(
            "--public-key", "KEY", "The peer made its own key; this is the public one (wg pubkey)", text => VpnText.Key(text));
        var command = new Command("invite", "Add a peer, and print its file. Its private key is in that file, and nowhere else.")
        {
            network, peer, split, expires, key,
        };
        delivery.AddTo(command);
        command.SetAction(parsed => VpnWords.Run(() => Run(
            session, parsed, delivery, session.Vpn.Open(parsed.GetRequiredValue(network)), parsed.GetRequiredValue(peer),
            (before, now) => before.Invite(
                parsed.GetRequiredValue(peer), now, parsed.GetValue(expires), parsed.GetValue(split), parsed.GetValue(key)),
            AuditEvent.Invite)));
        return command;
    }

    /// <summary>Gives a peer a key: changes the network, delivers the file, and waits for a hub that runs.</summary>
    internal static int Run(
        Session session, ParseResult parsed, Delivery delivery, VpnDirectory directory, string peer,
        Func<VpnNetwork, DateTimeOffset, VpnAdmission> admit, AuditEvent happened)
    {
        Action deliver = static () => { };
        VpnAdmission? admission = null;
        using var network = directory.Update(before =>
        {
            admission = admit(before, session.Vpn.Now);
            deliver = delivery.Prepare(parsed, admission, session);
            return (admission.Network, new(happened, peer)
            {
                Addresses = string.Join(", ", admission.Peer.Addresses),
                Until = happened == AuditEvent.Rotate ? admission.Peer.Former?.Until : admission.Peer.Expires,
                Who = Caller.Name,
            });
        }, () => deliver());
        using (admission)
            Explain(session, admission!);
        HubWait.UntilShown(session, directory, hub => hub.Peers.ContainsKey(admission!.Peer.PublicKey));
        return 0;
    }

    private static void Explain(Session session, VpnAdmission admission)
    {
        var (network, peer) = (admission.Network, admission.Peer);
        ThroughWarnings.OfFamily(
            session, network, $"{peer.Name} has", peer.Split ?? [], version => $"{network.Name} has no subnet of IPv{version}");
        ThroughWarnings.OfEndpoint(
            session, network, VpnClientFile.Through(network, peer), "remove the peer, and invite it with a --split that leaves it out");
        if (admission.PrivateKey is null)
            session.Error.Write(
                "The file has no PrivateKey: the peer adds that line itself, below [Interface], before it uses the file.\n");
        if (peer.Former is { } former)
            session.Error.Write($"The key that {peer.Name} had is good until {HubText.Moment(former.Until)}.\n");
        foreach (var earlier in peer.FormerKeys.Skip(1))
            session.Error.Write($"One from before that is good until {HubText.Moment(earlier.Until)}.\n");
    }
}
