using Qanat.Linux.Events;
using Qanat.Linux.Netlink;

namespace Qanat.Daemon.WireGuard;

/// <summary>Hands what changes in a network namespace to somebody, as it happens. Belongs to the worker.</summary>
internal sealed class NetworkListener : IEventHandler, IDisposable
{
    private readonly NetworkMonitor _monitor;
    private readonly Action<NetworkEvent> _heard;
    private readonly Action<Exception> _failed;
    private readonly List<NetworkEvent> _events = [];
    private readonly WorkerRegistration _registration;

    /// <summary>Begins to listen, on the worker's thread.</summary>
    /// <param name="worker">Whose events they are.</param>
    /// <param name="monitor">What listens; it is disposed with this.</param>
    /// <param name="heard">Takes what happened.</param>
    /// <param name="failed">Hears that nothing more will be heard.</param>
    public NetworkListener(Worker worker, NetworkMonitor monitor, Action<NetworkEvent> heard, Action<Exception> failed)
    {
        (_monitor, _heard, _failed) = (monitor, heard, failed);
        _registration = worker.Register(monitor.Handle, this);
    }

    public void OnReady(Readiness ready)
    {
        _events.Clear();
        _monitor.Receive(_events);
        foreach (var happened in _events)
            _heard(happened);
    }

    public void OnFault(Exception fault) => _failed(fault);

    public void Dispose()
    {
        _registration.Dispose();
        _monitor.Dispose();
    }
}
