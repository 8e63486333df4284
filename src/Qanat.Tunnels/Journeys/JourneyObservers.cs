namespace Qanat.Tunnels;

/// <summary>Those who watch a tunnel. Its worker calls them without a lock; others come and go meanwhile.</summary>
internal sealed class JourneyObservers
{
    private readonly Lock _gate = new();
    private volatile IJourneyObserver[] _observers = []; // replaced, never altered
    private bool _ended;

    public bool Any => _observers.Length > 0;

    public void Add(IJourneyObserver observer)
    {
        lock (_gate)
        {
            if (!_ended)
            {
                _observers = [.. _observers, observer];
                return;
            }
        }

        observer.OnEnd();
    }

    public void Remove(IJourneyObserver observer)
    {
        lock (_gate)
            _observers = [.. _observers.Where(other => other != observer)];
    }

    public void Begin(JourneySide side, ReadOnlySpan<byte> packet, DropReason? dropped = null)
    {
        foreach (var observer in _observers)
            observer.OnBegin(side, packet, dropped);
    }

    public void Continue(JourneySide side, ReadOnlySpan<byte> packet)
    {
        foreach (var observer in _observers)
            observer.OnContinue(side, packet);
    }

    public void End()
    {
        IJourneyObserver[] left;
        lock (_gate)
            (left, _observers, _ended) = (_observers, [], true);
        foreach (var observer in left)
            observer.OnEnd();
    }
}
