using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static Qanat.Linux.Interop.Netlink;
using static Qanat.Linux.Interop.Socket;

namespace Qanat.Linux.Netlink;

/// <summary>
/// A netlink socket: requests with their acks, dumps, and notifications. It belongs to one thread at a time, and to the
/// network namespace that its thread was in when it was made.
/// </summary>
/// <remarks>
/// The kernel answers inside the send call, so receiving does not wait. Source: linux/netlink.h, net/netlink/af_netlink.c.
/// </remarks>
public sealed unsafe partial class NetlinkSocket : IDisposable
{
    // The kernel never makes a dump's datagram larger than this, and nothing else comes near it.
    private const int BufferLength = 32 * 1024;
    private const int DumpAttempts = 16;
    private const int AnswerSeconds = 10;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferLength);
    private uint _sequence;

    /// <summary>Opens a socket for requests, which block until they are answered.</summary>
    /// <param name="protocol">The netlink family; 0, NETLINK_ROUTE, unless told.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public NetlinkSocket(int protocol = NETLINK_ROUTE)
        : this(protocol, 0)
    {
    }

    private NetlinkSocket(int protocol, int socketFlags)
    {
        var descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | socketFlags, protocol);
        var error = descriptor < 0 ? Marshal.GetLastSystemError() : 0;
        Handle = error == 0 ? new(descriptor, ownsHandle: true) : throw new LinuxException("open a netlink socket", error);

        // Older kernels lack some of these; without them errors have no words, and filters are ours alone.
        Set(SOL_NETLINK, NETLINK_CAP_ACK, 1);
        Set(SOL_NETLINK, NETLINK_EXT_ACK, 1);
        Set(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);

        // An answer that never comes must not hang the caller for good.
        Set(SOL_SOCKET, SO_RCVTIMEO, new timeval { tv_sec = AnswerSeconds });

        // Connected to the kernel (port 0), the socket takes messages to itself from nobody else.
        var kernel = new sockaddr_nl { nl_family = AF_NETLINK };
        error = connect(Handle, &kernel, (uint)sizeof(sockaddr_nl)) == 0 ? 0 : Marshal.GetLastSystemError();
        if (error != 0)
        {
            Handle.Dispose();
            throw new LinuxException("connect a netlink socket", error);
        }
    }

    /// <summary>The descriptor, for epoll.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Opens a socket for requests of a netlink family that not every kernel has.</summary>
    /// <param name="protocol">The netlink family.</param>
    /// <returns>Null when the kernel does not have it.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static NetlinkSocket? OpenIfSupported(int protocol)
    {
        try
        {
            return new(protocol);
        }
        catch (LinuxException refusal) when (refusal.Error == Errno.EPROTONOSUPPORT)
        {
            return null;
        }
    }

    /// <summary>Opens a socket that never blocks and hears what the kernel tells the given groups.</summary>
    /// <param name="protocol">The netlink family.</param>
    /// <param name="groups">The groups' numbers, RTNLGRP_* for NETLINK_ROUTE.</param>
    /// <param name="receiveBuffer">Bytes of notifications that may wait before the kernel drops some.</param>
    /// <exception cref="LinuxException">The kernel refused, or knows no such group.</exception>
    public static NetlinkSocket Listen(int protocol, ReadOnlySpan<int> groups, int receiveBuffer)
    {
        var listener = new NetlinkSocket(protocol, SOCK_NONBLOCK);
        try
        {
            if (listener.Set(SOL_SOCKET, SO_RCVBUFFORCE, receiveBuffer) != 0)
                listener.Set(SOL_SOCKET, SO_RCVBUF, receiveBuffer);
            foreach (var group in groups)
                if (listener.Set(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group) is var error and not 0)
                    throw new LinuxException($"join netlink group {group}", error);
            return listener;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request that changes something and waits for its ack.</summary>
    /// <param name="request">The request; it is asked to be acknowledged.</param>
    /// <param name="operation">What is being done, as a user would say it, for the exception.</param>
    /// <exception cref="LinuxException">The kernel refused; its words are in <see cref="LinuxException.Detail"/>.</exception>
    public void Request(NetlinkWriter request, string operation)
    {
        if (!TrySend(request, NLM_F_ACK, out var ack) || !TryAwait(ackOnly: true, out _, out ack) || ack.Failed)
            throw ack.ToException(operation);
    }

    /// <summary>Asks for one thing: one send, one receive, no exception.</summary>
    /// <param name="request">The request.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="ack">Why there is none.</param>
    public bool TryGet<T>(NetlinkWriter request, [NotNullWhen(true)] out T? answer, out NetlinkAck ack) where T : class, INetlinkParsable<T>
    {
        answer = null;
        if (!TrySend(request, 0, out ack) || !TryAwait(ackOnly: false, out var message, out ack) || ack.Failed)
            return false;
        if (T.TryParse(message, out answer))
            return true;
        ack = new(Errno.EBADMSG);
        return false;
    }

    /// <summary>Asks for one thing that is there.</summary>
    /// <exception cref="LinuxException">There is none, or the kernel refused.</exception>
    public T Get<T>(NetlinkWriter request, string operation) where T : class, INetlinkParsable<T> =>
        TryGet<T>(request, out var answer, out var ack) ? answer : throw ack.ToException(operation);

    /// <summary>Asks for all things of a kind. A table that changes underneath is read again, so the list is consistent.</summary>
    /// <exception cref="LinuxException">The kernel refused, or (EINTR) the table kept changing.</exception>
    public List<T> Dump<T>(NetlinkWriter request, string operation) where T : class, INetlinkParsable<T>
    {
        List<T> things = [];
        if (TryDump(request, things, out var ack))
            return things;
        throw ack.Error == Errno.EINTR
            ? new LinuxException(operation, Errno.EINTR, "it changed each time while it was being read")
            : ack.ToException(operation);
    }

    /// <summary>As <see cref="Dump"/>, into a list of the caller's, and without an exception.</summary>
    /// <param name="request">The request.</param>
    /// <param name="things">Emptied, then filled.</param>
    /// <param name="ack">Why there are none; EINTR when the table kept changing.</param>
    public bool TryDump<T>(NetlinkWriter request, List<T> things, out NetlinkAck ack) where T : class, INetlinkParsable<T>
    {
        ArgumentNullException.ThrowIfNull(things);
        for (var attempt = 0; attempt < DumpAttempts; attempt++)
        {
            things.Clear();
            if (!TrySend(request, NLM_F_DUMP, out ack) || !TryReadDump(things, out var interrupted, out ack) || ack.Failed)
                return false;
            if (!interrupted)
                return true;
        }

        ack = new(Errno.EINTR);
        return false;
    }

    /// <summary>Receives one datagram.</summary>
    /// <param name="messages">Its messages, in a buffer that the next receive overwrites; none when the kernel did not send it.</param>
    /// <returns>0 or an error number: EAGAIN when nothing waits, ENOBUFS or EMSGSIZE when messages were lost.</returns>
    public int Receive(out NetlinkMessages messages)
    {
        messages = default;
        nint length;
        sockaddr_nl source;
        fixed (byte* buffer = _buffer)
        {
            var sourceLength = (uint)sizeof(sockaddr_nl);
            while ((length = recvfrom(Handle, buffer, _buffer.Length, MSG_TRUNC, &source, &sourceLength)) < 0)
            {
                var error = Marshal.GetLastSystemError();
                if (error != Errno.EINTR)
                    return error;
            }
        }

        // Whoever has CAP_NET_ADMIN may speak to a group of the kernel's. Only the kernel has port 0.
        if (source.nl_pid != 0)
            return 0;
        if (length > _buffer.Length)
            return Errno.EMSGSIZE;
        messages = new(_buffer.AsSpan(0, (int)length));
        return 0;
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    private bool TrySend(NetlinkWriter request, ushort flags, out NetlinkAck ack)
    {
        ack = new(Send(request.Complete(++_sequence, flags)));
        return !ack.Failed;
    }

    // Waits for the ack, or for an answer or the ack that stands for it. Messages with another sequence number answer a
    // request that failed half-way, and are passed over.
    private bool TryAwait(bool ackOnly, out NetlinkMessage answer, out NetlinkAck ack)
    {
        answer = default;
        while (TryReceive(out var messages, out ack))
        {
            foreach (var message in messages)
            {
                if (message.Sequence != _sequence)
                    continue;
                if (message.Type == NLMSG_ERROR)
                {
                    ack = NetlinkAck.Parse(message);
                    return true;
                }

                if (!ackOnly)
                {
                    answer = message;
                    return true;
                }
            }
        }

        return false;
    }

    private bool TryReadDump<T>(List<T> things, out bool interrupted, out NetlinkAck ack) where T : class, INetlinkParsable<T>
    {
        interrupted = false;
        while (TryReceive(out var messages, out ack))
        {
            foreach (var message in messages)
            {
                if (message.Sequence != _sequence)
                    continue;
                interrupted |= (message.Flags & NLM_F_DUMP_INTR) != 0;
                if (message.Type is NLMSG_ERROR or NLMSG_DONE)
                {
                    ack = NetlinkAck.Parse(message);
                    return true;
                }

                if (T.TryParse(message, out var thing))
                    things.Add(thing);
            }
        }

        return false;
    }

    private bool TryReceive(out NetlinkMessages messages, out NetlinkAck ack)
    {
        var error = Receive(out messages);
        ack = new(error == Errno.EAGAIN ? Errno.ETIMEDOUT : error);
        return error == 0;
    }

    private int Set<T>(int level, int option, T value) where T : unmanaged =>
        setsockopt(Handle, level, option, &value, (uint)sizeof(T)) == 0 ? 0 : Marshal.GetLastSystemError();
}
