using System.Diagnostics;

namespace Qanat.Packets;

/// <summary>What the device at the end of a <see cref="Coalescer"/> takes.</summary>
/// <param name="Mtu">The device's MTU in bytes: the largest segment when a super-packet's own segment size is not known.</param>
/// <param name="Tcp">Join TCP segments: the device takes VIRTIO_NET_HDR_GSO_TCPV4 and TCPV6.</param>
/// <param name="Udp">Join UDP datagrams: the device takes VIRTIO_NET_HDR_GSO_UDP_L4 (Linux 6.2).</param>
public readonly record struct CoalescerOptions(int Mtu, bool Tcp = true, bool Udp = false);

/// <summary>
/// Joins packets that follow one another in a TCP or UDP flow into super-packets (generic receive offload), by the kernel's
/// rules, so that the stack behind a TUN takes up to 64 KiB in one step. Packets are copied into the batch of a
/// <see cref="PacketQueue"/>; what cannot be joined passes through, and each flow keeps its order.
/// </summary>
/// <remarks>
/// A transport checksum is verified while its packet is copied, unless it is known to be right. A packet whose checksum is
/// wrong passes alone and untouched: to drop it is the stack's business. One whose checksum is still partial, because its
/// sender left it to a device that never was (a veth, a raw socket behind the sender's own GSO), is marked so.
/// From the first <see cref="Add"/> until <see cref="Flush"/> the queue belongs to the coalescer alone.
/// </remarks>
public sealed class Coalescer
{
    /// <summary>Super-packets that may grow at one time; a further flow closes the oldest.</summary>
    public const int MaxOpen = 8;

    // In the order in which they were opened, the oldest first.
    private readonly SuperPacket[] _open = new SuperPacket[MaxOpen];
    private int _openCount;
    private int _recent = -1; // the one that has the last packet
    private PacketQueue _queue;
    private CoalescerOptions _options;

    /// <summary>Makes a coalescer that fills <paramref name="queue"/>.</summary>
    public Coalescer(PacketQueue queue, CoalescerOptions options)
    {
        ArgumentNullException.ThrowIfNull(queue);
        _queue = queue;
        _options = options;
    }

    /// <summary>Turns to another queue or other options; what waits leaves first, by <see cref="Flush"/>.</summary>
    public void Attach(PacketQueue queue, CoalescerOptions options)
    {
        ArgumentNullException.ThrowIfNull(queue);
        if (ReferenceEquals(queue, _queue) && options == _options)
            return;
        Flush();
        _queue = queue;
        _options = options;
    }

    /// <summary>Adds a copy of <paramref name="packet"/>: behind the super-packet that it continues, or as one of its own.</summary>
    /// <param name="packet">
    /// A packet from its IP header on, or a frame. Anything is taken; link padding behind a TCP or UDP packet is not.
    /// </param>
    /// <param name="info">What is known of it. A packet with a <see cref="GsoType"/> of its own passes with its facts.</param>
    /// <param name="linkLength">Bytes of a frame's Ethernet header, which only equal ones may follow; 0 for a packet.</param>
    /// <returns>False, and the packet is lost, when it is larger than the whole batch.</returns>
    public bool Add(ReadOnlySpan<byte> packet, in PacketInfo info, int linkLength = 0)
    {
        if (info.Gso == GsoType.None && TryContinue(packet, info.Checksum))
            return true;
        _recent = -1;
        if (!TransportPacket.TryParse(packet[linkLength..], out var transport, out var isFragment))
        {
            // A fragment's flow is not known: let it overtake none.
            if (isFragment)
                CloseAll();
            return Pass(packet, info);
        }
        var mayGrow = info.Gso == GsoType.None && (transport.IsTcp ? _options.Tcp : _options.Udp) && SuperPacket.MayGrow(transport);
        var link = packet[..linkLength];
        var flow = Find(transport, link);
        if (flow >= 0)
        {
            if (mayGrow && TryJoin(flow, transport, info.Checksum))
                return true;
            Close(flow);
        }
        return Open(transport, link, info, mayGrow && !SuperPacket.IsPushed(transport));
    }

    /// <summary>
    /// Adds a copy of <paramref name="packet"/> if it can stand behind the last one, whose headers its own are but for what counts on:
    /// what <see cref="Add"/> would find out too, in more steps.
    /// </summary>
    /// <param name="packet">A packet from its IP header on, or a frame.</param>
    /// <param name="checksum">What is known of its checksum.</param>
    public bool TryContinue(ReadOnlySpan<byte> packet, ChecksumState checksum = default)
    {
        if (_recent < 0)
            return false;
        ref var open = ref _open[_recent];
        var bytes = _queue.Batch.Bytes(open.Index);
        if (packet.Length <= open.LinkLength)
            return false;
        var next = packet[open.LinkLength..];
        return open.IsFollowedBy(bytes, next) &&
            _queue.Batch.Headroom(open.Index, open.LinkLength).SequenceEqual(packet[..open.LinkLength]) &&
            TryTake(_recent, bytes, next, checksum, open.HeaderSum(next));
    }

    /// <summary>Closes all super-packets and sends what waits in the queue.</summary>
    public void Flush()
    {
        CloseAll();
        _queue.Flush();
    }

    private int Find(scoped in TransportPacket packet, scoped ReadOnlySpan<byte> link)
    {
        for (var i = _openCount - 1; i >= 0; i--)
        {
            ref var open = ref _open[i];
            if (open.IsSameFlow(_queue.Batch.Bytes(open.Index), packet) &&
                _queue.Batch.Headroom(open.Index, open.LinkLength).SequenceEqual(link))
                return i;
        }
        return -1;
    }

    private bool TryJoin(int flow, scoped in TransportPacket next, ChecksumState checksum)
    {
        ref var open = ref _open[flow];
        var bytes = _queue.Batch.Bytes(open.Index);
        return open.Accepts(bytes, next) && TryTake(flow, bytes, next.Bytes, checksum,
            next.PseudoHeaderSum + InternetChecksum.Sum(next.Bytes[next.Offset..next.HeaderLength]));
    }

    // A wrong checksum shows only after the copy; what was copied lies behind the end and does no harm.
    private bool TryTake(int flow, scoped Span<byte> bytes, scoped ReadOnlySpan<byte> next, ChecksumState checksum, uint headerSum)
    {
        ref var open = ref _open[flow];
        var payload = next[open.HeaderLength..];
        var end = bytes[open.Length..];
        if (IsTrusted(checksum))
            payload.CopyTo(end);
        else if (!InternetChecksum.IsValid(headerSum + InternetChecksum.CopyAndSum(payload, end)))
            return false;
        _recent = flow;
        if (open.Take(bytes, next))
            Close(flow);
        return true;
    }

    /// <summary>Puts a TCP or UDP packet behind all others, and lets it grow if it may and its checksum is right.</summary>
    private bool Open(scoped in TransportPacket packet, scoped ReadOnlySpan<byte> link, in PacketInfo info, bool mayGrow)
    {
        if (mayGrow && _openCount == MaxOpen)
            Close(0);
        var length = packet.Bytes.Length;
        var index = Reserve(length, mayGrow);
        if (index < 0)
            return false;
        var bytes = _queue.Batch.Bytes(index);
        link.CopyTo(_queue.Batch.Headroom(index, link.Length));
        ref var placed = ref Describe(index, info);
        packet.Bytes[..packet.Offset].CopyTo(bytes);
        if (IsTrusted(info.Checksum))
        {
            packet.Transport.CopyTo(bytes[packet.Offset..]);
        }
        else
        {
            var sum = packet.PseudoHeaderSum + InternetChecksum.CopyAndSum(packet.Transport, bytes[packet.Offset..]);
            Judge(packet, sum, ref placed);
            mayGrow &= placed.Checksum == ChecksumState.Valid;
        }
        if (mayGrow)
        {
            _recent = _openCount++;
            _open[_recent] = new SuperPacket(packet, index, bytes.Length, link.Length);
            return true;
        }
        _queue.Batch.ResizeLast(length);
        _queue.Batch.TryMoveStart(index, -link.Length);
        return true;
    }

    // A partial one is the sender's promise: there is nothing in it to verify.
    private static bool IsTrusted(ChecksumState checksum) => checksum is ChecksumState.Valid or ChecksumState.Partial;

    /// <summary>Says what the sum over a packet, checksum included, tells of its checksum.</summary>
    private void Judge(scoped in TransportPacket packet, uint sum, ref PacketInfo info)
    {
        // A UDP checksum of 0 is none.
        if (packet.Checksum == 0 && !packet.IsTcp)
            return;
        if (InternetChecksum.IsValid(sum))
        {
            info.Checksum = ChecksumState.Valid;
            return;
        }
        if (packet.Checksum != packet.PseudoHeaderSum)
            return;
        info.Checksum = ChecksumState.Partial;
        info.ChecksumStart = (ushort)packet.Offset;
        info.ChecksumOffset = (ushort)packet.ChecksumOffset;
        // The sender's super-packet, its segment size lost. TCP is a stream and may be cut anywhere; a datagram may not.
        if (packet.IsTcp && packet.Bytes.Length > _options.Mtu && packet.HeaderLength < _options.Mtu)
        {
            info.Gso = packet.IsV4 ? GsoType.TcpV4 : GsoType.TcpV6;
            info.GsoSize = (ushort)(_options.Mtu - packet.HeaderLength);
        }
    }

    /// <summary>Adds a copy of <paramref name="packet"/>, whatever it is, as one of its own, with its facts.</summary>
    /// <returns>False, and the packet is lost, when it is larger than the whole batch.</returns>
    public bool Pass(ReadOnlySpan<byte> packet, in PacketInfo info)
    {
        _recent = -1;
        var index = Reserve(packet.Length, mayGrow: false);
        if (index < 0)
            return false;
        packet.CopyTo(_queue.Batch.Bytes(index));
        Describe(index, info);
        return true;
    }

    private ref PacketInfo Describe(int index, in PacketInfo info)
    {
        ref var placed = ref _queue.Batch[index];
        placed = info with { Start = placed.Start, Length = placed.Length, Floor = placed.Floor };
        return ref placed;
    }

    /// <summary>
    /// Room for a packet of <paramref name="length"/> bytes behind the last: for the largest packet if it may grow, since the
    /// memory behind it is soon another's. -1 when even an empty batch has not enough.
    /// </summary>
    private int Reserve(int length, bool mayGrow)
    {
        var batch = _queue.Batch;
        var room = mayGrow ? PacketBatch.MaxPacketLength : length;
        if (batch.TryAdd(room, PacketBatch.DefaultHeadroom, out var index))
            return index;
        Flush();
        return batch.TryAdd(room, PacketBatch.DefaultHeadroom, out index) || batch.TryAdd(length, PacketBatch.DefaultHeadroom, out index)
            ? index : -1;
    }

    private void Close(int flow)
    {
        ref var open = ref _open[flow];
        var batch = _queue.Batch;
        ref var info = ref batch[open.Index];
        Debug.Assert(info.Length == open.Room, "The batch was used by another while a super-packet was open.");
        open.Finish(batch.Bytes(open.Index), ref info);
        if (open.Index == batch.Count - 1)
            batch.ResizeLast(open.Length);
        else
            info.Length = open.Length;
        batch.TryMoveStart(open.Index, -open.LinkLength);
        _recent = -1;
        _openCount--;
        _open.AsSpan(flow + 1, _openCount - flow).CopyTo(_open.AsSpan(flow));
    }

    private void CloseAll()
    {
        while (_openCount > 0)
            Close(_openCount - 1);
    }
}
