using System.Threading.Channels;
using Qanat.Vpn.Storage;
using Qanat.WireGuard;

namespace Qanat.Daemon.Vpn;

/// <summary>
/// Hears of peers on the thread that moves packets, and has entries ready for the audit log: who came, moved and went. One that
/// moves all the time is written of once a minute.
/// </summary>
/// <param name="keys">Whose keys are whose now.</param>
/// <param name="arrived">Hears with which of its keys a peer came.</param>
/// <param name="time">The clock.</param>
internal sealed class PeerJournal(Func<PeerKeys> keys, Action<PublicKey> arrived, TimeProvider time) : IWireGuardObserver
{
    private const int MostWaiting = 10_000;
    private static readonly TimeSpan s_betweenMoves = TimeSpan.FromMinutes(1);

    private readonly Channel<AuditEntry> _entries = Channel.CreateBounded<AuditEntry>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly Lock _lock = new();

    // Of peers that are there, when it was last written that they moved.
    private readonly Dictionary<string, long?> _present = [];

    /// <summary>The entries, in order; those that nobody fetches in time are lost.</summary>
    public ChannelReader<AuditEntry> Entries => _entries.Reader;

    /// <summary>Ends the entries.</summary>
    public void Close() => _entries.Writer.TryComplete();

    /// <summary>Forgets the peers that are no more: one that gets the name of another has never come.</summary>
    public void ForgetOthers(PeerKeys known)
    {
        lock (_lock)
            foreach (var name in _present.Keys.Where(name => !known.Has(name)).ToArray())
                _present.Remove(name);
    }

    /// <inheritdoc/>
    public void HandshakeCompleted(Peer peer)
    {
        if (keys().OwnerOf(peer.PublicKey) is not { } name)
            return;
        arrived(peer.PublicKey);
        lock (_lock)
            if (!_present.TryAdd(name, null))
                return;
        Write(AuditEvent.Connect, name, peer);
    }

    /// <inheritdoc/>
    public void EndpointChanged(Peer peer, in Endpoint before)
    {
        if (!before.IsKnown || before.IsAt(peer.Endpoint) || keys().OwnerOf(peer.PublicKey) is not { } name)
            return;
        lock (_lock)
        {
            if (!_present.TryGetValue(name, out var last) || last is { } moved && time.GetElapsedTime(moved) < s_betweenMoves)
                return;
            _present[name] = time.GetTimestamp();
        }
        Write(AuditEvent.Roam, name, peer);
    }

    /// <inheritdoc/>
    public void KeysWiped(Peer peer)
    {
        if (keys().OwnerOf(peer.PublicKey) is not { } name)
            return;
        lock (_lock)
            if (!_present.Remove(name))
                return;
        Write(AuditEvent.Disconnect, name, peer);
    }

    private void Write(AuditEvent happened, string name, Peer peer) =>
        _entries.Writer.TryWrite(new(happened, name) { Time = time.GetUtcNow(), From = peer.Endpoint.ToString() });
}
