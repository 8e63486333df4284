using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>
/// Cuts IPv6 packets into fragments at their source (RFC 8200, 4.5), of the same sizes as the kernel's ip6_fragment.
/// </summary>
public static class IPv6Fragmenter
{
    /// <summary>
    /// Sends <paramref name="packet"/> to <paramref name="queue"/> in fragments of at most <paramref name="mtu"/> bytes, or as
    /// it is when it fits. Each fragment has the unfragmentable part: the IPv6 header, and the extension headers up to the
    /// last one of hop-by-hop options and routing.
    /// </summary>
    /// <param name="packet">An IPv6 packet without a fragment header, that does not live in the queue's batch.</param>
    /// <param name="mtu">The most bytes of a fragment, headers included.</param>
    /// <param name="identification">A number that no other fragmented packet of the same two ends had of late.</param>
    /// <param name="queue">Where the fragments go, with the default headroom before each.</param>
    /// <param name="link">The interface that they must leave by; 0 leaves it to the routes.</param>
    /// <param name="mark">The mark that their route is looked up with; 0 for none.</param>
    /// <returns>
    /// How many packets went to the queue; 0 when it is no IPv6 packet, a fragment already, or 8 bytes of payload do not fit.
    /// </returns>
    public static int Fragment(ReadOnlySpan<byte> packet, int mtu, uint identification, PacketQueue queue, int link = 0, uint mark = 0)
    {
        ArgumentNullException.ThrowIfNull(queue);
        if (!IPv6Header.TryParse(packet, out var original) || !original.TryWalk(out var chain))
            return 0;
        packet = original.Packet;
        if (packet.Length <= mtu)
            return TryAdd(packet, [], [], queue, link, mark, out _) ? 1 : 0;
        var (split, announced) = FindFragmentable(packet);
        var room = mtu - split - IPv6ExtensionChain.FragmentHeaderSize & ~7;
        if (chain.HasFragmentHeader || room < 8)
            return 0;

        Span<byte> header = stackalloc byte[IPv6ExtensionChain.FragmentHeaderSize];
        header.Clear();
        header[0] = packet[announced];
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], identification);
        var payload = packet[split..];
        var fragments = 0;
        for (int offset = 0, length; offset < payload.Length; offset += length, fragments++)
        {
            // The last may use the few bytes that are no multiple of 8.
            var left = payload.Length - offset;
            length = left <= mtu - split - IPv6ExtensionChain.FragmentHeaderSize ? left : room;
            BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)(offset | (length < left ? 1 : 0)));
            if (!TryAdd(packet[..split], header, payload.Slice(offset, length), queue, link, mark, out var fragment))
                return fragments;
            fragment[announced] = (byte)IpProtocol.Fragment;
            BinaryPrimitives.WriteUInt16BigEndian(fragment[4..], (ushort)(fragment.Length - IPv6Header.Size));
        }
        return fragments;
    }

    // Where the fragmentable part begins, and where its first header is announced: behind hop-by-hop options and routing, and
    // what is in front of a routing header. The headers have been walked: they are all there.
    private static (int Split, int Announced) FindFragmentable(ReadOnlySpan<byte> packet)
    {
        var (split, announced) = (IPv6Header.Size, IPv6Header.NextHeaderOffset);
        var (offset, next) = (IPv6Header.Size, (IpProtocol)packet[IPv6Header.NextHeaderOffset]);
        while (next is IpProtocol.HopByHopOptions or IpProtocol.Routing or IpProtocol.DestinationOptions)
        {
            var isPerHop = next != IpProtocol.DestinationOptions;
            next = (IpProtocol)packet[offset];
            var end = offset + (packet[offset + 1] + 1) * 8;
            if (isPerHop)
                (split, announced) = (end, offset);
            offset = end;
        }
        return (split, announced);
    }

    private static bool TryAdd(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, PacketQueue queue,
        int link, uint mark, out Span<byte> packet)
    {
        packet = default;
        var index = queue.Add(first.Length + second.Length + third.Length);
        if (index < 0)
            return false;
        queue.Batch[index].Link = link;
        queue.Batch[index].Mark = mark;
        packet = queue.Batch.Bytes(index);
        first.CopyTo(packet);
        second.CopyTo(packet[first.Length..]);
        third.CopyTo(packet[(first.Length + second.Length)..]);
        return true;
    }
}
