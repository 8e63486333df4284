using Qanat.WireGuard;

namespace Qanat.Daemon.WireGuard.Sight;

/// <summary>
/// Tells those who listen what happens to an interface. The worker never waits for them: who reads too slowly loses events, and is
/// told how many.
/// </summary>
/// <param name="name">The interface.</param>
/// <param name="nameOf">What people call a peer.</param>
/// <param name="time">The clock.</param>
internal sealed class EventFeed(string name, Func<PublicKey, string?> nameOf, TimeProvider time) : IWireGuardObserver
{
    /// <summary>How many may listen at once: each has one of the places of the socket's clients.</summary>
    public const int MaxListeners = 16;

    private readonly Lock _lock = new();
    private EventListener[] _listeners = [];

    /// <summary>Begins to listen; null when too many do already. To be disposed of at the end.</summary>
    public EventListener? Listen()
    {
        lock (_lock)
        {
            if (_listeners.Length == MaxListeners)
                return null;
            var listener = new EventListener(Forget);
            listener.Tell(About(InterfaceEvent.Listening));
            Volatile.Write(ref _listeners, [.. _listeners, listener]);
            return listener;
        }
    }

    /// <summary>Packets pass.</summary>
    /// <param name="port">The port that is listened on.</param>
    public void WentUp(ushort port)
    {
        if (IsHeard)
            Tell(About(InterfaceEvent.Up) with { ListenPort = port });
    }

    /// <summary>No packets pass any more.</summary>
    public void WentDown()
    {
        if (IsHeard)
            Tell(About(InterfaceEvent.Down));
    }

    public void PeerAdded(Peer peer) => Tell(peer, InterfaceEvent.PeerAdded);

    public void PeerRemoved(Peer peer) => Tell(peer, InterfaceEvent.PeerRemoved);

    public void HandshakeCompleted(Peer peer) => Tell(peer, InterfaceEvent.HandshakeCompleted);

    public void EndpointChanged(Peer peer, in Endpoint before) => Tell(peer, InterfaceEvent.EndpointChanged, before);

    public void HandshakeGivenUp(Peer peer) => Tell(peer, InterfaceEvent.HandshakeGivenUp);

    public void PostQuantumChanged(Peer peer) =>
        Tell(peer, peer.IsPostQuantum ? InterfaceEvent.PostQuantum : InterfaceEvent.PostQuantumLost);

    public void KeysWiped(Peer peer) => Tell(peer, InterfaceEvent.KeysWiped);

    private bool IsHeard => Volatile.Read(ref _listeners).Length > 0;

    private InterfaceEvent About(string what) => new() { Time = time.GetUtcNow(), Interface = name, Event = what };

    private void Tell(Peer peer, string what, Endpoint before = default)
    {
        if (!IsHeard)
            return;
        Tell(About(what) with
        {
            Peer = peer.PublicKey.ToString(),
            Name = nameOf(peer.PublicKey),
            Endpoint = peer.Endpoint.IsKnown ? peer.Endpoint.ToString() : null,
            Before = before.IsKnown ? before.ToString() : null,
            RttSeconds = peer.Rtt?.TotalSeconds,
        });
    }

    private void Tell(InterfaceEvent happened)
    {
        foreach (var listener in Volatile.Read(ref _listeners))
            listener.Tell(happened);
    }

    private void Forget(EventListener listener)
    {
        lock (_lock)
            Volatile.Write(ref _listeners, [.. _listeners.Where(other => other != listener)]);
    }
}
