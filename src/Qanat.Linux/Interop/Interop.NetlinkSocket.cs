// sys/socket.h, as far as netlink sockets need it

#pragma warning disable CS0649, CS8981 // the kernel fills fields in; its type names are lower case

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Netlink
    {
        internal const int AF_UNSPEC = 0, AF_INET = 2, AF_INET6 = 10, AF_NETLINK = 16;
        internal const int SOCK_RAW = 3, SOCK_NONBLOCK = 0x800, SOCK_CLOEXEC = 0x80000;
        internal const int SOL_SOCKET = 1, SO_RCVBUF = 8, SO_RCVTIMEO = 20, SO_RCVBUFFORCE = 33, SO_NETNS_COOKIE = 71;
        internal const int SOL_NETLINK = 270;
        internal const int MSG_TRUNC = 0x20;

        internal struct timeval
        {
            internal nint tv_sec;
            internal nint tv_usec;
        }

        [LibraryImport("libc")]
        internal static partial int socket(int domain, int type, int protocol);

        [LibraryImport("libc")]
        internal static partial int connect(SafeFileHandle sockfd, sockaddr_nl* addr, uint addrlen);

        [LibraryImport("libc")]
        internal static partial int setsockopt(SafeFileHandle sockfd, int level, int optname, void* optval, uint optlen);

        [LibraryImport("libc")]
        internal static partial int getsockopt(SafeFileHandle sockfd, int level, int optname, void* optval, uint* optlen);

        [LibraryImport("libc")]
        internal static partial nint send(SafeFileHandle sockfd, byte* buf, nint len, int flags);

        [LibraryImport("libc")]
        internal static partial nint recv(SafeFileHandle sockfd, byte* buf, nint len, int flags);
    }
}
