namespace Qanat.Packets;

/// <summary>
/// Makes datagrams of IPv4 fragments (RFC 791, 3.2) within fixed memory, by the kernel's rules (net/ipv4/ip_fragment.c):
/// overlapping fragments discard the datagram, duplicates are ignored, and 30 seconds after the first fragment it is over.
/// </summary>
/// <remarks>
/// When there is no room the oldest datagram goes, not the newest: honest fragments come within milliseconds of each
/// other, so that a flood has to be that fast to do harm. Nothing is allocated once as many datagrams have been pending at
/// a time as ever will be. Not thread-safe.
/// </remarks>
public sealed class IPv4Reassembler
{
    /// <summary>Datagrams that may be pending unless told otherwise.</summary>
    public const int DefaultMaxDatagrams = 1024;

    /// <summary>Bytes that may be pending unless told otherwise: the kernel's ipfrag_high_thresh.</summary>
    public const int DefaultMaxBytes = 4 << 20;

    /// <summary>The least bytes that may be pending: a datagram of the largest size.</summary>
    public const int MinBytes = PendingDatagram.MaxChunks * ChunkPool.ChunkSize;

    private readonly PendingDatagrams _pending;
    private readonly byte[] _datagram = new byte[PacketBatch.MaxPacketLength];

    /// <summary>Makes one that holds nothing yet.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="maxDatagrams">The most datagrams that are pending.</param>
    /// <param name="maxBytes">The most memory for their payload, in bytes; at least <see cref="MinBytes"/>.</param>
    public IPv4Reassembler(TimeProvider time, int maxDatagrams = DefaultMaxDatagrams, int maxBytes = DefaultMaxBytes) =>
        _pending = new PendingDatagrams(time, Timeout, maxDatagrams, maxBytes);

    /// <summary>How long a datagram may take: the kernel's ipfrag_time.</summary>
    public static TimeSpan Timeout { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Datagrams that are pending.</summary>
    public int Pending => _pending.Count;

    /// <summary>Datagrams that became whole.</summary>
    public long Reassembled => _pending.Reassembled;

    /// <summary>Datagrams that were given up for <paramref name="reason"/> (of Malformed: packets too).</summary>
    public long Failed(ReassemblyFailure reason) => _pending.Failed(reason);

    /// <summary>
    /// Takes a packet in. True with the datagram that it completes, valid until the next call, its header checksum right and
    /// its fragment fields clear; a packet that is no fragment is its own datagram. False when fragments are still missing, or
    /// the packet is dropped, with the reason counted. Header checksums of fragments are for the caller to check.
    /// </summary>
    public bool TryAdd(ReadOnlySpan<byte> packet, out ReadOnlySpan<byte> datagram)
    {
        datagram = default;
        if (!IPv4Header.TryParse(packet, out var fragment))
        {
            _pending.CountMalformed();
            return false;
        }
        if (!fragment.IsFragment)
        {
            datagram = fragment.Packet;
            return true;
        }

        var key = new FragmentKey(fragment.Source.Value, fragment.Destination.Value, fragment.Identification, fragment.Protocol);
        var part = new Fragment
        {
            Header = fragment.Header,
            Payload = fragment.Payload,
            Offset = fragment.FragmentOffset,
            MoreFragments = fragment.MoreFragments,
            Ecn = fragment.Ecn,
            DontFragment = fragment.DontFragment,
        };
        if (!_pending.TryAdd(key, part, _datagram, out var whole, out var length))
            return false;
        if (whole.CongestionExperienced)
            _datagram[1] |= (byte)Ecn.Ce;
        IPv4Header.WritePart(_datagram, length, whole.DontFragment, false, 0);
        datagram = _datagram.AsSpan(0, length);
        return true;
    }

    /// <summary>Gives up the datagrams whose time is over. <see cref="TryAdd"/> does so too; call it when nothing comes.</summary>
    public void Expire() => _pending.Expire();
}
