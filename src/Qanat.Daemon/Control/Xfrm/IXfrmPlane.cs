using Qanat.Ipsec;

namespace Qanat.Daemon.Control.Xfrm;

/// <summary>
/// The engine whose databases packets are held against, as the control plane sees it. It belongs to the thread of a worker, so that
/// whoever wants something of it has that done there.
/// </summary>
public interface IXfrmPlane
{
    /// <summary>Does something with the engine between two packets, and returns when it is done.</summary>
    /// <param name="act">What to do; it does not linger.</param>
    T Use<T>(Func<IpsecEngine, T> act);
}

/// <summary>An engine that no worker has taken yet.</summary>
/// <param name="time">The clock of its lifetimes.</param>
public sealed class IdleXfrmPlane(TimeProvider time) : IXfrmPlane
{
    private readonly Lock _lock = new();
    private readonly IpsecEngine _engine = new(time);

    /// <inheritdoc/>
    public T Use<T>(Func<IpsecEngine, T> act)
    {
        ArgumentNullException.ThrowIfNull(act);
        lock (_lock)
            return act(_engine);
    }
}
