using Qanat.Linux.Events;
using Qanat.Linux.Ports;
using Qanat.Packets;

namespace Qanat.Daemon.DataPlane;

/// <summary>
/// Sockets that are open as long as some tunnel needs them: one a key, an outer protocol for instance, with a count of those
/// who asked. Belongs to the worker.
/// </summary>
/// <param name="worker">Whose events they are.</param>
/// <param name="batch">Where they receive.</param>
/// <param name="consume">What takes it from there.</param>
/// <param name="open">Opens the socket of a key.</param>
internal sealed class Listeners<TKey, TPort>(Worker worker, PacketBatch batch, Action<PacketBatch> consume, Func<TKey, TPort> open)
    : IDisposable
    where TKey : notnull
    where TPort : KernelPort
{
    private readonly Dictionary<TKey, Listener> _listeners = [];

    /// <summary>Has the socket of <paramref name="key"/> open, once more.</summary>
    /// <exception cref="Qanat.Linux.LinuxException">It could not be opened.</exception>
    public TPort Open(TKey key)
    {
        if (!_listeners.TryGetValue(key, out var listener))
        {
            var port = open(key);
            _listeners[key] = listener = new(port, worker.Register(port.Handle, new Receiver(port, batch, consume)));
        }
        listener.Users++;
        return listener.Port;
    }

    /// <summary>Needs it no more; the last one closes it.</summary>
    public void Close(TKey key)
    {
        if (!_listeners.TryGetValue(key, out var listener) || --listener.Users > 0)
            return;
        _listeners.Remove(key);
        listener.Dispose();
    }

    public void Dispose()
    {
        foreach (var listener in _listeners.Values)
            listener.Dispose();
        _listeners.Clear();
    }

    private sealed class Listener(TPort port, WorkerRegistration registration) : IDisposable
    {
        public TPort Port { get; } = port;

        public int Users { get; set; }

        public void Dispose()
        {
            registration.Dispose();
            Port.Dispose();
        }
    }
}
