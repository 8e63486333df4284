using Qanat.Crypto;
using Qanat.Packets;

namespace Qanat.WireGuard;

/// <summary>
/// The datagrams that are about to leave, and where each goes. Packets are written into it in the clear, behind room for
/// headers, and sealed in place a run at a time: those that follow each other under one key.
/// </summary>
/// <param name="wire">The way out.</param>
/// <remarks>What is returned to be filled in must be filled in before anything else is added.</remarks>
internal sealed unsafe class Outgoing(IWire wire) : IDisposable
{
    // Room for a batch of packets of the usual length, which stays in the cache, and for the longest packet there is.
    private const int Bytes = 256 << 10;

    private readonly PacketBatch _batch = new(size: Bytes);
    private readonly Endpoint[] _endpoints = new Endpoint[PacketBatch.DefaultCapacity];
    private readonly AeadPacket[] _run = new AeadPacket[PacketBatch.DefaultCapacity];
    private int _runLength;
    private Keypair? _keypair;

    /// <summary>Adds a copy of a message of a handshake.</summary>
    public void Add(in Endpoint endpoint, ReadOnlySpan<byte> message) => message.CopyTo(_batch.Bytes(Reserve(endpoint, message.Length)));

    /// <summary>Adds a packet, which takes the next number of its session.</summary>
    /// <param name="endpoint">Where it goes.</param>
    /// <param name="keypair">The session.</param>
    /// <param name="length">Bytes of the packet.</param>
    /// <param name="padded">Bytes with its padding, which is zeros.</param>
    /// <param name="dontFragment">Whether it is to arrive whole or not at all.</param>
    /// <returns>Where the packet is to be written.</returns>
    public Span<byte> Add(scoped in Endpoint endpoint, Keypair keypair, int length, int padded, bool dontFragment = false)
    {
        if (keypair != _keypair)
            Seal();
        var index = Reserve(endpoint, TransportMessage.HeaderSize + padded + TransportMessage.TagSize);
        _batch[index].DontFragment = dontFragment;
        _keypair = keypair;
        var counter = keypair.NextCounter++;
        var message = _batch.Bytes(index);
        TransportMessage.WriteHeader(message, keypair.RemoteIndex, counter);
        message.Slice(TransportMessage.HeaderSize + length, padded - length).Clear();
        _run[_runLength++] = new(_batch.Address(index) + TransportMessage.HeaderSize, padded, counter);
        return message.Slice(TransportMessage.HeaderSize, length);
    }

    /// <summary>Sends what there is.</summary>
    public void Flush()
    {
        if (_batch.Count == 0)
            return;
        Seal();
        wire.Send(_batch, _endpoints.AsSpan(0, _batch.Count));
        _batch.Clear();
    }

    /// <summary>Seals what is still in the clear: the session's keys are about to go.</summary>
    public void Seal()
    {
        _keypair?.Sender.Seal(_run.AsSpan(0, _runLength));
        (_keypair, _runLength) = (null, 0);
    }

    /// <inheritdoc/>
    public void Dispose() => _batch.Dispose();

    private int Reserve(scoped in Endpoint endpoint, int length)
    {
        if (!_batch.TryAdd(length, PacketBatch.DefaultHeadroom, out var index))
        {
            Flush();
            _batch.TryAdd(length, PacketBatch.DefaultHeadroom, out index);
        }
        _endpoints[index] = endpoint;
        return index;
    }
}
