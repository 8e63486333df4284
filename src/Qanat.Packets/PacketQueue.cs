namespace Qanat.Packets;

/// <summary>
/// The way out through a port, a batch at a time: packets are made in <see cref="Batch"/> and leave when it is full or
/// <see cref="Flush"/> is called.
/// </summary>
/// <param name="port">Where they go.</param>
/// <param name="batch">Where they are made; several queues of one worker may share one, if each is flushed before the next.</param>
public sealed class PacketQueue(IPort port, PacketBatch batch)
{
    /// <summary>Where packets go.</summary>
    public IPort Port { get; } = port;

    /// <summary>The packets that are about to leave.</summary>
    public PacketBatch Batch { get; } = batch;

    /// <summary>
    /// Packets that the port has refused; one that is closed refuses all. Whoever receives from it hears that it is, so this
    /// side only counts.
    /// </summary>
    public long Refused { get; private set; }

    /// <summary>Adds a packet of <paramref name="length"/> bytes to be filled in, sending what waits when there is no more room.</summary>
    /// <returns>Its index in <see cref="Batch"/>, or -1 when it is larger than the whole batch.</returns>
    public int Add(int length, int headroom = PacketBatch.DefaultHeadroom)
    {
        if (Batch.TryAdd(length, headroom, out var index))
            return index;
        Flush();
        return Batch.TryAdd(length, headroom, out index) ? index : -1;
    }

    /// <summary>Sends what waits.</summary>
    public void Flush()
    {
        if (Batch.Count == 0)
            return;
        var sent = 0;
        try
        {
            sent = Port.Send(Batch);
        }
        catch (PortClosedException)
        {
        }
        Refused += Batch.Count - sent;
        Batch.Clear();
    }
}
