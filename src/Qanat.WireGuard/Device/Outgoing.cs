using Qanat.Crypto;
using Qanat.Packets;

namespace Qanat.WireGuard;

/// <summary>
/// The datagrams that are about to leave, and where each goes. Packets are written into it in the clear, behind room for
/// headers, and sealed in place, some of one key at a time. Those of one session that have the same length lie end to end, as one
/// super-datagram, which the kernel cuts again (UDP_SEGMENT); the last may be shorter.
/// </summary>
/// <param name="wire">The way out.</param>
/// <param name="crew">Who seals.</param>
/// <remarks>What is returned to be filled in must be filled in before anything else is added.</remarks>
internal sealed unsafe class Outgoing(IWire wire, AeadCrew crew) : IDisposable
{
    /// <summary>The most bytes of a super-datagram: what UDP over IPv4 takes.</summary>
    public const int MaxLength = PacketBatch.MaxPacketLength - IPv4Header.MinSize - UdpHeader.Size;

    /// <summary>The most datagrams in one (UDP_MAX_SEGMENTS; older kernels take half of it, and the socket sees to that).</summary>
    public const int MaxDatagrams = 128;

    /// <summary>AF41, with which the messages of handshakes leave (drivers/net/wireguard/messages.h: HANDSHAKE_DSCP).</summary>
    public const byte HandshakeTrafficClass = 0x88;

    // Room for a batch of packets of the usual length, which stays in the cache, and for the longest packet there is.
    private const int Bytes = 256 << 10;

    private readonly PacketBatch _batch = new(size: Bytes);
    private readonly Endpoint[] _endpoints = new Endpoint[PacketBatch.DefaultCapacity];
    private readonly AeadPacket[] _run = new AeadPacket[crew.RunLength];
    private int _runLength;
    private Keypair? _keypair;

    // Of the newest super-datagram: bytes of each of its datagrams, how many it has, and whether another may follow.
    private int _size, _count;
    private bool _isOpen;

    /// <summary>Adds a copy of a message of a handshake.</summary>
    public void Add(in Endpoint endpoint, ReadOnlySpan<byte> message, byte trafficClass)
    {
        Seal();
        message.CopyTo(_batch.Bytes(Reserve(endpoint, message.Length, trafficClass)));
    }

    /// <summary>Adds a packet, which takes the next number of its session.</summary>
    /// <param name="endpoint">Where it goes.</param>
    /// <param name="keypair">The session.</param>
    /// <param name="length">Bytes of the packet.</param>
    /// <param name="padded">Bytes with its padding, which is zeros.</param>
    /// <param name="trafficClass">TOS or traffic class of the datagram.</param>
    /// <param name="dontFragment">Whether it is to arrive whole or not at all.</param>
    /// <returns>Where the packet is to be written.</returns>
    public Span<byte> Add(
        scoped in Endpoint endpoint, Keypair keypair, int length, int padded, byte trafficClass, bool dontFragment = false)
    {
        if (keypair != _keypair)
            Seal();
        else if (_runLength == _run.Length)
            SealRun();
        var message = Place(endpoint, TransportMessage.MinSize + padded, trafficClass, dontFragment);
        _keypair = keypair;
        var counter = keypair.NextCounter++;
        TransportMessage.WriteHeader(new(message, TransportMessage.HeaderSize), keypair.RemoteIndex, counter);
        var text = message + TransportMessage.HeaderSize;
        new Span<byte>(text + length, padded - length).Clear();
        _run[_runLength++] = new(text, padded, counter);
        return new(text, length);
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
        SealRun();
        (_keypair, _isOpen) = (null, false);
    }

    /// <inheritdoc/>
    public void Dispose() => _batch.Dispose();

    private void SealRun()
    {
        if (_keypair is not null)
            crew.Seal(_keypair.Sender, _run.AsSpan(0, _runLength));
        _runLength = 0;
    }

    // Behind the datagrams before it if it is like them, or else by itself.
    private byte* Place(scoped in Endpoint endpoint, int size, byte trafficClass, bool dontFragment)
    {
        var last = _batch.Count - 1;
        if (_isOpen && !dontFragment && size <= _size && _count < MaxDatagrams && _batch[last].Length + size <= MaxLength &&
            _batch[last].TrafficClass == trafficClass && _endpoints[last] == endpoint && _batch.TryGrowLast(size))
        {
            (_batch[last].Gso, _batch[last].GsoSize) = (GsoType.UdpL4, (ushort)_size);
            (_count, _isOpen) = (_count + 1, size == _size);
        }
        else
        {
            last = Reserve(endpoint, size, trafficClass);
            _batch[last].DontFragment = dontFragment;
            (_size, _count, _isOpen) = (size, 1, !dontFragment);
        }
        return _batch.Address(last) + _batch[last].Length - size;
    }

    private int Reserve(scoped in Endpoint endpoint, int length, byte trafficClass)
    {
        if (!_batch.TryAdd(length, PacketBatch.DefaultHeadroom, out var index))
        {
            Flush();
            _batch.TryAdd(length, PacketBatch.DefaultHeadroom, out index);
        }
        _endpoints[index] = endpoint;
        _batch[index].TrafficClass = trafficClass;
        return index;
    }
}
