using Qanat.Linux.Devices;
using Qanat.Linux.Events;
using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.DataPlane;

/// <summary>A tunnel's device on the worker: what the kernel hands over goes into the engine. Belongs to the worker.</summary>
internal sealed class TunnelDevice : IEventHandler, IDisposable
{
    private readonly TunnelEngine _engine;
    private readonly TunDevice _port;
    private readonly PacketBatch _batch;
    private readonly Action<Tunnel, Exception> _onFault;
    private readonly WorkerRegistration _registration;

    public TunnelDevice(
        Worker worker, TunnelEngine engine, Tunnel tunnel, TunDevice port, PacketBatch batch, Action<Tunnel, Exception> onFault)
    {
        (_engine, Tunnel, _port, _batch, _onFault) = (engine, tunnel, port, batch, onFault);
        _registration = worker.Register(port.Handle, this);
        _engine.Add(tunnel);
    }

    public Tunnel Tunnel { get; }

    /// <summary>What holds the sockets open that its packets arrive by.</summary>
    public IDisposable? Sockets { private get; set; }

    /// <summary>The offloads that are in force on the device.</summary>
    public TunOffloads Offloads => _port.Offloads.Granted;

    /// <summary>Has its packets arrive by others from now on.</summary>
    public void Exchange(IDisposable sockets)
    {
        Sockets?.Dispose();
        Sockets = sockets;
    }

    public void OnReady(Readiness ready)
    {
        _batch.Clear();
        if (_port.Receive(_batch) > 0)
            _engine.FromDevice(Tunnel, _batch);
    }

    public void OnFault(Exception fault) => _onFault(Tunnel, fault);

    public void Dispose()
    {
        _engine.Remove(Tunnel);
        _registration.Dispose();
        _port.Dispose();
        Sockets?.Dispose();
    }
}
