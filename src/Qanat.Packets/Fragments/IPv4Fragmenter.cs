namespace Qanat.Packets;

/// <summary>Cuts IPv4 packets into fragments (RFC 791, 3.2), of the same sizes as the kernel's ip_do_fragment.</summary>
public static class IPv4Fragmenter
{
    // RFC 791, 3.1: the two options of one byte, and the bit of those that go into every fragment.
    private const byte EndOfOptions = 0, NoOperation = 1, CopiedFlag = 0x80;

    /// <summary>
    /// Sends <paramref name="packet"/> to <paramref name="queue"/> in fragments of at most <paramref name="mtu"/> bytes, or
    /// as it is when it fits. Whether it may be cut (DF) is for the caller to say: fragments come without DF.
    /// </summary>
    /// <remarks>
    /// A packet that is a fragment itself is cut further. Options that are not to be copied become no-operations behind the
    /// first fragment, as in the kernel, so that all headers are of one length. The transport checksum must be complete.
    /// </remarks>
    /// <param name="packet">An IPv4 packet that does not live in the queue's batch.</param>
    /// <param name="mtu">The most bytes of a fragment, header included.</param>
    /// <param name="queue">Where the fragments go, with the default headroom before each.</param>
    /// <param name="link">The interface that they must leave by; 0 leaves it to the routes.</param>
    /// <param name="mark">The mark that their route is looked up with; 0 for none.</param>
    /// <returns>How many packets went to the queue; 0 when it is no IPv4 packet, or 8 bytes of payload do not fit.</returns>
    public static int Fragment(ReadOnlySpan<byte> packet, int mtu, PacketQueue queue, int link = 0, uint mark = 0)
    {
        ArgumentNullException.ThrowIfNull(queue);
        if (!IPv4Header.TryParse(packet, out var original))
            return 0;
        var payload = original.Payload;
        var room = mtu - original.HeaderLength;
        if (payload.Length <= room)
            return TryAdd(original.Header, payload, queue, link, mark, out _) ? 1 : 0;
        if (room < 8)
            return 0;

        Span<byte> header = stackalloc byte[IPv4Header.MaxSize];
        header = header[..original.HeaderLength];
        original.Header.CopyTo(header);
        var fragments = 0;
        for (int done = 0, length; done < payload.Length; done += length, fragments++)
        {
            var left = payload.Length - done;
            length = left <= room ? left : room & ~7;
            if (!TryAdd(header, payload.Slice(done, length), queue, link, mark, out var fragment))
                return fragments;
            var offset = original.FragmentOffset + done;
            IPv4Header.WritePart(fragment, fragment.Length, false, original.MoreFragments || length < left, offset);
            if (offset == 0)
                BlankOptions(header[IPv4Header.MinSize..]);
        }
        return fragments;
    }

    private static bool TryAdd(
        ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, PacketQueue queue, int link, uint mark, out Span<byte> packet)
    {
        packet = default;
        var index = queue.Add(header.Length + payload.Length);
        if (index < 0)
            return false;
        queue.Batch[index].Link = link;
        queue.Batch[index].Mark = mark;
        packet = queue.Batch.Bytes(index);
        header.CopyTo(packet);
        payload.CopyTo(packet[header.Length..]);
        return true;
    }

    // Leaves the options that belong into every fragment; stops at what makes no sense.
    private static void BlankOptions(Span<byte> options)
    {
        while (!options.IsEmpty && options[0] != EndOfOptions)
        {
            if (options[0] == NoOperation)
            {
                options = options[1..];
                continue;
            }
            if (options.Length < 2 || options[1] < 2 || options[1] > options.Length)
                return;
            var length = options[1];
            if ((options[0] & CopiedFlag) == 0)
                options[..length].Fill(NoOperation);
            options = options[length..];
        }
    }
}
