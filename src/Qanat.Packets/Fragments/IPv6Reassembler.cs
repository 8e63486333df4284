using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>
/// Makes packets of IPv6 fragments (RFC 8200, 4.5) within fixed memory, by the kernel's rules (net/ipv6/reassembly.c):
/// overlapping fragments discard the packet (RFC 5722), duplicates are ignored, atomic fragments wait for nobody (RFC 6946),
/// and 60 seconds after the first fragment it is over.
/// </summary>
/// <remarks>
/// When there is no room the oldest packet goes, as in <see cref="IPv4Reassembler"/>. Packets are at most 65,535 bytes long
/// with their header. Nothing is allocated once as many have been pending at a time as ever will be. Not thread-safe.
/// </remarks>
public sealed class IPv6Reassembler
{
    // An atomic fragment alone may be longer than what fragments may become.
    private const int MaxLength = IPv6Header.Size + ushort.MaxValue;

    private readonly PendingDatagrams _pending;
    private readonly byte[] _unfragmentable = new byte[PendingDatagram.MaxHeaderLength];
    private readonly byte[] _datagram = new byte[MaxLength];

    /// <summary>Makes one that holds nothing yet.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="maxDatagrams">The most packets that are pending.</param>
    /// <param name="maxBytes">
    /// The most memory for their payload, in bytes; at least <see cref="IPv4Reassembler.MinBytes"/>. The kernel's
    /// ip6frag_high_thresh.
    /// </param>
    public IPv6Reassembler(TimeProvider time, int maxDatagrams = IPv4Reassembler.DefaultMaxDatagrams,
        int maxBytes = IPv4Reassembler.DefaultMaxBytes) =>
        _pending = new PendingDatagrams(time, Timeout, maxDatagrams, maxBytes);

    /// <summary>How long a packet may take: the kernel's ip6frag_time.</summary>
    public static TimeSpan Timeout { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Packets that are pending.</summary>
    public int Pending => _pending.Count;

    /// <summary>Packets that became whole.</summary>
    public long Reassembled => _pending.Reassembled;

    /// <summary>Packets that were given up for <paramref name="reason"/> (of Malformed: fragments too).</summary>
    public long Failed(ReassemblyFailure reason) => _pending.Failed(reason);

    /// <summary>
    /// Takes a packet in. True with the packet that it completes, without the fragment header, valid until the next call; a
    /// packet that has none is its own. False when fragments are still missing, or the packet is dropped, with the reason
    /// counted. What RFC 8200 wants told to the sender (a length that is no multiple of 8) is for the caller to tell.
    /// </summary>
    public bool TryAdd(ReadOnlySpan<byte> packet, out ReadOnlySpan<byte> datagram)
    {
        datagram = default;
        if (!IPv6Header.TryParse(packet, out var header) || !header.TryWalk(out var chain))
        {
            _pending.CountMalformed();
            return false;
        }
        if (!chain.HasFragmentHeader)
        {
            datagram = header.Packet;
            return true;
        }

        var at = chain.FragmentHeaderOffset;
        if (at > _unfragmentable.Length)
        {
            _pending.CountMalformed();
            return false;
        }
        // What follows the fragment header now follows what announced it.
        header.Packet[..at].CopyTo(_unfragmentable);
        _unfragmentable[chain.FragmentNextHeaderOffset] = header.Packet[at];
        var part = new Fragment
        {
            Header = _unfragmentable.AsSpan(0, at),
            Payload = header.Packet[(at + IPv6ExtensionChain.FragmentHeaderSize)..],
            Offset = chain.FragmentOffset,
            MoreFragments = chain.MoreFragments,
            Ecn = header.Ecn,
        };
        if (!TryComplete(new(header.Source.Value, header.Destination.Value, chain.Identification), part, chain.IsFragment, out var length))
            return false;
        BinaryPrimitives.WriteUInt16BigEndian(_datagram.AsSpan(4), (ushort)(length - IPv6Header.Size));
        datagram = _datagram.AsSpan(0, length);
        return true;
    }

    /// <summary>Gives up the packets whose time is over. <see cref="TryAdd"/> does so too; call it when nothing comes.</summary>
    public void Expire() => _pending.Expire();

    private bool TryComplete(in FragmentKey key, in Fragment part, bool isFragment, out int length)
    {
        if (!isFragment)
        {
            length = part.Header.Length + part.Payload.Length;
            part.Header.CopyTo(_datagram);
            part.Payload.CopyTo(_datagram.AsSpan(part.Header.Length));
            return true;
        }
        if (!_pending.TryAdd(key, part, _datagram, out var whole, out length))
            return false;
        if (whole.CongestionExperienced)
            IPv6Header.SetTrafficClass(_datagram, (byte)(_datagram[0] << 4 | _datagram[1] >> 4 | (int)Ecn.Ce));
        return true;
    }
}
