using Qanat.Crypto;

namespace Qanat.WireGuard;

/// <summary>A session: the keys that one handshake gave, what was sent under them, and what arrived.</summary>
/// <param name="peer">With whom.</param>
/// <param name="keys">What the handshake gave; it is wiped by whoever made it.</param>
/// <param name="created">When the handshake was.</param>
internal sealed class Keypair(Peer peer, TransportKeys keys, long created) : ISessionEntry, IDisposable
{
    private ReplayWindow _arrived;
    private bool _disposed;

    /// <summary>With whom.</summary>
    public Peer Peer { get; } = peer;

    /// <summary>Whether we began the handshake.</summary>
    public bool IsInitiator { get; } = keys.IsInitiator;

    /// <summary>The number of the preshared key that the handshake went by: see <see cref="PresharedKeys"/>.</summary>
    public int PresharedKey { get; } = keys.PresharedKey;

    /// <summary>Whether that key is a post-quantum one.</summary>
    public bool IsPostQuantum => PresharedKey != PresharedKeys.Configured;

    /// <summary>The session's number in what arrives.</summary>
    public uint LocalIndex { get; } = keys.LocalIndex;

    /// <summary>The session's number in what is sent.</summary>
    public uint RemoteIndex { get; } = keys.RemoteIndex;

    /// <summary>The key of what is sent.</summary>
    public BatchAead Sender { get; } = BatchAead.Create(keys.Send.Bytes, CipherDirection.Seal);

    /// <summary>The key of what arrives.</summary>
    public BatchAead Receiver { get; } = BatchAead.Create(keys.Receive.Bytes, CipherDirection.Open);

    /// <summary>The counter of the next message that is sent.</summary>
    public ulong NextCounter { get; internal set; }

    /// <summary>Whether it must not be used to send any more: our private key changed.</summary>
    public bool IsRetired { get; set; }

    /// <summary>When the handshake was.</summary>
    public long Created { get; } = created;

    /// <summary>Whether it is older than so many steps of 100 ns.</summary>
    public bool IsOlderThan(long age, long now) => now - Created >= age;

    /// <summary>Whether messages may be sent under it.</summary>
    public bool CanSend(long now) =>
        !_disposed && !IsRetired && !IsOlderThan(SessionLimits.RejectAfterTime, now) && NextCounter < SessionLimits.RejectAfterMessages;

    /// <summary>Whether messages that arrive may be opened.</summary>
    public bool CanReceive(long now) => !_disposed && !IsOlderThan(SessionLimits.RejectAfterTime, now);

    /// <summary>Whether it is time to ask for new keys because of what was sent (the kernel's send.c: keep_key_fresh).</summary>
    public bool WantsSuccessorOnSend(long now) => !IsRetired &&
        (NextCounter > SessionLimits.RekeyAfterMessages || IsInitiator && IsOlderThan(SessionLimits.RekeyAfterTime, now));

    /// <summary>Whether it is time to ask for new keys because of what arrived (the kernel's receive.c: keep_key_fresh).</summary>
    public bool WantsSuccessorOnReceive(long now) => !IsRetired && IsInitiator && IsOlderThan(SessionLimits.RekeyOnReceiveTime, now);

    /// <summary>Notes that an authentic message has arrived. False when it must not be let in.</summary>
    public bool TryAccept(ulong counter) => counter < SessionLimits.RejectAfterMessages && _arrived.TryAccept(counter);

    /// <summary>Wipes the keys.</summary>
    public void Dispose()
    {
        _disposed = true;
        Sender.Dispose();
        Receiver.Dispose();
    }
}
