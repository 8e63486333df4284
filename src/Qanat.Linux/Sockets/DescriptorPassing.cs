using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Qanat.Linux.Ports;
using static Qanat.Linux.Interop.Socket;
using Socket = System.Net.Sockets.Socket;

namespace Qanat.Linux.Sockets;

/// <summary>
/// Descriptors that travel between processes over a Unix socket: one with a byte of data, as most programs expect it
/// (unix(7), SCM_RIGHTS).
/// </summary>
public static unsafe class DescriptorPassing
{
    // Room for a few descriptors beside credentials and labels, which a socket may have asked for and which come first. Descriptors
    // beyond it the kernel does not install.
    private const int ControlLength = 256;
    private static readonly int HeaderLength = Unsafe.SizeOf<cmsghdr>(); // CMSG_LEN(0)

    /// <summary>Sends a copy of a descriptor; the sender's stays open.</summary>
    /// <exception cref="LinuxException">EPIPE: nobody is at the other end; ENOTSOCK and others as sendmsg(2) has them.</exception>
    public static void Send(Socket socket, SafeFileHandle descriptor)
    {
        ArgumentNullException.ThrowIfNull(socket);
        using var connection = new DescriptorLease(socket.SafeHandle);
        using var passed = new DescriptorLease(descriptor);
        var control = stackalloc byte[HeaderLength + sizeof(nint)];
        *(cmsghdr*)control = new() { cmsg_len = HeaderLength + sizeof(int), cmsg_level = SOL_SOCKET, cmsg_type = SCM_RIGHTS };
        *(int*)(control + HeaderLength) = passed.Descriptor;
        byte data = 0;
        var piece = new iovec { iov_base = &data, iov_len = 1 };
        var message = new msghdr
        {
            msg_iov = &piece,
            msg_iovlen = 1,
            msg_control = control,
            msg_controllen = HeaderLength + sizeof(nint),
        };
        while (sendmsg(connection.Descriptor, &message, MSG_NOSIGNAL) < 0)
            WaitOrThrow("send a descriptor", socket, SelectMode.SelectWrite);
    }

    /// <summary>Waits for a descriptor and receives it; it is closed on exec.</summary>
    /// <exception cref="EndOfStreamException">The other end closed the socket.</exception>
    /// <exception cref="InvalidDataException">What came was no descriptor.</exception>
    /// <exception cref="LinuxException">The socket failed, as recvmsg(2) has it.</exception>
    public static SafeFileHandle Receive(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        using var connection = new DescriptorLease(socket.SafeHandle);
        var control = stackalloc byte[ControlLength];
        byte data;
        var piece = new iovec { iov_base = &data, iov_len = 1 };
        var message = new msghdr { msg_iov = &piece, msg_iovlen = 1, msg_control = control, msg_controllen = ControlLength };
        nint count;
        while ((count = recvmsg(connection.Descriptor, &message, MSG_CMSG_CLOEXEC)) < 0)
            WaitOrThrow("receive a descriptor", socket, SelectMode.SelectRead);
        if (count == 0)
            throw new EndOfStreamException("receive a descriptor: the other end closed the socket.");

        return First(control, (int)message.msg_controllen)
            ?? throw new InvalidDataException("receive a descriptor: the other end sent data without one.");
    }

    // The first descriptor of all messages (CMSG_FIRSTHDR, CMSG_NXTHDR). The others were installed as well, and are closed.
    private static SafeFileHandle? First(byte* control, int length)
    {
        SafeFileHandle? first = null;
        for (var at = 0; length - at >= HeaderLength;)
        {
            var header = (cmsghdr*)(control + at);
            if (header->cmsg_len < HeaderLength || header->cmsg_len > length - at)
                break;
            if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
            {
                var numbers = new ReadOnlySpan<int>(control + at + HeaderLength, (int)(header->cmsg_len - HeaderLength) / sizeof(int));
                foreach (var number in numbers)
                {
                    var handle = new SafeFileHandle(number, ownsHandle: true);
                    if (first is null)
                        first = handle;
                    else
                        handle.Dispose();
                }
            }

            at += (int)(header->cmsg_len + sizeof(nint) - 1 & -sizeof(nint)); // CMSG_ALIGN
        }

        return first;
    }

    // .NET lets its sockets block or not as it likes.
    private static void WaitOrThrow(string operation, Socket socket, SelectMode mode)
    {
        var errno = Marshal.GetLastSystemError();
        if (errno == Errno.EAGAIN)
            socket.Poll(Timeout.InfiniteTimeSpan, mode);
        else if (errno != Errno.EINTR)
            throw new LinuxException(operation, errno);
    }
}
