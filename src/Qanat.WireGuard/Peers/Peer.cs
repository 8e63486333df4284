namespace Qanat.WireGuard;

/// <summary>
/// Another end of a device's tunnels: who it is, where it is, and what is under way with it. It belongs to the device's worker;
/// <see cref="WireGuardDevice"/> changes it.
/// </summary>
public sealed class Peer : ISessionEntry
{
    /// <summary>The <see cref="InnerMtu"/> of a peer at which all arrives that the network device lets through.</summary>
    internal const int AnyMtu = int.MaxValue;

    /// <summary>What handshakes remember.</summary>
    internal readonly HandshakePeer Handshake;

    /// <summary>The sessions.</summary>
    internal Keypairs Keypairs;

    /// <summary>What it waits for.</summary>
    internal PeerTimers Timers = new();

    /// <summary>What <see cref="Rtt"/> is made of.</summary>
    internal RttEstimate RttSamples;

    internal Peer(PublicKey publicKey, HandshakePeer handshake, SessionTable sessions)
    {
        PublicKey = publicKey;
        Handshake = handshake;
        Keypairs = new(sessions);
    }

    /// <summary>Who it is.</summary>
    public PublicKey PublicKey { get; }

    /// <summary>Where it is: where it last sent from, or else what was configured.</summary>
    public Endpoint Endpoint { get; internal set; }

    /// <summary>The time after which an empty message keeps the way to it open; zero for never.</summary>
    public TimeSpan PersistentKeepalive { get; internal set; }

    /// <summary>True when a preshared key is set.</summary>
    public bool HasPresharedKey { get; private set; }

    /// <summary>The time of day when the last handshake was completed; null before the first.</summary>
    public DateTimeOffset? LastHandshake { get; internal set; }

    /// <summary>How long a message takes to it and back, where it is now; null while that is not known.</summary>
    public TimeSpan? Rtt => RttSamples.Value;

    /// <summary>What it has sent and was sent.</summary>
    public WireGuardCounters Counters { get; } = new();

    /// <summary>True while there is a session that can be sent with, or could be until it grew too old.</summary>
    public bool HasSession => Keypairs.Current is not null;

    /// <summary>
    /// Bytes of the largest IP packet that arrives where it is, by probing; null while nothing is known. What it carries is smaller
    /// by the headers: 60 bytes over IPv4, 80 over IPv6.
    /// </summary>
    public int? PathMtu => Prober?.PathMtu;

    /// <summary>Whether it is known to be Qanat: it has answered a control message.</summary>
    public bool IsQanat => Prober is { IsAnsweredByQanat: true };

    /// <summary>
    /// Whether the session that is sent with is under a post-quantum preshared key: who records it learns nothing of it by a quantum
    /// computer later. See <see cref="WireGuardDevice.KeyEncapsulation"/>.
    /// </summary>
    public bool IsPostQuantum => Keypairs.Current is { IsPostQuantum: true };

    Peer ISessionEntry.Peer => this;

    /// <summary>How a post-quantum key is come to, from the first on.</summary>
    internal KeyExchange? Exchange { get; set; }

    /// <summary>What <see cref="IsPostQuantum"/> was when that was last told.</summary>
    internal bool WasPostQuantum { get; set; }

    /// <summary>What measures the path to it, from the first packet on.</summary>
    internal PathProber? Prober { get; set; }

    /// <summary>Bytes of the largest inner packet that arrives at it.</summary>
    internal int InnerMtu { get; set; } = AnyMtu;

    /// <summary>The place in <see cref="PeerSchedule"/>.</summary>
    internal int SchedulePlace { get; set; } = PeerSchedule.Nowhere;

    /// <summary>When it is to be looked at.</summary>
    internal long WakeAt { get; set; }

    /// <summary>What waits for a session.</summary>
    internal StagedPackets.Row Staged { get; set; }

    /// <summary>The number of the handshake that we began last, while it waits for a response.</summary>
    internal uint? HandshakeIndex { get; set; }

    /// <summary>When we last sent an initiation or a response.</summary>
    internal long LastHandshakeSent { get; set; } = Clock.Never;

    /// <summary>When we last answered an initiation.</summary>
    internal long LastResponseSent { get; set; } = Clock.Never;

    /// <summary>When we last sent an initiation.</summary>
    internal long LastInitiationSent { get; set; } = Clock.Never;

    /// <summary>When the last initiation arrived that was let in.</summary>
    internal long LastInitiation { get; set; } = Clock.Never;

    /// <summary>How often the initiation was sent again.</summary>
    internal int HandshakeAttempts { get; set; }

    /// <summary>Whether another confirmation is owed once the one that waits is sent.</summary>
    internal bool NeedsAnotherKeepalive { get; set; }

    /// <summary>Whether new keys were asked for already because the session grows old while it only receives.</summary>
    internal bool SentLastMinuteHandshake { get; set; }

    /// <summary>Whether the device still has it.</summary>
    internal bool IsRemoved { get; set; }

    /// <summary>
    /// Sets the preshared key, which the next handshake message goes by, and forgets those derived from the last. The session that
    /// there is stays.
    /// </summary>
    /// <param name="key">32 bytes, which are copied; none, or zeros, for no key.</param>
    /// <exception cref="ArgumentException">It has another length.</exception>
    public void SetPresharedKey(ReadOnlySpan<byte> key)
    {
        if (IsRemoved)
            return;
        Handshake.SetPresharedKey(key);
        Exchange?.End();
        HasPresharedKey = key.ContainsAnyExcept((byte)0);
    }

    /// <summary>Its public key.</summary>
    public override string ToString() => PublicKey.ToString();
}
