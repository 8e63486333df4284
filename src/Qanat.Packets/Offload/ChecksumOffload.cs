using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>Does in software what a sender left to the device: virtio-net's VIRTIO_NET_HDR_F_NEEDS_CSUM.</summary>
public static class ChecksumOffload
{
    /// <summary>
    /// Completes the partial checksum of one packet (<see cref="GsoType.None"/>) in place: sums from the checksum's start to
    /// the end of the packet, the pseudo-header sum in the field included, as the kernel's skb_checksum_help does. A result
    /// of 0 is written as 0xFFFF, which verifies as well and does not mean "none" in UDP.
    /// </summary>
    /// <param name="packet">The packet, from the byte that the checksum's start counts from.</param>
    /// <param name="info">Its offload facts; the caller marks the checksum as no longer partial.</param>
    /// <returns>
    /// True when the checksum is whole now, or was not partial. False, and nothing written, when the field does not lie within
    /// the packet.
    /// </returns>
    public static bool Complete(Span<byte> packet, in PacketInfo info)
    {
        if (info.Checksum != ChecksumState.Partial)
            return true;
        var field = info.ChecksumStart + info.ChecksumOffset;
        if (field + sizeof(ushort) > packet.Length)
            return false;
        var checksum = InternetChecksum.Compute(packet[info.ChecksumStart..]);
        BinaryPrimitives.WriteUInt16BigEndian(packet[field..], checksum != 0 ? checksum : ushort.MaxValue);
        return true;
    }
}
