using System.Collections.Concurrent;

namespace Qanat.Packets;

/// <summary>A port made of memory, for tests and for tunnels inside one process: what one end sends, the other receives.</summary>
/// <remarks>Both ends may live on different threads. Offload facts travel with the packets.</remarks>
public sealed class MemoryPort : IPort
{
    /// <summary>Packets that wait at one end unless told otherwise.</summary>
    public const int DefaultLimit = 4096;

    private readonly ConcurrentQueue<(byte[] Packet, PacketInfo Info)> _incoming = new();
    private readonly int _limit;
    private MemoryPort? _peer;
    private volatile bool _closed;

    private MemoryPort(int limit) => _limit = limit;

    /// <summary>Packets that wait to be received here.</summary>
    public int Waiting => _incoming.Count;

    /// <summary>Makes two ports that are joined.</summary>
    /// <param name="limit">The most packets that wait at one end; further ones are refused.</param>
    public static (MemoryPort Left, MemoryPort Right) Pair(int limit = DefaultLimit)
    {
        MemoryPort left = new(limit), right = new(limit);
        left._peer = right;
        right._peer = left;
        return (left, right);
    }

    /// <inheritdoc/>
    public int Receive(PacketBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ThrowIfClosed();
        var received = 0;
        while (_incoming.TryPeek(out var next) && batch.TryAdd(next.Packet))
        {
            ref var info = ref batch[batch.Count - 1];
            info = next.Info with { Start = info.Start, Length = info.Length, Floor = info.Floor };
            _incoming.TryDequeue(out _);
            received++;
        }
        return received;
    }

    /// <inheritdoc/>
    public int Send(PacketBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ThrowIfClosed();
        var peer = _peer!;
        var sent = 0;
        for (var i = 0; i < batch.Count && !peer._closed && peer.Waiting < peer._limit; i++, sent++)
            peer._incoming.Enqueue((batch.Bytes(i).ToArray(), batch[i]));
        return sent;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _closed = true;
        _incoming.Clear();
    }

    private void ThrowIfClosed()
    {
        if (_closed)
            throw new PortClosedException();
    }
}
