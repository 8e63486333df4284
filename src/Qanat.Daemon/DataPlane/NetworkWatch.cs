using Qanat.Linux.Events;
using Qanat.Linux.Netlink;

namespace Qanat.Daemon.DataPlane;

/// <summary>Hears what changes in the network namespace: devices for the tunnels, anything else for the route cache.</summary>
internal sealed class NetworkWatch(RouteCache routes, Action<Link> changed, Action<int> removed, Action resynchronise)
    : IEventHandler, IDisposable
{
    private readonly NetworkMonitor _monitor = new();
    private readonly List<NetworkEvent> _events = [];

    /// <summary>Begins to listen, on the worker's thread.</summary>
    public void Start(Worker worker)
    {
        worker.Register(_monitor.Handle, this);
        WorkerTimer? timer = null;
        timer = worker.AddTimer(() =>
        {
            routes.Invalidate();
            timer!.Set(RouteCache.Lifetime);
        });
        timer.Set(RouteCache.Lifetime);
    }

    public void OnReady(Readiness ready)
    {
        _events.Clear();
        _monitor.Receive(_events);
        if (_events.Count > 0)
            routes.Invalidate();
        foreach (var happened in _events)
            switch (happened)
            {
                case LinkChanged { Link: var link }:
                    changed(link);
                    break;
                case LinkRemoved { Link.Index: var index }:
                    removed(index);
                    break;
                case EventsLost:
                    resynchronise();
                    break;
            }
    }

    // The loop has let go of the monitor; the routes grow old by the timer alone from here on.
    public void OnFault(Exception fault) => resynchronise();

    public void Dispose() => _monitor.Dispose();
}
