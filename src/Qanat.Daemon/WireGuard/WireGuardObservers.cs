using Qanat.WireGuard;

namespace Qanat.Daemon.WireGuard;

/// <summary>Many observers in one's place. They may come and go on any thread while the worker tells what happens.</summary>
internal sealed class WireGuardObservers(IWireGuardObserver first) : IWireGuardObserver
{
    private readonly Lock _lock = new();
    private IWireGuardObserver[] _all = [first]; // replaced, never changed

    /// <summary>Adds one.</summary>
    /// <returns>What takes it away again.</returns>
    public IDisposable Add(IWireGuardObserver observer)
    {
        lock (_lock)
            _all = [.. _all, observer];
        return new Place(this, observer);
    }

    public void PeerAdded(Peer peer)
    {
        foreach (var observer in Volatile.Read(ref _all))
            observer.PeerAdded(peer);
    }

    public void PeerRemoved(Peer peer)
    {
        foreach (var observer in Volatile.Read(ref _all))
            observer.PeerRemoved(peer);
    }

    public void HandshakeCompleted(Peer peer)
    {
        foreach (var observer in Volatile.Read(ref _all))
            observer.HandshakeCompleted(peer);
    }

    public void EndpointChanged(Peer peer, in Endpoint before)
    {
        foreach (var observer in Volatile.Read(ref _all))
            observer.EndpointChanged(peer, before);
    }

    public void HandshakeGivenUp(Peer peer)
    {
        foreach (var observer in Volatile.Read(ref _all))
            observer.HandshakeGivenUp(peer);
    }

    public void KeysWiped(Peer peer)
    {
        foreach (var observer in Volatile.Read(ref _all))
            observer.KeysWiped(peer);
    }

    public void PostQuantumChanged(Peer peer)
    {
        foreach (var observer in Volatile.Read(ref _all))
            observer.PostQuantumChanged(peer);
    }

    public void PathMtuChanged(Peer peer)
    {
        foreach (var observer in Volatile.Read(ref _all))
            observer.PathMtuChanged(peer);
    }

    private void Remove(IWireGuardObserver observer)
    {
        lock (_lock)
            _all = [.. _all.Where(other => !ReferenceEquals(other, observer))];
    }

    private sealed class Place(WireGuardObservers all, IWireGuardObserver observer) : IDisposable
    {
        public void Dispose() => all.Remove(observer);
    }
}
