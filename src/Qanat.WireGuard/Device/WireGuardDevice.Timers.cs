namespace Qanat.WireGuard;

// What is waited for (the paper's section 6; drivers/net/wireguard/timers.c).
public sealed partial class WireGuardDevice
{
    private void Set(Peer peer, PeerTimer timer, long after)
    {
        peer.Timers[timer] = _clock.Now + after;
        _schedule.Wake(peer, _clock.Now + after);
    }

    private void SentPacket(Peer peer)
    {
        if (!peer.Timers.IsSet(PeerTimer.NewHandshake))
            Set(peer, PeerTimer.NewHandshake, SessionLimits.NewHandshakeTimeout + Jitter());
    }

    private void ReceivedPacket(Peer peer)
    {
        if (peer.Timers.IsSet(PeerTimer.SendKeepalive))
            peer.NeedsAnotherKeepalive = true;
        else
            Set(peer, PeerTimer.SendKeepalive, SessionLimits.KeepaliveTimeout);
    }

    private void SentAuthentic(Peer peer)
    {
        peer.Timers.Cancel(PeerTimer.SendKeepalive);
        PassedAuthentic(peer);
    }

    private void ReceivedAuthentic(Peer peer)
    {
        peer.Timers.Cancel(PeerTimer.NewHandshake);
        PassedAuthentic(peer);
    }

    private void PassedAuthentic(Peer peer)
    {
        if (peer.PersistentKeepalive > TimeSpan.Zero)
            Set(peer, PeerTimer.PersistentKeepalive, peer.PersistentKeepalive.Ticks);
    }

    private void CompletedHandshake(Peer peer, Keypair keypair)
    {
        peer.Timers.Cancel(PeerTimer.RetransmitHandshake);
        peer.HandshakeAttempts = 0;
        peer.SentLastMinuteHandshake = false;
        peer.LastHandshake = _time.GetUtcNow();
        _observer.HandshakeCompleted(peer);
        SettleKeys(peer, keypair);
    }

    private void Expire(Peer peer)
    {
        var now = _clock.Now;
        if (peer.Timers.TryTake(PeerTimer.RetransmitHandshake, now))
            RetransmitHandshake(peer);
        if (peer.Timers.TryTake(PeerTimer.SendKeepalive, now))
        {
            SendKeepalive(peer);
            if (peer.NeedsAnotherKeepalive)
            {
                peer.NeedsAnotherKeepalive = false;
                Set(peer, PeerTimer.SendKeepalive, SessionLimits.KeepaliveTimeout);
            }
        }
        if (peer.Timers.TryTake(PeerTimer.NewHandshake, now))
        {
            ForgetLocalAddress(peer);
            BeginHandshake(peer);
        }
        if (peer.Timers.TryTake(PeerTimer.WipeKeys, now))
        {
            Wipe(peer);
            _observer.KeysWiped(peer);
        }
        if (peer.Timers.TryTake(PeerTimer.PersistentKeepalive, now) && peer.PersistentKeepalive > TimeSpan.Zero)
        {
            SendKeepalive(peer);
            PassedAuthentic(peer); // even when nothing could be sent: it is tried again
        }
        if (peer.Timers.TryTake(PeerTimer.Probe, now))
            Probe(peer);
        if (peer.Timers.TryTake(PeerTimer.OfferKey, now))
            OfferKey(peer);
    }

    private void RetransmitHandshake(Peer peer)
    {
        if (peer.HandshakeAttempts <= SessionLimits.MaxHandshakeAttempts)
        {
            peer.HandshakeAttempts++;
            ForgetLocalAddress(peer);
            BeginHandshake(peer, isRetry: true);
            return;
        }
        peer.Timers.Cancel(PeerTimer.SendKeepalive);
        _staged.Clear(peer);
        if (!peer.Timers.IsSet(PeerTimer.WipeKeys))
            Set(peer, PeerTimer.WipeKeys, SessionLimits.WipeAfterTime);
        _observer.HandshakeGivenUp(peer);
    }

    // Perhaps it is the way that does not lead there any more.
    private static void ForgetLocalAddress(Peer peer) => peer.Endpoint = peer.Endpoint with { Local = default };

    private long Jitter() => _jitter.NextInt64(SessionLimits.RekeyTimeoutJitter);
}
