using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Qanat.Linux.Ports;
using Qanat.Packets;
using static Qanat.Linux.Interop.Socket;

namespace Qanat.Linux.Sockets;

/// <summary>
/// A port on a socket of IP: whole packets, their IP header included, in both directions. Many packets to a system call:
/// recvmmsg straight into the batch's memory, sendmmsg straight out of it.
/// </summary>
public abstract unsafe class SocketPort : KernelPort
{
    private const int MaxLength = PacketBatch.MaxPacketLength;

    // From one receive to the next.
    private const int Growth = 4;

    /// <summary>Bytes that one <see cref="Receive"/> stops after unless told otherwise: eight super-packets, which a cache holds.</summary>
    public const int DefaultReceiveLimit = 8 * MaxLength;

    private readonly int _headerLength;
    private readonly bool _receiveFacts;
    private int _expected = 1;
    private MessageVector? _incoming, _outgoing; // A socket may serve one direction alone.

    /// <summary>Takes over an open socket.</summary>
    /// <param name="handle">The socket.</param>
    /// <param name="headerLength">Bytes of the headers that the kernel keeps to itself.</param>
    /// <param name="receiveFacts">True when addresses and control data of received packets are wanted.</param>
    private protected SocketPort(SafeFileHandle handle, int headerLength, bool receiveFacts)
        : base(handle) => (_headerLength, _receiveFacts) = (headerLength, receiveFacts);

    /// <summary>Packets that the kernel dropped because nobody received them in time.</summary>
    public long Overruns
    {
        get
        {
            using var lease = Lease();
            return SocketOptions.Drops(lease.Descriptor);
        }
    }

    /// <summary>Bytes after which a <see cref="Receive"/> ends though more waits, more or less, so that they stay in the cache.</summary>
    public int ReceiveLimit { get; set; } = DefaultReceiveLimit;

    private protected MessageVector Outgoing => _outgoing ??= new();

    /// <summary>Has packets to a multicast group come in by a link (RFC 1112, RFC 3810). Joining twice is like joining once.</summary>
    /// <param name="group">The group.</param>
    /// <param name="link">Index of the interface; 0 leaves the choice to the routes.</param>
    /// <exception cref="LinuxException">
    /// EINVAL: that is no multicast address; ENOPROTOOPT: it is not of the socket's IP version; ENODEV: there is no such link;
    /// ENOBUFS: the socket is in as many groups as it may be.
    /// </exception>
    public void Join(IpAddress group, int link)
    {
        using var lease = Lease();
        var errno = SocketOptions.SetMembership(lease.Descriptor, group, link, member: true);
        if (errno is not (0 or Errno.EADDRINUSE))
            throw new LinuxException($"join the group {group}", errno,
                hint: errno == Errno.ENOBUFS ? "raise net.ipv4.igmp_max_memberships" : null);
    }

    /// <summary>Undoes <see cref="Join"/>. Leaving a group that the socket is not in changes nothing.</summary>
    /// <param name="group">The group.</param>
    /// <param name="link">The link that it was joined on.</param>
    /// <exception cref="LinuxException">ENOPROTOOPT: the group is not of the socket's IP version.</exception>
    public void Leave(IpAddress group, int link)
    {
        using var lease = Lease();
        var errno = SocketOptions.SetMembership(lease.Descriptor, group, link, member: false);
        if (errno is not (0 or Errno.EADDRNOTAVAIL or Errno.ENODEV))
            throw new LinuxException($"leave the group {group}", errno);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// One system call; a packet takes address space for the largest in the batch, but no more memory than it fills. Of large
    /// packets only a few are received at once.
    /// </remarks>
    public sealed override int Receive(PacketBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using var lease = Lease();
        var incoming = _incoming ??= new();
        var first = batch.Count;
        incoming.Clear();
        var most = Math.Max(_expected, ReceiveLimit / MaxLength); // of the longest as many as the limit has room for
        while (incoming.Count < most && batch.TryAdd(MaxLength, PacketBatch.DefaultHeadroom + _headerLength, out var index))
            incoming.BeginReceive(batch.Address(index), MaxLength, _receiveFacts);
        var count = 0;
        if (incoming.Count > 0)
        {
            do
                count = recvmmsg(lease.Descriptor, incoming.Messages, (uint)incoming.Count, MSG_DONTWAIT, null);
            while (count < 0 && Marshal.GetLastSystemError() == Errno.EINTR);
        }

        return Keep(batch, incoming, first, Math.Max(0, count));
    }

    /// <inheritdoc/>
    public sealed override int Send(PacketBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return Send(batch, 0, batch.Count);
    }

    /// <summary>
    /// Sends the <paramref name="total"/> packets of <paramref name="batch"/> from <paramref name="start"/> on. A packet that is
    /// refused does not hold up the next, unless the send buffer is full.
    /// </summary>
    /// <returns>How many were taken.</returns>
    /// <exception cref="PortClosedException">The socket is disposed.</exception>
    public int Send(PacketBatch batch, int start, int total)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using var lease = Lease();
        var messages = Outgoing;
        var positions = stackalloc SendPosition[MessageVector.Capacity + 1];
        var (sent, end) = (0, start + total);
        for (var next = new SendPosition(start, 0); next.Packet < end;)
        {
            messages.Clear();
            next = Prepare(lease.Descriptor, batch, next, end, positions);
            positions[messages.Count] = next;
            for (var done = 0; done < messages.Count;)
            {
                var taken = sendmmsg(lease.Descriptor, messages.Messages + done, (uint)(messages.Count - done), MSG_DONTWAIT);
                if (taken > 0)
                {
                    sent += positions[done + taken].Packet - positions[done].Packet;
                    done += taken;
                    continue;
                }

                // The error is that of the first message of the call.
                var errno = Marshal.GetLastSystemError();
                if (errno == Errno.EINTR)
                    continue;
                if (errno is Errno.EAGAIN or Errno.ENOBUFS or Errno.ENOMEM)
                {
                    Errors.CountRefused(errno, end - positions[done].Packet);
                    return sent;
                }

                if (TakesApart(batch, positions[done], done, errno))
                {
                    next = positions[done];
                    break;
                }

                Errors.CountRefused(errno, positions[done + 1].Packet - positions[done].Packet);
                done++;
            }
        }

        return sent;
    }

    /// <summary>Fills <see cref="Outgoing"/> with what is to be sent next, and counts as refused what cannot be.</summary>
    /// <param name="descriptor">The socket, for settings.</param>
    /// <param name="batch">The packets.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="end">The packet to stop in front of.</param>
    /// <param name="positions">Where each message begins, to be filled in; they lie end to end.</param>
    /// <returns>Where the next call is to begin.</returns>
    private protected abstract SendPosition Prepare(
        int descriptor, PacketBatch batch, SendPosition from, int end, SendPosition* positions);

    /// <summary>True when a refused message is to be tried again, prepared anew from its position on, in smaller pieces.</summary>
    private protected virtual bool TakesApart(PacketBatch batch, SendPosition position, int message, int errno) => false;

    /// <summary>
    /// Makes a whole packet of what was received: the bytes are in place, and there is room for the header in front of them.
    /// </summary>
    private protected abstract void Complete(PacketBatch batch, int index, MessageVector messages, int message);

    // Keeps the packets that came whole, in order, and gives the unused room back.
    private int Keep(PacketBatch batch, MessageVector incoming, int first, int count)
    {
        var (kept, bytes) = (0, 1);
        for (var i = 0; i < count; i++)
        {
            ref readonly var message = ref incoming.Messages[i];
            bytes += (int)message.msg_len;
            if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0)
            {
                Errors.CountMalformed();
                continue;
            }

            batch[first + kept] = batch[first + i] with { Length = (int)message.msg_len };
            Complete(batch, first + kept, incoming, i);
            kept++;
        }

        // The next are expected to be as large as these, and not many times as many: room that nobody needs is not made for nothing.
        if (count > 0)
            _expected = (int)Math.Clamp(Math.Min((long)ReceiveLimit * count / bytes, Growth * count), 1, MessageVector.Capacity);
        while (batch.Count > first + kept)
            batch.RemoveLast();
        if (kept > 0)
            batch.ResizeLast(batch[batch.Count - 1].Length);
        return kept;
    }
}

/// <summary>How far sending has come.</summary>
/// <param name="Packet">The packet of the batch.</param>
/// <param name="Offset">Bytes of its payload that have gone already: other than 0 within a super-packet alone.</param>
internal readonly record struct SendPosition(int Packet, int Offset);
