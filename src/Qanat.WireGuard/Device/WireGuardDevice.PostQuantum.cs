namespace Qanat.WireGuard;

// Preshared keys that two ends make for themselves, by control messages under a session: the session after it is then safe from
// whoever records it and has a quantum computer later. Each session has an exchange of its own, from the configured key on: so a key
// is kept no longer than the sessions that are under it, and there is nothing that the ends must agree on beforehand.
public sealed partial class WireGuardDevice
{
    // Behind the first packets, and later than a peer lets two initiations follow each other.
    private const long FirstOfferAfter = TimeSpan.TicksPerSecond / 10;

    // When the session is under such a key already, and the next one is for the session to come.
    private const long NextOfferAfter = 10 * TimeSpan.TicksPerSecond;

    private ExchangeSecrets? _secrets;

    /// <summary>
    /// What post-quantum preshared keys are made with, between this end and peers that have such a thing too; null for no such keys.
    /// Other peers drop what they are sent for it, a few messages a session.
    /// </summary>
    public IKeyEncapsulation? KeyEncapsulation
    {
        get;
        set
        {
            field = value;
            foreach (var peer in _peers.Values)
                ForgetDerivedKeys(peer);
            _secrets?.Dispose();
            _secrets = value is null ? null : new();
            HandleControl(ControlMessageType.KeyOffer, value is null ? null : TakeKeyOffer);
            HandleControl(ControlMessageType.KeyAnswer, value is null ? null : TakeKeyAnswer);
            HandleControl(ControlMessageType.KeyConfirmation, value is null ? null : TakeKeyConfirmation);
        }
    }

    // A handshake is complete. What both ends went by is what both have.
    private void SettleKeys(Peer peer, Keypair keypair)
    {
        if (keypair != peer.Keypairs.Current)
            return; // the other end's, begun at the same time, goes first
        peer.Handshake.PresharedKeys.Settle(keypair.PresharedKey);
        peer.Exchange?.Begin();
        peer.Timers.Cancel(PeerTimer.OfferKey);
        if (KeyEncapsulation is not null && keypair.IsInitiator)
        {
            var wait = keypair.IsPostQuantum ? NextOfferAfter : FirstOfferAfter;
            Set(peer, PeerTimer.OfferKey, Math.Max(wait, (peer.Exchange?.NotBefore ?? Clock.Never) - _clock.Now));
        }
        if (peer.WasPostQuantum == keypair.IsPostQuantum)
            return;
        peer.WasPostQuantum = keypair.IsPostQuantum;
        _observer.PostQuantumChanged(peer);
    }

    private void OfferKey(Peer peer)
    {
        if (KeyEncapsulation is not { } kem || peer.Keypairs.Current is not { IsInitiator: true })
            return;
        var exchange = peer.Exchange ??= new();
        if (!exchange.TryOffer(kem, (uint)_jitter.NextInt64(1L << 32), _clock.Now, out var wait))
            return;
        SendControl(peer, ControlMessageType.KeyOffer, exchange.Identifier, exchange.Body);
        Set(peer, PeerTimer.OfferKey, wait);
    }

    private void TakeKeyOffer(Peer peer, ControlMessage message)
    {
        var exchange = peer.Exchange ??= new();
        var verdict = !IsUnderCurrent(peer, isInitiator: false) ? ExchangeVerdict.Unexpected : exchange.TakeOffer(
            KeyEncapsulation!, message, peer.Handshake.PresharedKey, peer.PublicKey, PublicKey, _secrets!, _clock.Now);
        if (verdict == ExchangeVerdict.Accepted)
        {
            peer.Handshake.PresharedKeys.AddUnsure(_secrets!.PresharedKey);
            _secrets.Wipe();
        }
        if (verdict is ExchangeVerdict.Accepted or ExchangeVerdict.Repeated)
            SendControl(peer, ControlMessageType.KeyAnswer, exchange.Identifier, exchange.Body);
        else
            Refuse(peer, verdict);
    }

    private void TakeKeyAnswer(Peer peer, ControlMessage message)
    {
        var verdict = !IsUnderCurrent(peer, isInitiator: true) || peer.Exchange is not { } exchange ? ExchangeVerdict.Unexpected
            : exchange.TakeAnswer(message, peer.Handshake.PresharedKey, PublicKey, peer.PublicKey, _secrets!);
        if (verdict == ExchangeVerdict.Accepted)
        {
            peer.Handshake.PresharedKeys.Add(_secrets!.PresharedKey);
            SendControl(peer, ControlMessageType.KeyConfirmation, message.Identifier, _secrets.ConfirmationCode);
            if (!_controlSession!.IsPostQuantum)
            {
                peer.LastHandshakeSent = Clock.Never; // no retry, for which there is a pause: there is one new exchange for each
                BeginHandshake(peer);
            }
        }
        else
            Refuse(peer, verdict);
        _secrets!.Wipe();
    }

    private void TakeKeyConfirmation(Peer peer, ControlMessage message)
    {
        var verdict = !IsUnderCurrent(peer, isInitiator: false) || peer.Exchange is not { } exchange ? ExchangeVerdict.Unexpected
            : exchange.TakeConfirmation(message);
        if (verdict == ExchangeVerdict.Accepted)
            peer.Handshake.PresharedKeys.MakeSure();
        else
            Refuse(peer, verdict);
    }

    // What comes late belongs to an exchange that is over.
    private bool IsUnderCurrent(Peer peer, bool isInitiator) =>
        _controlSession == peer.Keypairs.Current && _controlSession?.IsInitiator == isInitiator;

    private static void Refuse(Peer peer, ExchangeVerdict verdict) =>
        peer.Counters.Drop(verdict == ExchangeVerdict.TooSoon ? DropReason.RateLimited : DropReason.UnknownControl);

    private static void ForgetDerivedKeys(Peer peer)
    {
        peer.Timers.Cancel(PeerTimer.OfferKey);
        peer.Exchange?.End();
        peer.Handshake.PresharedKeys.ForgetDerived();
    }
}
