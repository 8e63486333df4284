using System.Diagnostics.CodeAnalysis;
using Qanat.Crypto;
using Qanat.WireGuard.Configuration;

namespace Qanat.WireGuard;

// What users set. Everything may change while packets pass, and costs no session but where it must.
public sealed partial class WireGuardDevice
{
    private LocalIdentity _identity;
    private Handshake _handshake;
    private CookieChecker _cookies;
    private SecretKey? _privateKey;

    /// <summary>Whether there is a private key. Without one nobody can be talked to.</summary>
    public bool HasPrivateKey => _privateKey is not null;

    /// <summary>Who peers know this end as; none without a private key.</summary>
    public PublicKey PublicKey => HasPrivateKey ? _identity.PublicKey : default;

    /// <summary>The peers, in the order in which they were added.</summary>
    public IReadOnlyCollection<Peer> Peers => _peers.Values;

    /// <summary>The peer with that key; null when there is none.</summary>
    public Peer? Find(PublicKey publicKey) => _peers.TryGetValue(publicKey, out var peer) ? peer : null;

    /// <summary>How old the session is that is sent with; null when there is none.</summary>
    public TimeSpan? SessionAgeOf(Peer peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        _clock.Read();
        return TryGetSession(peer, out var session) ? TimeSpan.FromTicks(_clock.Now - session.Created) : null;
    }

    /// <summary>The addresses of a peer, in the order in which they were given.</summary>
    public IEnumerable<AllowedIp> AllowedIpsOf(Peer peer) => _allowedIps.Of(peer);

    /// <summary>
    /// Takes another private key. Sessions are not sent with any more, and new ones begin when there is something to send; a peer
    /// whose key is now our own is removed (drivers/net/wireguard/netlink.c: wg_set_device).
    /// </summary>
    /// <param name="privateKey">32 bytes, which are copied; none for no key.</param>
    /// <exception cref="ArgumentException">It has another length.</exception>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public void SetPrivateKey(ReadOnlySpan<byte> privateKey)
    {
        if (privateKey.IsEmpty)
        {
            CloseIdentity();
            BecomeNobody();
        }
        else
        {
            var identity = new LocalIdentity(privateKey);
            if (HasPrivateKey && identity.PublicKey == _identity.PublicKey)
            {
                identity.Dispose();
                return;
            }
            CloseIdentity();
            Become(identity);
            _privateKey = new(privateKey);
        }
        if (HasPrivateKey && Find(PublicKey) is { } ourself)
            Remove(ourself);
        foreach (var peer in _peers.Values)
        {
            ForgetHandshake(peer);
            ForgetDerivedKeys(peer);
            peer.Handshake.Adopt(_identity);
            peer.Keypairs.Retire();
            peer.LastHandshakeSent = Clock.Never;
        }
    }

    /// <summary>Adds a peer, which is nowhere and has no addresses.</summary>
    /// <returns>The peer; the one that there is already; or null when the key is our own.</returns>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public Peer? Add(PublicKey publicKey)
    {
        if (HasPrivateKey && publicKey == _identity.PublicKey)
            return null;
        if (_peers.TryGetValue(publicKey, out var peer))
            return peer;
        _peers.Add(publicKey, peer = new(publicKey, new(_identity, publicKey), _sessions));
        _observer.PeerAdded(peer);
        return peer;
    }

    /// <summary>Removes a peer, with its addresses, its sessions and what waits for them.</summary>
    public void Remove(Peer peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        if (peer.IsRemoved)
            return;
        Forget(peer);
        _peers.Remove(peer.PublicKey);
        _observer.PeerRemoved(peer);
    }

    /// <summary>Removes all peers.</summary>
    public void RemoveAll()
    {
        foreach (var peer in _peers.Values)
        {
            Forget(peer);
            _observer.PeerRemoved(peer);
        }
        _peers.Clear();
    }

    /// <summary>Gives addresses to a peer; another peer that has the same loses them.</summary>
    public void Allow(Peer peer, AllowedIp addresses)
    {
        ArgumentNullException.ThrowIfNull(peer);
        if (!peer.IsRemoved)
            _allowedIps.Add(addresses, peer);
    }

    /// <summary>Takes addresses from a peer. False when it has not got just these.</summary>
    public bool Disallow(Peer peer, AllowedIp addresses) => _allowedIps.Remove(addresses, peer);

    /// <summary>Takes all addresses from a peer.</summary>
    public void DisallowAll(Peer peer) => _allowedIps.Clear(peer);

    /// <summary>Says where a peer is, until it sends from elsewhere. What waits for it leaves.</summary>
    public void SetEndpoint(Peer peer, in Endpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(peer);
        if (peer.Endpoint == endpoint)
            return;
        _clock.Read();
        var before = peer.Endpoint;
        peer.Endpoint = endpoint;
        if (!before.IsAt(endpoint))
            LeavePath(peer, before);
        if (IsUp && !peer.IsRemoved)
            SendStaged(peer);
        Finish();
    }

    /// <summary>
    /// Sets after what silence an empty message is sent that keeps the way open, and sends one when there was no such time before.
    /// </summary>
    /// <param name="peer">To whom.</param>
    /// <param name="interval">Whole seconds up to 65,535; zero for never.</param>
    public void SetPersistentKeepalive(Peer peer, TimeSpan interval)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, TimeSpan.Zero);
        var begins = peer.PersistentKeepalive == TimeSpan.Zero && interval > TimeSpan.Zero;
        peer.PersistentKeepalive = interval;
        if (peer.IsRemoved || !IsUp)
            return;
        _clock.Read();
        if (interval == TimeSpan.Zero)
            peer.Timers.Cancel(PeerTimer.PersistentKeepalive);
        else
            PassedAuthentic(peer);
        if (begins)
            SendKeepalive(peer);
        Finish();
    }

    /// <summary>
    /// Has answers leave from whatever address the routes choose: the socket has changed (the kernel's wg_socket_reinit).
    /// </summary>
    public void ForgetLocalAddresses()
    {
        foreach (var peer in _peers.Values)
            ForgetLocalAddress(peer);
    }

    /// <summary>Lets packets pass. Peers with a persistent keepalive are greeted.</summary>
    public void Start()
    {
        if (IsUp)
            return;
        IsUp = true;
        _clock.Read();
        foreach (var peer in _peers.Values)
        {
            if (peer.PersistentKeepalive == TimeSpan.Zero)
                continue;
            SendKeepalive(peer);
            PassedAuthentic(peer);
        }
        Finish();
    }

    /// <summary>Lets nothing pass any more, and wipes the sessions; peers stay.</summary>
    public void Stop()
    {
        IsUp = false;
        foreach (var peer in _peers.Values)
            Halt(peer);
    }

    private void Halt(Peer peer)
    {
        _schedule.Remove(peer);
        peer.Timers = new();
        (peer.HandshakeAttempts, peer.NeedsAnotherKeepalive, peer.SentLastMinuteHandshake) = (0, false, false);
        peer.LastHandshakeSent = Clock.Never;
        _staged.Clear(peer);
        Wipe(peer);
        ForgetPath(peer);
    }

    private void Forget(Peer peer)
    {
        Halt(peer);
        _allowedIps.Clear(peer);
        peer.IsRemoved = true;
        peer.Handshake.Dispose();
    }

    // A key that nobody knows stands in for none, so that peers can be set up before there is one.
    [MemberNotNull(nameof(_identity), nameof(_handshake), nameof(_cookies))]
    private void BecomeNobody()
    {
        using var key = X25519.GeneratePrivateKey();
        Become(new(key.Bytes));
    }

    [MemberNotNull(nameof(_identity), nameof(_handshake), nameof(_cookies))]
    private void Become(LocalIdentity identity)
    {
        _identity = identity;
        _handshake = new(identity, _time);
        _cookies = new(identity, _time);
    }

    private void CloseIdentity()
    {
        _handshake.Dispose();
        _cookies.Dispose();
        _identity.Dispose();
        _privateKey?.Dispose();
        _privateKey = null;
    }
}
