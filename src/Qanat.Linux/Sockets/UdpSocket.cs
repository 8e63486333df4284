using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Qanat.Packets;
using static Qanat.Linux.Interop.In;
using static Qanat.Linux.Interop.In6;
using static Qanat.Linux.Interop.Socket;
using static Qanat.Linux.Interop.Udp;

namespace Qanat.Linux.Sockets;

/// <summary>
/// A UDP socket that speaks in whole packets: IP header, UDP header, payload. The kernel makes the real headers; those of the
/// packets say what they are to be, and what they were.
/// </summary>
/// <remarks>
/// <para>
/// Out: addresses, destination port, TOS or traffic class, TTL or hop limit, flow label and DF are taken from the headers, and from
/// IPv6 destination options of 8 bytes (which take CAP_NET_RAW), the interface from <see cref="PacketInfo.Link"/>; the source port
/// is the socket's, and a source address must be one of the host's. Packets in a row whose headers differ in length, identification,
/// checksum and source port alone leave as one message (UDP_SEGMENT), if all but the last have the same length; so does a super-packet
/// (<see cref="GsoType.UdpL4"/>).
/// IPv4 packets without DF, and those of IPv6 without <see cref="PacketInfo.DontFragment"/>, are fragmented by the kernel where need be.
/// </para>
/// <para>
/// A checksum field of 0 is sent as 0, unless <see cref="PacketInfo.Checksum"/> says something else than unknown; otherwise
/// the kernel makes the checksum. It does not send datagrams without a checksum many to a message.
/// </para>
/// <para>
/// In: the kernel has checked the checksum (<see cref="ChecksumState.Valid"/>, the field being 0) and undone fragmentation.
/// With UDP_GRO datagrams of one flow arrive as one super-packet: one pair of headers, then payloads of
/// <see cref="PacketInfo.GsoSize"/> bytes each, of which the last may be shorter. ICMP errors are not reported.
/// Source: net/ipv4/udp.c, net/ipv6/udp.c, net/ipv4/udp_offload.c.
/// </para>
/// </remarks>
public sealed unsafe partial class UdpSocket : SocketPort
{
    /// <summary>The most payload in a message of several datagrams: a UDP datagram over IPv4.</summary>
    private const int MaxSegmentedLength = PacketBatch.MaxPacketLength - IPv4Header.MinSize - UdpHeader.Size;

    /// <summary>How many messages go to a destination one datagram each before it is tried with many again.</summary>
    private const int RetryAfter = 1024;

    private readonly bool _servesBoth;
    private readonly bool[] _segmented = new bool[MessageVector.Capacity];
    private IpAddress _takenApart;
    private int _untilRetry;

    // What the kernel has been told to do with what follows.
    private bool _dontFragment, _dontFragment6, _noChecksum, _noChecksum6;

    private UdpSocket(SafeFileHandle handle, ushort port, UdpOptions options)
        : base(handle, OuterDatagram.HeaderLengthOf(isIPv6: true), receiveFacts: true)
    {
        (Address, Port, Link, Segments, Coalesces) = (options.Address, port, options.Link, options.Segment, options.Coalesce);
        _servesBoth = options is { Address.IsIPv6: true, IPv6Only: false };
    }

    /// <summary>The local address; any when it is not bound to one.</summary>
    public IpAddress Address { get; }

    /// <summary>The local port.</summary>
    public ushort Port { get; }

    /// <summary>Index of the link that it is bound to; 0 for none.</summary>
    public int Link { get; }

    /// <summary>Whether it sends many datagrams to a message: it was asked to, and the kernel has UDP_SEGMENT (Linux 4.18).</summary>
    public bool Segments { get; }

    /// <summary>Whether datagrams of one flow arrive as one: it was asked for, and the kernel has UDP_GRO (Linux 5.0).</summary>
    public bool Coalesces { get; }

    /// <summary>
    /// Why the kernel last refused datagrams in one message and took them one by one, an error number: EIO when the way out
    /// fills no checksums in or has IPsec, EINVAL or EMSGSIZE when they are longer than it and may be fragmented. 0 when it
    /// never did.
    /// </summary>
    public int SegmentationRefusal { get; private set; }

    /// <summary>Whether it sends packets of that IP version.</summary>
    internal bool Serves(bool isIPv6) => _servesBoth || Address.IsIPv6 == isIPv6;

    private protected override SendPosition Prepare(
        int descriptor, PacketBatch batch, SendPosition at, int end, SendPosition* positions)
    {
        while (at.Packet < end && !Outgoing.IsFull)
        {
            var valid = OuterDatagram.TryRead(batch, at.Packet, out var datagram);
            if (Outgoing.Count > 0 && (!valid || !IsSetFor(datagram)))
                break; // What is prepared goes first.
            if (!valid)
            {
                Errors.CountRefused(Errno.EINVAL);
                at = new(at.Packet + 1, 0);
                continue;
            }

            SetFor(descriptor, datagram);
            positions[Outgoing.Count] = at;
            at = AddMessage(batch, at, end, datagram);
        }

        return at;
    }

    private protected override bool TakesApart(PacketBatch batch, SendPosition position, int message, int errno)
    {
        if (!_segmented[message] || errno is not (Errno.EIO or Errno.EINVAL or Errno.EMSGSIZE))
            return false;
        OuterDatagram.TryRead(batch, position.Packet, out var datagram);
        (_takenApart, _untilRetry, SegmentationRefusal) = (datagram.Destination, RetryAfter, errno);
        return true;
    }

    private protected override void Complete(PacketBatch batch, int index, MessageVector messages, int message)
    {
        var arrival = new Arrival(messages, message);
        ref var info = ref batch[index];
        if (arrival.SegmentSize > 0 && arrival.SegmentSize < info.Length)
            (info.Gso, info.GsoSize) = (GsoType.UdpL4, (ushort)arrival.SegmentSize);
        (info.Link, info.Checksum) = (arrival.Link, ChecksumState.Valid);
        batch.TryMoveStart(index, -OuterDatagram.HeaderLengthOf(arrival.Source.IsIPv6));
        OuterDatagram.Write(batch.Bytes(index), in arrival, Port);
    }

    // As many datagrams as one message takes, from a place in the batch on. Returns the place behind them.
    private SendPosition AddMessage(PacketBatch batch, SendPosition at, int end, in OuterDatagram datagram)
    {
        var messages = Outgoing;
        var message = messages.Count;
        var first = at.Packet;
        messages.Begin();
        messages.SetDestination(datagram.Destination, datagram.DestinationPort);
        AddFacts(messages, datagram);
        messages.AddMark(datagram.Mark);

        var size = SegmentSize(batch, at.Packet, datagram.HeaderLength);
        var limit = MaySegment(datagram, size) ? Math.Min(UDP_MAX_SEGMENTS, MaxSegmentedLength / size) * size : size;
        var length = 0;
        do
        {
            var left = batch[at.Packet].Length - datagram.HeaderLength - at.Offset;
            var taken = Math.Min(left, limit - length);
            messages.AddPiece(batch.Address(at.Packet) + datagram.HeaderLength + at.Offset, taken);
            length += taken;
            at = taken < left ? at with { Offset = at.Offset + taken } : new(at.Packet + 1, 0);
        }
        while (length < limit && length % size == 0 && at.Packet < end && messages.HasPieces &&
            Continues(batch, first, at.Packet, datagram.HeaderLength, size));

        _segmented[message] = length > size;
        if (length > size)
            messages.AddControl(SOL_UDP, UDP_SEGMENT, (ushort)size);
        return at;
    }

    private static void AddFacts(MessageVector messages, in OuterDatagram datagram)
    {
        messages.AddRoute(datagram.Link, datagram.Source);
        if (!datagram.IsIPv6)
        {
            messages.AddControl(IPPROTO_IP, IP_TOS, (int)datagram.TrafficClass);
            messages.AddControl(IPPROTO_IP, IP_TTL, (int)datagram.HopLimit);
            return;
        }

        messages.AddControl(IPPROTO_IPV6, IPV6_TCLASS, (int)datagram.TrafficClass);
        messages.AddControl(IPPROTO_IPV6, IPV6_HOPLIMIT, (int)datagram.HopLimit);
        if (datagram.FlowLabel != 0)
            messages.AddControl(IPPROTO_IPV6, IPV6_FLOWINFO, BinaryPrimitives.ReverseEndianness(datagram.FlowLabel));
        if (datagram.Options != 0)
            messages.AddControl(IPPROTO_IPV6, IPV6_DSTOPTS, datagram.Options);
    }

    // Bytes of each datagram but the last.
    private static int SegmentSize(PacketBatch batch, int index, int headerLength)
    {
        ref readonly var info = ref batch[index];
        var length = info.Length - headerLength;
        return info.Gso != GsoType.None && info.GsoSize > 0 ? Math.Min(info.GsoSize, length) : length;
    }

    private static bool Continues(PacketBatch batch, int first, int index, int headerLength, int size)
    {
        if (!OuterDatagram.IsLike(batch, first, index))
            return false;
        var length = batch[index].Length - headerLength;
        var nextSize = SegmentSize(batch, index, headerLength);
        return nextSize == size || length > 0 && length < size && nextSize == length;
    }

    private bool MaySegment(in OuterDatagram datagram, int size)
    {
        if (!Segments || !datagram.HasChecksum || size is 0 or > MaxSegmentedLength)
            return false;
        if (_untilRetry == 0 || datagram.Destination != _takenApart)
            return true;
        _untilRetry--;
        return false;
    }

    private bool IsSetFor(in OuterDatagram datagram) => datagram.IsIPv6
        ? _noChecksum6 != datagram.HasChecksum && _dontFragment6 == datagram.DontFragment
        : _noChecksum != datagram.HasChecksum && _dontFragment == datagram.DontFragment;

    private void SetFor(int descriptor, in OuterDatagram datagram)
    {
        if (IsSetFor(datagram))
            return;
        if (datagram.IsIPv6)
        {
            Change(descriptor, IPPROTO_IPV6, IPV6_MTU_DISCOVER, ref _dontFragment6, datagram.DontFragment, IPV6_PMTUDISC_PROBE);
            Change(descriptor, IPPROTO_UDP, UDP_NO_CHECK6_TX, ref _noChecksum6, !datagram.HasChecksum, 1);
            return;
        }

        // The link's MTU is the limit, as of a raw socket: what is learnt of the path is the sender's to heed.
        Change(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, ref _dontFragment, datagram.DontFragment, IP_PMTUDISC_PROBE);
        Change(descriptor, SOL_SOCKET, SO_NO_CHECK, ref _noChecksum, !datagram.HasChecksum, 1);
    }

    private static void Change(int descriptor, int level, int option, ref bool current, bool wanted, int value)
    {
        if (current == wanted)
            return;
        current = wanted;
        value = wanted ? value : 0; // IP_PMTUDISC_DONT, or off
        _ = setsockopt(descriptor, level, option, &value, sizeof(int));
    }
}
