namespace Qanat.WireGuard;

// Handshakes, as both ends of one (drivers/net/wireguard/receive.c: wg_receive_handshake_packet; send.c).
public sealed partial class WireGuardDevice
{
    // How many are worked on in one go, before packets have their turn again: some milliseconds of work.
    private const int HandshakesAtOnce = 16;

    private const long InitiationInterval = TimeSpan.TicksPerSecond / 50; // INITIATIONS_PER_SECOND

    private readonly HandshakeQueue _queue = new();
    private readonly HandshakeLimiter _limiter = new();
    private readonly Func<PublicKey, HandshakePeer?> _find;
    private LoadMonitor _load;

    /// <summary>Numbers of sessions and of handshakes that are in use.</summary>
    internal int SessionCount => _sessions.Count;

    /// <summary>Handshake messages that wait.</summary>
    internal int WaitingHandshakes => _queue.Count;

    // Begins a handshake, unless one was begun just now: then it is looked at again when it may be.
    private void BeginHandshake(Peer peer, bool isRetry = false)
    {
        if (!isRetry)
            peer.HandshakeAttempts = 0;
        if (!IsUp || !HasPrivateKey || peer.IsRemoved || !peer.Endpoint.IsKnown)
            return;
        var wait = peer.LastHandshakeSent + SessionLimits.RekeyTimeout - _clock.Now;
        if (wait > 0)
        {
            if (!peer.Timers.IsSet(PeerTimer.RetransmitHandshake))
                Set(peer, PeerTimer.RetransmitHandshake, wait + Jitter());
            return;
        }
        Span<byte> message = stackalloc byte[InitiationMessage.Size];
        ForgetHandshake(peer);
        var index = _sessions.Add(peer);
        if (!_handshake.TryCreateInitiation(peer.Handshake, index, message))
        {
            _sessions.Remove(index);
            return;
        }
        peer.HandshakeIndex = index;
        peer.LastInitiationSent = _clock.Now;
        SendHandshake(peer, message);
        Set(peer, PeerTimer.RetransmitHandshake, SessionLimits.RekeyTimeout + Jitter());
    }

    private void SendHandshake(Peer peer, ReadOnlySpan<byte> message)
    {
        peer.LastHandshakeSent = _clock.Now;
        peer.Counters.TxBytes += message.Length;
        _outgoing.Add(peer.Endpoint, message, Outgoing.HandshakeTrafficClass);
        SentAuthentic(peer);
    }

    private void WorkOnHandshakes()
    {
        Span<byte> buffer = stackalloc byte[InitiationMessage.Size];
        for (var i = 0; i < HandshakesAtOnce && _queue.Count > 0; i++)
        {
            var isUnderLoad = _load.IsUnderLoad(_queue.Count, HandshakeQueue.Limit, _clock.Now);
            var message = _queue.Take(out var source, buffer);
            if (IsUp && HasPrivateKey && WorkOn(message, source, isUnderLoad) is { } reason)
                Counters.Drop(reason);
        }
    }

    // Returns why the message was not let in, or null.
    private DropReason? WorkOn(ReadOnlySpan<byte> message, in Endpoint source, bool isUnderLoad)
    {
        if (CookieReplyMessage.TryParse(message, out var reply))
            return TakeCookie(reply);
        switch (_cookies.Check(message, source.Address, source.Port, isUnderLoad))
        {
            case CookieVerdict.InvalidMac1:
                return DropReason.InvalidMac;
            case CookieVerdict.CookieRequired:
                Span<byte> cookie = stackalloc byte[CookieReplyMessage.Size];
                _cookies.CreateReply(message, source.Address, source.Port, cookie);
                _outgoing.Add(source, cookie, trafficClass: 0);
                return DropReason.CookieSent;
            default:
                if (isUnderLoad && !_limiter.Allow(source.Address, _clock.Now))
                    return DropReason.RateLimited;
                break;
        }
        return InitiationMessage.TryParse(message, out var initiation) ? Answer(initiation, source)
            : ResponseMessage.TryParse(message, out var response) ? Finish(response, source)
            : DropReason.Malformed;
    }

    // A cookie says nothing of where the peer is: anyone who saw our message could have sent it.
    private DropReason? TakeCookie(in CookieReplyMessage reply) =>
        _sessions.TryGet(reply.Receiver, out var entry) &&
        _handshake.ConsumeCookieReply(entry.Peer.Handshake, reply) == HandshakeVerdict.Accepted ? null : DropReason.InvalidHandshake;

    private DropReason? Answer(in InitiationMessage initiation, in Endpoint source)
    {
        if (_handshake.ConsumeInitiation(initiation, _find, out var initiator) != HandshakeVerdict.Accepted)
            return DropReason.InvalidHandshake;
        var peer = _peers[initiator!.PublicKey];
        if (_clock.Now - peer.LastInitiation < InitiationInterval)
        {
            _handshake.Forget();
            return DropReason.RateLimited;
        }
        peer.LastInitiation = _clock.Now;
        Span<byte> message = stackalloc byte[ResponseMessage.Size];
        var index = _sessions.Add(peer);
        if (!_handshake.TryCreateResponse(index, message, out var keys))
        {
            _sessions.Remove(index);
            return DropReason.InvalidHandshake;
        }
        Roam(peer, source);
        BeginSession(peer, keys);
        peer.LastResponseSent = _clock.Now;
        SendHandshake(peer, message);
        peer.Counters.RxBytes += InitiationMessage.Size;
        ReceivedAuthentic(peer);
        return null;
    }

    private DropReason? Finish(in ResponseMessage response, in Endpoint source)
    {
        if (!_sessions.TryGet(response.Receiver, out var entry) || entry is not Peer peer)
            return DropReason.UnknownIndex;
        if (_handshake.ConsumeResponse(peer.Handshake, response, out var keys) != HandshakeVerdict.Accepted)
            return DropReason.InvalidHandshake;
        peer.HandshakeIndex = null;
        Roam(peer, source);
        peer.RttSamples.Add(_clock.Now - peer.LastInitiationSent, _clock.Now);
        CompletedHandshake(peer, BeginSession(peer, keys!));
        peer.Counters.RxBytes += ResponseMessage.Size;
        ReceivedAuthentic(peer);
        SendKeepalive(peer); // with which the responder may begin to send
        return null;
    }

    private Keypair BeginSession(Peer peer, TransportKeys keys)
    {
        var keypair = new Keypair(peer, keys, _clock.Now);
        keys.Dispose();
        _sessions.Replace(keypair.LocalIndex, keypair);
        _outgoing.Seal();
        peer.Keypairs.Add(keypair, Yields(peer), peer.LastInitiationSent);
        Set(peer, PeerTimer.WipeKeys, SessionLimits.WipeAfterTime);
        return keypair;
    }

    // The initiator confirms a response at once. What comes much later does so because that message was lost.
    private void MeasureConfirmation(Peer peer)
    {
        var taken = _clock.Now - peer.LastResponseSent;
        if (taken < SessionLimits.RekeyTimeout)
            peer.RttSamples.Add(taken, _clock.Now);
    }

    // Of two ends that began at once, the one with the lesser key: any rule does on which both agree.
    private bool Yields(Peer peer)
    {
        Span<byte> ours = stackalloc byte[PublicKey.Size], theirs = stackalloc byte[PublicKey.Size];
        PublicKey.CopyTo(ours);
        peer.PublicKey.CopyTo(theirs);
        return ours.SequenceCompareTo(theirs) < 0;
    }

    // The response to it is not waited for any more.
    private void ForgetHandshake(Peer peer)
    {
        if (peer.HandshakeIndex is { } index)
            _sessions.Remove(index);
        peer.HandshakeIndex = null;
        peer.Handshake.GiveUp();
    }

    private void Wipe(Peer peer)
    {
        ForgetHandshake(peer);
        ForgetDerivedKeys(peer);
        peer.WasPostQuantum = false;
        _outgoing.Seal();
        peer.Keypairs.Clear();
    }
}
