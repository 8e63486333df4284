using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Qanat.Linux.Ports;
using Qanat.Packets;
using static Qanat.Linux.Interop.Socket;

namespace Qanat.Linux.Sockets;

/// <summary>
/// A raw IPv4 socket: whole packets of one protocol, their IP header included, in both directions. Many packets to a
/// system call: recvmmsg straight into the batch's memory, sendmmsg straight out of it.
/// </summary>
/// <remarks>
/// The kernel hands over every packet of the protocol that reaches this host, reassembled, also those that the host sends to
/// itself; and for as long as the socket is open it sends no ICMP protocol-unreachable for them. On the way out it fills in
/// total length and header checksum, and source and identification where they are zero. It refuses what is longer than the
/// link's MTU: fragmentation is the sender's. Source: raw(7), net/ipv4/raw.c.
/// </remarks>
public sealed unsafe partial class RawIpSocket : KernelPort
{
    private const int MaxLength = PacketBatch.MaxPacketLength, MinHeaderLength = 20;
    private const int ProtocolOffset = 9, SourceOffset = 12, DestinationOffset = 16; // in the IPv4 header

    private readonly MessageVector _incoming = new();
    private readonly MessageVector _outgoing = new();
    private readonly bool _receiveLink, _namesProtocol;

    private RawIpSocket(SafeFileHandle handle, bool receiveLink, bool namesProtocol)
        : base(handle) => (_receiveLink, _namesProtocol) = (receiveLink, namesProtocol);

    /// <inheritdoc/>
    /// <remarks>One system call; a packet takes address space for the largest in the batch, but no more memory than it fills.</remarks>
    public override int Receive(PacketBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using var lease = Lease();
        var first = batch.Count;
        var room = 0;
        for (; room < MessageVector.Capacity && batch.TryAdd(MaxLength, PacketBatch.DefaultHeadroom, out var index); room++)
        {
            _incoming.SetMemory(room, batch.Address(index), MaxLength);
            if (_receiveLink)
                _incoming.PrepareControl(room);
        }

        int count;
        do
            count = room == 0 ? 0 : recvmmsg(lease.Descriptor, _incoming.Messages, (uint)room, MSG_DONTWAIT, null);
        while (count < 0 && Marshal.GetLastSystemError() == Errno.EINTR);
        return Keep(batch, first, Math.Max(0, count));
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The destination, and so the route, comes from each packet's header; the interface from <see cref="PacketInfo.Link"/>
    /// when it is not 0. A packet that is refused does not hold up the next, unless the send buffer is full.
    /// </remarks>
    public override int Send(PacketBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return Send(batch, 0, batch.Count);
    }

    /// <summary>Sends the <paramref name="total"/> packets of <paramref name="batch"/> from <paramref name="start"/> on.</summary>
    /// <returns>How many were taken.</returns>
    /// <exception cref="PortClosedException">The socket is disposed.</exception>
    public int Send(PacketBatch batch, int start, int total)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using var lease = Lease();
        var sent = 0;
        var end = start + total;
        for (var first = start; first < end; first += MessageVector.Capacity)
        {
            var count = Math.Min(MessageVector.Capacity, end - first);
            for (var i = 0; i < count; i++)
                Prepare(batch, first + i, i);
            for (var done = 0; done < count;)
            {
                var taken = sendmmsg(lease.Descriptor, _outgoing.Messages + done, (uint)(count - done), MSG_DONTWAIT);
                if (taken > 0)
                {
                    done += taken;
                    sent += taken;
                    continue;
                }

                // The error is that of the first message of the call.
                var errno = Marshal.GetLastSystemError();
                if (errno == Errno.EINTR)
                    continue;
                if (errno is Errno.EAGAIN or Errno.ENOBUFS or Errno.ENOMEM)
                {
                    Errors.CountRefused(errno, end - first - done);
                    return sent;
                }

                Errors.CountRefused(errno);
                done++;
            }
        }

        return sent;
    }

    private void Prepare(PacketBatch batch, int index, int message)
    {
        ref readonly var packet = ref batch[index];
        var start = batch.Address(index);
        _outgoing.SetMemory(message, start, packet.Length);
        // The kernel refuses a packet without a header (EINVAL), wherever it is to go.
        var whole = packet.Length >= MinHeaderLength;
        var source = whole ? *(uint*)(start + SourceOffset) : 0;
        _outgoing.SetRoute(message, packet.Link, source, whole && _namesProtocol ? start[ProtocolOffset] : (byte)0);
        _outgoing.SetDestination(message, whole ? *(uint*)(start + DestinationOffset) : 0);
    }

    // Keeps the packets that came whole, in order, and gives the unused room back.
    private int Keep(PacketBatch batch, int first, int count)
    {
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            ref readonly var message = ref _incoming.Messages[i];
            if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0)
            {
                Errors.CountMalformed();
                continue;
            }

            batch[first + kept] = batch[first + i] with { Length = (int)message.msg_len, Link = _receiveLink ? _incoming.LinkOf(i) : 0 };
            kept++;
        }

        while (batch.Count > first + kept)
            batch.RemoveLast();
        if (kept > 0)
            batch.ResizeLast(batch[batch.Count - 1].Length);
        return kept;
    }
}
