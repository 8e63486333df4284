using Qanat.Linux.Events;
using Qanat.Packets;

namespace Qanat.Daemon.DataPlane;

/// <summary>Hands what a socket receives to the engine, a batch at a time. Belongs to the worker.</summary>
internal sealed class Receiver(IPort port, PacketBatch batch, Action<PacketBatch> consume) : IEventHandler
{
    public void OnReady(Readiness ready)
    {
        batch.Clear();
        if (port.Receive(batch) > 0)
            consume(batch);
    }

    public void OnFault(Exception fault) => throw new InvalidOperationException("A tunnel's socket failed.", fault);
}
