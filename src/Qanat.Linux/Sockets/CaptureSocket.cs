using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Qanat.Linux.Events;
using Qanat.Linux.Netlink;
using Qanat.Linux.Ports;
using Qanat.Packets;
using static Qanat.Linux.Interop.IfPacket;
using static Qanat.Linux.Interop.Poll;
using static Qanat.Linux.Interop.Socket;

namespace Qanat.Linux.Sockets;

/// <summary>What is known of a packet that a <see cref="CaptureSocket"/> saw.</summary>
/// <param name="Link">Index of the device that it was on.</param>
/// <param name="LinkType">What it begins with.</param>
/// <param name="Timestamp">When: nanoseconds since the beginning of 1970, UTC.</param>
/// <param name="OriginalLength">Its bytes on the wire.</param>
/// <param name="Direction">Where it was going.</param>
public readonly record struct CapturedFrame(
    int Link, CaptureLinkType LinkType, long Timestamp, int OriginalLength, CaptureDirection Direction);

/// <summary>
/// Sees the packets of a device, or of all of them, as tcpdump does: VLAN tags are put back where the kernel took them out,
/// and on <c>lo</c> each packet is seen once. Source: packet(7), net/packet/af_packet.c.
/// </summary>
public sealed unsafe class CaptureSocket : IDisposable
{
    private const int ReceiveBufferLength = 16 << 20, MaxFrameLength = 262_144, TagLength = 4, AddressesLength = 12;

    private readonly SafeFileHandle _handle;
    private readonly EventDescriptor _closed = new();
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(TagLength + MaxFrameLength, pinned: true);

    private CaptureSocket(SafeFileHandle handle) => _handle = handle;

    /// <summary>Opens a socket in the network namespace of the calling thread.</summary>
    /// <param name="link">The device's index; 0 for all devices, also those that come later.</param>
    /// <param name="filter">Which packets; the kernel runs it. Tags that the kernel took out are not there for it to see.</param>
    /// <param name="promiscuous">True to see frames that are for others too. It holds while the socket is open.</param>
    /// <exception cref="LinuxException">EPERM: CAP_NET_RAW is missing; ENODEV: there is no such device.</exception>
    public static CaptureSocket Open(int link, PacketFilter? filter = null, bool promiscuous = false)
    {
        // Without a protocol it is given nothing, until it is bound: the filter is in place by then.
        var descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (descriptor < 0)
        {
            var errno = Marshal.GetLastSystemError();
            throw errno == Errno.EPERM
                ? new LinuxException("open a packet socket", errno, "CAP_NET_RAW is missing", "run as root")
                : new LinuxException("open a packet socket", errno);
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            SocketBuffers.Set(descriptor, ReceiveBufferLength);
            var on = 1;
            Check("SO_TIMESTAMPNS", setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(int)));
            Check("PACKET_AUXDATA", setsockopt(descriptor, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(int)));
            if (filter is not null)
            {
                var program = filter.Program;
                var length = (uint)sizeof(Interop.Filter.sock_fprog);
                Check("attach the filter", setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, length));
                GC.KeepAlive(filter);
            }

            var address = new sockaddr_ll
            {
                sll_family = AF_PACKET,
                sll_protocol = BinaryPrimitives.ReverseEndianness(ETH_P_ALL),
                sll_ifindex = link,
            };
            Check($"capture on link #{link}", bind(descriptor, &address, (uint)sizeof(sockaddr_ll)));
            var membership = new packet_mreq { mr_ifindex = link, mr_type = PACKET_MR_PROMISC };
            if (promiscuous && link != 0)
                Check("PACKET_MR_PROMISC",
                    setsockopt(descriptor, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, (uint)sizeof(packet_mreq)));
            return new(handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>What a device's packets begin with; null when nothing here reads them.</summary>
    public static CaptureLinkType? LinkTypeOf(LinkType type) => type switch
    {
        LinkType.Ethernet or LinkType.Loopback => CaptureLinkType.Ethernet,
        LinkType.None or LinkType.Tunnel or LinkType.Tunnel6 or LinkType.Sit => CaptureLinkType.Raw,
        _ => null,
    };

    /// <summary>Packets that came, and those that were lost for want of room, since the last call.</summary>
    public CaptureStatistics TakeStatistics()
    {
        using var lease = new DescriptorLease(_handle);
        tpacket_stats statistics;
        var length = (uint)sizeof(tpacket_stats);
        Check("PACKET_STATISTICS", getsockopt(lease.Descriptor, SOL_PACKET, PACKET_STATISTICS, &statistics, &length));
        return new(statistics.tp_packets, statistics.tp_drops);
    }

    /// <summary>Waits for a packet. Disposing the socket, from any thread, ends the wait.</summary>
    /// <param name="limit">How long at most.</param>
    /// <returns>False when the time is up.</returns>
    /// <exception cref="PortClosedException">The socket is disposed.</exception>
    public bool Wait(TimeSpan limit)
    {
        using var port = new DescriptorLease(_handle);
        using var wake = new DescriptorLease(_closed.Handle);
        var waited = stackalloc pollfd[2];
        waited[0] = new() { fd = port.Descriptor, events = POLLIN };
        waited[1] = new() { fd = wake.Descriptor, events = POLLIN };
        var ready = poll(waited, 2, limit < TimeSpan.Zero ? -1 : (int)limit.TotalMilliseconds);
        return waited[1].revents == 0 || ready <= 0 ? ready > 0 : throw new PortClosedException();
    }

    /// <summary>Takes the next packet that waits.</summary>
    /// <param name="frame">What is known of it.</param>
    /// <param name="bytes">Its bytes, until the next call.</param>
    /// <returns>False when none waits.</returns>
    /// <exception cref="PortClosedException">The socket is disposed.</exception>
    /// <exception cref="LinuxException">ENETDOWN: the device went down; ENXIO or ENODEV: it has gone.</exception>
    public bool TryReceive(out CapturedFrame frame, out ReadOnlySpan<byte> bytes)
    {
        frame = default;
        bytes = default;
        using var lease = new DescriptorLease(_handle);
        while (true)
        {
            sockaddr_ll address;
            var control = stackalloc byte[256];
            var piece = new iovec { iov_base = Start(TagLength), iov_len = MaxFrameLength };
            var message = new msghdr
            {
                msg_name = &address,
                msg_namelen = (uint)sizeof(sockaddr_ll),
                msg_iov = &piece,
                msg_iovlen = 1,
                msg_control = control,
                msg_controllen = 256,
            };
            var count = (int)recvmsg(lease.Descriptor, &message, MSG_TRUNC);
            if (count < 0)
            {
                var errno = Marshal.GetLastSystemError();
                if (errno == Errno.EINTR)
                    continue;
                return errno == Errno.EAGAIN ? false : throw new LinuxException("capture", errno);
            }

            // What the host sends to itself is shown going out and coming in: once is enough.
            var type = (LinkType)address.sll_hatype;
            var outgoing = address.sll_pkttype == PACKET_OUTGOING;
            if (type == LinkType.Loopback && outgoing || !TryGetLinkType(type, out var link))
                continue;
            var length = Math.Min(count, MaxFrameLength);
            var (timestamp, start) = ReadControl(message, link, ref length);
            bytes = _buffer.AsSpan(start, length);
            frame = new(address.sll_ifindex, link.Value, timestamp, Math.Max(count, length),
                outgoing ? CaptureDirection.Outbound : CaptureDirection.Inbound);
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_handle.IsClosed)
            return;
        _closed.Signal();
        _handle.Dispose();
        _closed.Dispose();
    }

    private static bool TryGetLinkType(LinkType type, [NotNullWhen(true)] out CaptureLinkType? link) =>
        (link = LinkTypeOf(type)) is not null;

    // The timestamp, and where the frame begins once its tag is back.
    private (long Timestamp, int Start) ReadControl(in msghdr message, CaptureLinkType? link, ref int length)
    {
        var (timestamp, start) = (0L, TagLength);
        var position = (byte*)message.msg_control;
        var end = position + message.msg_controllen;
        while (end - position >= sizeof(cmsghdr))
        {
            var header = (cmsghdr*)position;
            if (header->cmsg_len < sizeof(cmsghdr) || header->cmsg_len > end - position)
                break;
            var data = position + sizeof(cmsghdr);
            if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SO_TIMESTAMPNS)
                timestamp = Unsafe.ReadUnaligned<long>(data) * 1_000_000_000 + Unsafe.ReadUnaligned<long>(data + sizeof(long));
            else if (header->cmsg_level == SOL_PACKET && header->cmsg_type == PACKET_AUXDATA && link == CaptureLinkType.Ethernet)
                start = RestoreTag(Unsafe.ReadUnaligned<tpacket_auxdata>(data), start, ref length);
            position += (header->cmsg_len + sizeof(nint) - 1) & ~(sizeof(nint) - 1);
        }

        return (timestamp, start);
    }

    private int RestoreTag(in tpacket_auxdata facts, int start, ref int length)
    {
        if ((facts.tp_status & TP_STATUS_VLAN_VALID) == 0 || length < AddressesLength)
            return start;
        _buffer.AsSpan(start, AddressesLength).CopyTo(_buffer.AsSpan(start - TagLength));
        var tag = _buffer.AsSpan(start - TagLength + AddressesLength, TagLength);
        BinaryPrimitives.WriteUInt16BigEndian(tag, (facts.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0 ? facts.tp_vlan_tpid : ETH_P_8021Q);
        BinaryPrimitives.WriteUInt16BigEndian(tag[2..], facts.tp_vlan_tci);
        length += TagLength;
        return start - TagLength;
    }

    private byte* Start(int offset) => (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_buffer, offset);

    private static void Check(string operation, int result)
    {
        if (result != 0)
            throw new LinuxException(operation, Marshal.GetLastSystemError());
    }
}
