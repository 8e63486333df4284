using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Qanat.Crypto;

namespace Qanat.WireGuard;

/// <summary>
/// Handshakes (Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s; whitepaper, 5.4), as initiator and as responder. It makes and reads
/// messages; when to do so, and how often, is for whoever calls to decide. A message is to be shown to
/// <see cref="CookieChecker"/> first, which looks at its codes.
/// </summary>
/// <remarks>
/// Not thread-safe: it belongs to one worker. To read a message that is refused allocates nothing, and throws nothing. No secret
/// is left in it once a message has been made or read, but between an initiation that was accepted and its response.
/// </remarks>
public sealed class Handshake : IDisposable
{
    private readonly LocalIdentity _local;
    private readonly TimeProvider _time;
    private readonly RandomSource _random;
    private readonly X25519 _key; // the identity's
    private readonly SymmetricState _state = new();
    private readonly Blake2sMac _mac;
    private readonly XChaCha20Poly1305 _cookieCipher = new();

    // The initiation that was accepted last, until it is answered.
    private readonly byte[] _remoteEphemeral = new byte[X25519.KeyLength];
    private HandshakePeer? _initiator;
    private uint _remoteIndex;

    /// <summary>Makes the contexts, which are used again and again.</summary>
    /// <param name="local">Who this end is.</param>
    /// <param name="time">The clock of initiations and cookies.</param>
    /// <param name="random">Where ephemeral keys come from; null for libcrypto.</param>
    /// <exception cref="CryptoException">There is no libcrypto, or it refuses.</exception>
    public Handshake(LocalIdentity local, TimeProvider time, RandomSource? random = null)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(time);
        (_local, _time, _random) = (local, time, random ?? RandomBytes.Fill);
        _key = local.Key;
        _mac = new(local.Hashes.Mac1Key);
    }

    /// <summary>
    /// Makes an initiation. One that still waits for its response is given up. False when there can be no handshake with the
    /// peer, because its public key is of small order.
    /// </summary>
    /// <param name="peer">Whom it is for.</param>
    /// <param name="sender">The index of the session to come, by our count.</param>
    /// <param name="message">Where its 148 bytes go.</param>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public bool TryCreateInitiation(HandshakePeer peer, uint sender, Span<byte> message)
    {
        ArgumentNullException.ThrowIfNull(peer);
        message = message[..InitiationMessage.Size];
        Forget();
        peer.GiveUp();
        if (peer.StaticSecret is not { } staticSecret)
            return false;
        var ephemeral = CreateEphemeral(message[InitiationMessage.EphemeralOffset..InitiationMessage.StaticOffset]);
        try
        {
            Message.Begin(message, MessageType.Initiation, sender);
            _state.Begin(peer.Hashes.ChainingKey, peer.Hashes.Hash);
            _state.MixEphemeral(message[InitiationMessage.EphemeralOffset..InitiationMessage.StaticOffset]);
            if (!_state.TryMixAgreement(ephemeral, peer.StaticKey))
                return false;
            var publicKey = message[InitiationMessage.StaticOffset..InitiationMessage.TimestampOffset];
            _local.PublicKey.CopyTo(publicKey);
            _state.Seal(publicKey);
            _state.MixKey(staticSecret.Bytes);
            var timestamp = message[InitiationMessage.TimestampOffset..InitiationMessage.MacsOffset];
            NextTimestamp(peer).Write(timestamp);
            _state.Seal(timestamp);
            AddMacs(peer, message);
            peer.Await(new(sender, ephemeral, _state.ChainingKey, _state.Hash));
            return true;
        }
        finally
        {
            _state.Wipe();
            if (!peer.IsWaiting)
                ephemeral.Dispose();
        }
    }

    /// <summary>
    /// Reads an initiation. When it is accepted, <see cref="TryCreateResponse"/> answers it, until the next message is made or read.
    /// </summary>
    /// <param name="message">The message, whose codes have been looked at.</param>
    /// <param name="find">Knows a peer by its public key, or returns null.</param>
    /// <param name="peer">The peer, when it is accepted or a replay: then it did come from the peer. Otherwise null.</param>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public HandshakeVerdict ConsumeInitiation(in InitiationMessage message, Func<PublicKey, HandshakePeer?> find, out HandshakePeer? peer)
    {
        ArgumentNullException.ThrowIfNull(find);
        Forget();
        var verdict = HandshakeVerdict.Forged;
        try
        {
            verdict = ReadInitiation(message, find, out peer);
        }
        finally
        {
            if (verdict != HandshakeVerdict.Accepted)
                _state.Wipe();
        }
        if (verdict == HandshakeVerdict.Accepted)
        {
            message.Ephemeral.CopyTo(_remoteEphemeral);
            (_initiator, _remoteIndex) = (peer, message.Sender);
        }
        return verdict;
    }

    /// <summary>
    /// Answers the initiation that was accepted last. False when there is none, or it has been answered.
    /// </summary>
    /// <param name="sender">The index of the session, by our count.</param>
    /// <param name="message">Where the 92 bytes of the response go.</param>
    /// <param name="keys">The keys of the session.</param>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public bool TryCreateResponse(uint sender, Span<byte> message, [NotNullWhen(true)] out TransportKeys? keys)
    {
        keys = null;
        if (_initiator is not { } peer)
            return false;
        message = message[..ResponseMessage.Size];
        var publicKey = message[ResponseMessage.EphemeralOffset..ResponseMessage.EmptyOffset];
        using var ephemeral = CreateEphemeral(publicKey);
        try
        {
            Message.Begin(message, MessageType.Response, sender);
            BinaryPrimitives.WriteUInt32LittleEndian(message[ResponseMessage.ReceiverOffset..], _remoteIndex);
            _state.MixEphemeral(publicKey);
            if (!_state.TryMixAgreement(ephemeral, _remoteEphemeral) || !_state.TryMixAgreement(ephemeral, peer.StaticKey))
                return false; // not with keys that have been accepted
            var presharedKey = peer.PresharedKeys.Choose();
            _state.MixPresharedKey(peer.PresharedKeys[presharedKey]);
            _state.Seal(message[ResponseMessage.EmptyOffset..ResponseMessage.MacsOffset]);
            AddMacs(peer, message);
            var (initiators, responders) = _state.Split();
            keys = new(responders, initiators, sender, _remoteIndex, isInitiator: false, presharedKey);
            return true;
        }
        finally
        {
            Forget();
        }
    }

    /// <summary>
    /// Reads a response. When it is not accepted, the initiation goes on waiting: whoever forges one does no harm.
    /// </summary>
    /// <param name="peer">The peer whose initiation had the index that is the message's receiver.</param>
    /// <param name="message">The message, whose codes have been looked at.</param>
    /// <param name="keys">The keys of the session, when it is accepted.</param>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public HandshakeVerdict ConsumeResponse(HandshakePeer peer, in ResponseMessage message, out TransportKeys? keys)
    {
        ArgumentNullException.ThrowIfNull(peer);
        keys = null;
        Forget();
        if (peer.Pending is not { } pending || pending.Sender != message.Receiver)
            return HandshakeVerdict.Unexpected;
        try
        {
            _state.Begin(pending.ChainingKey.Bytes, pending.Hash.Bytes);
            _state.MixEphemeral(message.Ephemeral);
            if (!_state.TryMixAgreement(pending.Ephemeral, message.Ephemeral) || !_state.TryMixAgreement(_key, message.Ephemeral))
                return HandshakeVerdict.WeakKey;
            if (!TryOpenEmpty(peer.PresharedKeys, message.Empty, out var presharedKey))
                return HandshakeVerdict.Forged;
            var (initiators, responders) = _state.Split();
            keys = new(initiators, responders, pending.Sender, message.Sender, isInitiator: true, presharedKey);
            peer.GiveUp();
            return HandshakeVerdict.Accepted;
        }
        finally
        {
            _state.Wipe();
        }
    }

    /// <summary>
    /// Reads a cookie reply. When it is accepted, the peer's cookie goes with all initiations and responses to it for 120 seconds.
    /// It says nothing of where the peer is.
    /// </summary>
    /// <param name="peer">The peer that was sent a message with the index that is the reply's receiver.</param>
    /// <param name="message">The message.</param>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public HandshakeVerdict ConsumeCookieReply(HandshakePeer peer, in CookieReplyMessage message)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return peer.Cookies.Open(_cookieCipher, peer.Hashes, message, _time);
    }

    /// <summary>Forgets the initiation that was accepted last: it is not to be answered.</summary>
    public void Forget()
    {
        _state.Wipe();
        _initiator = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Forget();
        _state.Dispose();
        _mac.Dispose();
        _cookieCipher.Dispose();
    }

    private HandshakeVerdict ReadInitiation(in InitiationMessage message, Func<PublicKey, HandshakePeer?> find, out HandshakePeer? peer)
    {
        peer = null;
        _state.Begin(_local.Hashes.ChainingKey, _local.Hashes.Hash);
        _state.MixEphemeral(message.Ephemeral);
        if (!_state.TryMixAgreement(_key, message.Ephemeral))
            return HandshakeVerdict.WeakKey;
        Span<byte> publicKey = stackalloc byte[PublicKey.Size], timestamp = stackalloc byte[Tai64n.Size];
        if (!_state.TryOpen(message.Static, publicKey))
            return HandshakeVerdict.Forged;
        if (find(new(publicKey)) is not { } claimed)
            return HandshakeVerdict.UnknownPeer;
        if (claimed.StaticSecret is not { } staticSecret)
            return HandshakeVerdict.WeakKey;
        _state.MixKey(staticSecret.Bytes);
        if (!_state.TryOpen(message.Timestamp, timestamp))
            return HandshakeVerdict.Forged;
        peer = claimed;
        var sent = Tai64n.Read(timestamp);
        if (sent.CompareTo(peer.NewestReceived) <= 0)
            return HandshakeVerdict.Replayed;
        peer.NewestReceived = sent;
        return HandshakeVerdict.Accepted;
    }

    // With each preshared key in turn: which one it is is for the responder to choose.
    private bool TryOpenEmpty(PresharedKeys keys, ReadOnlySpan<byte> empty, out int presharedKey)
    {
        Span<int> numbers = stackalloc int[PresharedKeys.Max];
        Span<byte> before = stackalloc byte[SymmetricState.Size];
        presharedKey = PresharedKeys.Configured;
        _state.CopyTo(before);
        try
        {
            foreach (var number in numbers[..keys.List(numbers)])
            {
                presharedKey = number;
                _state.Restore(before);
                _state.MixPresharedKey(keys[number]);
                if (_state.TryOpen(empty, []))
                    return true;
            }
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(before);
        }
    }

    private X25519 CreateEphemeral(Span<byte> publicKey)
    {
        Span<byte> privateKey = stackalloc byte[X25519.KeyLength];
        try
        {
            _random(privateKey);
            var ephemeral = new X25519(privateKey);
            ephemeral.CopyPublicKey(publicKey);
            return ephemeral;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(privateKey);
        }
    }

    // Never earlier than the last one, wherever the clock goes: the peer would take it for a replay.
    private Tai64n NextTimestamp(HandshakePeer peer)
    {
        var now = Tai64n.From(_time.GetUtcNow());
        return peer.NewestSent = now.CompareTo(peer.NewestSent) > 0 ? now : peer.NewestSent.Next();
    }

    private void AddMacs(HandshakePeer peer, Span<byte> message)
    {
        var mac1 = message[^Macs.Size..^Blake2sMac.Length];
        _mac.SetKey(peer.Hashes.Mac1Key);
        _mac.Compute(Macs.BeforeMac1(message), mac1);
        peer.Cookies.Sent(mac1);
        var mac2 = message[^Blake2sMac.Length..];
        var cookie = peer.Cookies.Fresh(_time);
        if (cookie.IsEmpty)
        {
            mac2.Clear();
            return;
        }
        _mac.SetKey(cookie);
        _mac.Compute(Macs.BeforeMac2(message), mac2);
        _mac.SetKey(peer.Hashes.Mac1Key); // the cookie is nobody else's business
    }
}
