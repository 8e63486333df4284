using System.Runtime.InteropServices;
using static Qanat.Linux.Interop.Netlink;
using static Qanat.Linux.Interop.Socket;

namespace Qanat.Linux.Netlink;

/// <content>Many requests in one system call.</content>
public sealed unsafe partial class NetlinkSocket
{
    // The answers of one datagram of requests wait in the receive buffer until all have been answered: so many fit into the
    // smallest that the kernel gives by default, were each of them refused in many words.
    private const int RequestsPerDatagram = 64;
    private const int RequestLength = 1024;

    /// <summary>Writes the request about a thing into a buffer of <see cref="RequestLength"/> bytes.</summary>
    internal delegate NetlinkWriter WriteRequest<T>(T thing, Span<byte> buffer);

    /// <summary>
    /// Sends requests that change something, dozens to a datagram. Only the last of each is asked to be acknowledged; of the others
    /// those answer that failed.
    /// </summary>
    /// <param name="things">What they are about.</param>
    /// <param name="write">Writes the request about one.</param>
    /// <param name="operation">What is being done to one, as a user would say it.</param>
    /// <param name="refused">Is told those that were refused, in order, and why.</param>
    /// <exception cref="LinuxException">The socket failed.</exception>
    internal void RequestAll<T>(
        IEnumerable<T> things, WriteRequest<T> write, Func<T, string> operation, Action<T, LinuxException> refused)
    {
        var datagram = new byte[RequestsPerDatagram * RequestLength];
        foreach (var chunk in things.Chunk(RequestsPerDatagram))
        {
            var first = _sequence + 1;
            var length = 0;
            foreach (var thing in chunk)
            {
                var request = write(thing, datagram.AsSpan(length, RequestLength));
                var last = _sequence + 1 - first == chunk.Length - 1;
                length += request.Complete(++_sequence, last ? NLM_F_ACK : (ushort)0).Length;
            }

            var error = Send(datagram.AsSpan(0, length));
            if (error != 0)
                throw new NetlinkAck(error).ToException(operation(chunk[0]));
            ReadRefusals(chunk, first, operation, refused);
        }
    }

    private void ReadRefusals<T>(T[] chunk, uint first, Func<T, string> operation, Action<T, LinuxException> refused)
    {
        while (true)
        {
            if (!TryReceive(out var messages, out var failure))
                throw failure.ToException(operation(chunk[0]));
            foreach (var message in messages)
            {
                // Other numbers are of a request that failed half-way.
                var place = message.Sequence - first;
                if (message.Type != NLMSG_ERROR || place >= chunk.Length)
                    continue;
                var ack = NetlinkAck.Parse(message);
                if (ack.Failed)
                    refused(chunk[place], ack.ToException(operation(chunk[place])));
                if (place == chunk.Length - 1)
                    return;
            }
        }
    }

    // 0 or an error number.
    private int Send(ReadOnlySpan<byte> datagram)
    {
        fixed (byte* bytes = datagram)
        {
            while (send(Handle, bytes, datagram.Length, 0) < 0)
            {
                var error = Marshal.GetLastSystemError();
                if (error != Errno.EINTR)
                    return error;
            }
        }

        return 0;
    }
}
