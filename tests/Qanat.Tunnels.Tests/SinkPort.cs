using Qanat.Packets;

namespace Qanat.Tunnels.Tests;

/// <summary>Takes everything and keeps nothing.</summary>
internal sealed class SinkPort : IPort
{
    public int Taken { get; private set; }

    public int Receive(PacketBatch batch) => 0;

    public int Send(PacketBatch batch)
    {
        Taken += batch.Count;
        return batch.Count;
    }

    public void Dispose()
    {
    }
}
