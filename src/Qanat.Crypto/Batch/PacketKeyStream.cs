using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Qanat.Crypto.Batch;

/// <summary>
/// The key stream of some packets, a vector of blocks at a time: first the block of each that holds its Poly1305 key (RFC 8439,
/// 2.6), then the blocks of their texts, packet by packet, so that but for the last vector no lane is idle.
/// </summary>
internal unsafe struct PacketKeyStream<T> where T : unmanaged, IWords<T>
{
    /// <summary>Bytes from a packet's Poly1305 key to the next one's.</summary>
    public const int KeyStride = ChaCha20Lanes<T>.BlockLength;

    private const int BlockLength = ChaCha20Lanes<T>.BlockLength;
    private const int MaxLanes = 16;

    private fixed byte _stream[MaxLanes * BlockLength];

    // Twice as many as there are lanes: whole vectors are stored, from any lane on.
    private fixed uint _counters[2 * MaxLanes];
    private fixed uint _lows[2 * MaxLanes];
    private fixed uint _highs[2 * MaxLanes];

    // Neighbouring lanes that are of one text: where that text goes on, and for how many bytes.
    private fixed ulong _places[MaxLanes];
    private fixed int _lengths[MaxLanes];
    private int _runs, _firstLane;

    private AeadPacket* _packets;
    private int _count, _packet, _done;

    /// <summary>Generates the first blocks, and with them the Poly1305 keys.</summary>
    /// <param name="key">The key, 8 words, and the first word of all nonces.</param>
    /// <param name="packets">The packets.</param>
    /// <param name="count">How many there are: at most as many as lanes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Begin(uint* key, AeadPacket* packets, int count)
    {
        _packets = packets;
        (_count, _packet, _done) = (count, 0, 0);
        for (var i = 0; i < count; i++)
            (_counters[i], _lows[i], _highs[i]) = (0, (uint)packets[i].Counter, (uint)(packets[i].Counter >> 32));
        Generate(key, count);
    }

    /// <summary>Copies the packets' Poly1305 keys out, before <see cref="ApplyAll"/> needs their place.</summary>
    public readonly void CopyKeys(byte* keys)
    {
        fixed (byte* stream = _stream)
            Unsafe.CopyBlock(keys, stream, (uint)(_count * BlockLength));
    }

    /// <summary>Exclusive-ors the texts with their key stream.</summary>
    /// <param name="key">The key, 8 words, and the first word of all nonces.</param>
    public void ApplyAll(uint* key)
    {
        Apply();
        while (_packet < _count)
        {
            Generate(key, 0);
            Apply();
        }
    }

    /// <summary>Overwrites what is secret with zeros.</summary>
    public void Wipe()
    {
        fixed (byte* stream = _stream)
            CryptographicOperations.ZeroMemory(new Span<byte>(stream, T.Count * BlockLength));
    }

    // The lanes before the first one are set.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Generate(uint* key, int firstLane)
    {
        (_firstLane, _runs) = (firstLane, 0);
        fixed (uint* counters = _counters, lows = _lows, highs = _highs)
        fixed (byte* stream = _stream)
        {
            var lane = firstLane;
            while (lane < T.Count && _packet < _count)
            {
                ref var packet = ref _packets[_packet];
                var left = packet.Length - _done;
                var length = Math.Min(left, (T.Count - lane) * BlockLength);
                T.Store(T.Create((uint)(_done / BlockLength) + 1) + T.Indices, counters + lane);
                T.Store(T.Create((uint)packet.Counter), lows + lane);
                T.Store(T.Create((uint)(packet.Counter >> 32)), highs + lane);
                (_places[_runs], _lengths[_runs++]) = ((ulong)(packet.Text + _done), length);
                lane += BlocksIn(length);
                (_packet, _done) = length == left ? (_packet + 1, 0) : (_packet, _done + length);
            }
            // Half a vector is generated in half the time.
            if (lane <= Words256.Count)
                ChaCha20Lanes<Words256>.Generate(key, counters, lows, highs, stream);
            else
                ChaCha20Lanes<T>.Generate(key, counters, lows, highs, stream);
        }
    }

    private static int BlocksIn(int length) => (length + BlockLength - 1) / BlockLength;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Apply()
    {
        fixed (byte* stream = _stream)
        {
            var from = stream + (_firstLane * BlockLength);
            for (var run = 0; run < _runs; run++)
            {
                var length = _lengths[run];
                ExclusiveOr((byte*)_places[run], from, length);
                from += BlocksIn(length) * BlockLength;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ExclusiveOr(byte* text, byte* stream, int length)
    {
        var at = 0;
        for (; at + 32 <= length; at += 32)
            (Vector256.Load(text + at) ^ Vector256.Load(stream + at)).Store(text + at);
        if (at + 16 <= length)
        {
            (Vector128.Load(text + at) ^ Vector128.Load(stream + at)).Store(text + at);
            at += 16;
        }
        for (; at < length; at++)
            text[at] ^= stream[at];
    }
}
