using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Qanat.Linux.Ports;
using Qanat.Packets;
using static Qanat.Linux.Interop.IfPacket;
using static Qanat.Linux.Interop.Socket;
using static Qanat.Linux.Interop.VirtioNet;

namespace Qanat.Linux.Sockets;

/// <summary>
/// The cheapest way out for packets whose next hop is known: an AF_PACKET ring shared with the kernel (PACKET_TX_RING,
/// TPACKET_V2), many Ethernet frames to a system call, past routing, netfilter and IPsec. It receives nothing.
/// </summary>
/// <remarks>
/// A frame, by offset:
/// <code>
/// 0   tpacket2_hdr      whose it is, and how long
/// 32  virtio_net_hdr    hdr_len = the whole frame
/// 42  Ethernet header
/// 56  IP packet
/// </code>
/// By itself the kernel sends the ring's pages as they are, and calls a frame free once the driver lets go of its packet. A
/// veth or TUN lets go at once, with the packet still in the receiver's queue; there kernels before 4.20 corrupt it when the
/// frame is used again, and later ones copy the pages. The virtio-net header's hdr_len makes the kernel copy the whole frame
/// into one buffer to begin with, which is right everywhere, and for packets of an Ethernet's size a fifth cheaper.
/// Source: net/packet/af_packet.c, tpacket_snd.
/// </remarks>
public sealed unsafe partial class PacketRing : IDisposable
{
    private static readonly int VnetOffset = sizeof(tpacket2_hdr);
    private static readonly int EthernetOffset = VnetOffset + sizeof(virtio_net_hdr);
    private static readonly int PacketOffset = EthernetOffset + ETH_HLEN;

    private readonly SafeFileHandle _handle;
    private readonly RingMemory _ring;
    private int _next;

    private PacketRing(SafeFileHandle handle, RingMemory ring, int maxPacketLength) =>
        (_handle, _ring, MaxPacketLength) = (handle, ring, maxPacketLength);

    /// <summary>The longest IP packet that a frame has room for, in bytes.</summary>
    public int MaxPacketLength { get; }

    /// <summary>Frames in the ring.</summary>
    public int Frames => _ring.Frames;

    /// <summary>Packets that could not be sent, by reason.</summary>
    public PortErrors Errors { get; } = new();

    /// <summary>
    /// Sends a run of IPv4 and IPv6 packets to one next hop: copies them into the ring and has the kernel take all of one IP
    /// version at once. Never blocks.
    /// </summary>
    /// <param name="batch">Where the packets are. They must be finished: no super-packets, no partial checksums.</param>
    /// <param name="first">The first packet of the run.</param>
    /// <param name="count">Packets in the run.</param>
    /// <param name="link">The index of the interface, an Ethernet.</param>
    /// <param name="destination">The next hop's Ethernet address, 6 bytes.</param>
    /// <param name="source">The interface's own Ethernet address, 6 bytes.</param>
    /// <returns>How many the kernel took; the others are lost and counted in <see cref="Errors"/>.</returns>
    /// <exception cref="PortClosedException">The ring is disposed.</exception>
    public int Send(PacketBatch batch, int first, int count, int link, ReadOnlySpan<byte> destination, ReadOnlySpan<byte> source)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, 6);
        ArgumentOutOfRangeException.ThrowIfNotEqual(source.Length, 6);
        using var descriptor = new DescriptorLease(_handle);
        using var memory = new DescriptorLease(_ring);
        Span<byte> ethernet = stackalloc byte[ETH_HLEN];
        destination.CopyTo(ethernet);
        source.CopyTo(ethernet[6..]);

        var sent = 0;
        var end = first + count;
        while (first < end)
        {
            var begin = _next;
            var filled = 0;
            var type = TypeOf(batch, first);
            BinaryPrimitives.WriteUInt16BigEndian(ethernet[12..], type);
            for (; first < end && TypeOf(batch, first) == type && filled < Frames && IsFree(_next); first++)
            {
                if (!TryFill(batch, first, ethernet))
                    continue;
                _next = Following(_next);
                filled++;
            }

            if (filled == 0)
            {
                if (IsFree(_next))
                    continue; // None of this IP version could be sent.
                // The driver still holds every frame.
                Errors.CountRefused(Errno.EAGAIN, end - first);
                break;
            }

            var errno = Kick(descriptor.Descriptor, link, type);
            var taken = Settle(begin, filled);
            sent += taken;
            if (taken == filled)
                continue;
            Errors.CountRefused(errno == 0 ? Errno.EAGAIN : errno, filled - taken + end - first);
            break;
        }

        return sent;
    }

    /// <summary>Closes the socket and gives the ring back.</summary>
    public void Dispose()
    {
        _handle.Dispose();
        _ring.Dispose();
    }

    private bool IsFree(int frame) =>
        (Volatile.Read(ref _ring.Header(frame)->tp_status) & (TP_STATUS_SEND_REQUEST | TP_STATUS_SENDING)) == 0;

    private int Following(int frame) => frame + 1 == Frames ? 0 : frame + 1;

    private static ushort TypeOf(PacketBatch batch, int index) =>
        batch.Bytes(index) is [var first, ..] && first >> 4 == 6 ? ETH_P_IPV6 : ETH_P_IP;

    private bool TryFill(PacketBatch batch, int index, ReadOnlySpan<byte> ethernet)
    {
        ref readonly var packet = ref batch[index];
        if (packet.Gso != GsoType.None || packet.Checksum == ChecksumState.Partial || packet.Length > MaxPacketLength)
        {
            Errors.CountRefused(packet.Length > MaxPacketLength ? Errno.EMSGSIZE : Errno.EINVAL);
            return false;
        }

        var header = _ring.Header(_next);
        var frame = (byte*)header;
        var length = ETH_HLEN + packet.Length;
        *(virtio_net_hdr*)(frame + VnetOffset) = new() { hdr_len = (ushort)length };
        ethernet.CopyTo(new(frame + EthernetOffset, ETH_HLEN));
        batch.Bytes(index).CopyTo(new(frame + PacketOffset, packet.Length));
        header->tp_len = (uint)(sizeof(virtio_net_hdr) + length);
        Volatile.Write(ref header->tp_status, TP_STATUS_SEND_REQUEST);
        return true;
    }

    // Returns 0, or the error number.
    private static int Kick(int descriptor, int link, ushort type)
    {
        var address = new sockaddr_ll
        {
            sll_family = AF_PACKET,
            sll_protocol = BinaryPrimitives.ReverseEndianness(type),
            sll_ifindex = link,
        };
        while (sendto(descriptor, null, 0, MSG_DONTWAIT, &address, (uint)sizeof(sockaddr_ll)) < 0)
        {
            if (Marshal.GetLastSystemError() is var errno and not Errno.EINTR)
                return errno;
        }

        return 0;
    }

    // The kernel takes frames in order and stops at the first that it cannot. That one and those behind it are taken back,
    // lest the next kick send them by another interface.
    private int Settle(int begin, int filled)
    {
        var taken = 0;
        var frame = begin;
        while (taken < filled && Volatile.Read(ref _ring.Header(frame)->tp_status) != TP_STATUS_SEND_REQUEST)
        {
            taken++;
            frame = Following(frame);
        }

        _next = frame;
        for (var left = filled - taken; left > 0; left--, frame = Following(frame))
            Volatile.Write(ref _ring.Header(frame)->tp_status, TP_STATUS_AVAILABLE);
        return taken;
    }
}
