namespace Qanat.Daemon.Lifecycle;

/// <summary>
/// Counts the requests under way, so that a daemon with nothing to do can end without losing one. Closing succeeds only
/// between two requests; from then on each is answered 503 and has had no effect, as has a connection that is refused or
/// reset. So a client whose request failed in one of these ways starts a daemon (which waits for the old one to be gone)
/// and asks again.
/// </summary>
internal sealed class RequestGate(TimeProvider time)
{
    private const int Closed = -1;
    private readonly Lock _lock = new();
    private long _lastEnd = time.GetTimestamp();
    private int _underWay;

    /// <summary>Begins a request; false when the gate is closed.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (_underWay == Closed)
                return false;
            _underWay++;
            return true;
        }
    }

    /// <summary>Ends a request that began.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _underWay--;
            _lastEnd = time.GetTimestamp();
        }
    }

    /// <summary>
    /// Closes for good when no request is under way, none ended within <paramref name="quiet"/>, and
    /// <paramref name="unused"/> holds, which no request can alter meanwhile.
    /// </summary>
    public bool TryClose(TimeSpan quiet, Func<bool> unused)
    {
        lock (_lock)
        {
            if (_underWay != 0 || time.GetElapsedTime(_lastEnd) < quiet || !unused())
                return false;
            _underWay = Closed;
            return true;
        }
    }
}
