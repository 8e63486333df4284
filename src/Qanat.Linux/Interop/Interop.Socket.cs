// sys/socket.h, linux/sock_diag.h

#pragma warning disable CS0649, CS8981 // the kernel fills fields in; its type names are lower case

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Socket
    {
        internal const int AF_UNSPEC = 0, AF_INET = 2, AF_INET6 = 10, AF_NETLINK = 16, AF_PACKET = 17;
        internal const int SOCK_DGRAM = 2, SOCK_RAW = 3, SOCK_NONBLOCK = 0x800, SOCK_CLOEXEC = 0x80000;
        internal const int SOL_SOCKET = 1, SO_SNDBUF = 7, SO_RCVBUF = 8, SO_NO_CHECK = 11, SO_RCVTIMEO = 20, SO_ATTACH_FILTER = 26,
            SO_SNDBUFFORCE = 32, SO_RCVBUFFORCE = 33, SO_TIMESTAMPNS = 35, SO_MARK = 36, SO_MEMINFO = 55, SO_BINDTOIFINDEX = 62,
            SO_NETNS_COOKIE = 71;
        internal const int SK_MEMINFO_DROPS = 8, SK_MEMINFO_VARS = 9;
        internal const int SCM_RIGHTS = 1;
        internal const int MSG_TRUNC = 0x20, MSG_DONTWAIT = 0x40, MSG_NOSIGNAL = 0x4000, MSG_CMSG_CLOEXEC = 0x40000000;

        internal struct timeval
        {
            internal nint tv_sec;
            internal nint tv_usec;
        }

        internal struct iovec
        {
            internal void* iov_base;
            internal nint iov_len;
        }

        internal struct msghdr
        {
            internal void* msg_name;
            internal uint msg_namelen;
            internal iovec* msg_iov;
            internal nint msg_iovlen;
            internal void* msg_control;
            internal nint msg_controllen;
            internal int msg_flags;
        }

        internal struct mmsghdr
        {
            internal msghdr msg_hdr;
            internal uint msg_len;
        }

        internal struct cmsghdr
        {
            internal nint cmsg_len;
            internal int cmsg_level;
            internal int cmsg_type;
        }

        [LibraryImport("libc")]
        internal static partial int socket(int domain, int type, int protocol);

        [LibraryImport("libc")]
        internal static partial int bind(int sockfd, void* addr, uint addrlen);

        [LibraryImport("libc")]
        internal static partial int getsockname(int sockfd, void* addr, uint* addrlen);

        [LibraryImport("libc")]
        internal static partial int connect(SafeFileHandle sockfd, void* addr, uint addrlen);

        [LibraryImport("libc")]
        internal static partial int setsockopt(SafeFileHandle sockfd, int level, int optname, void* optval, uint optlen);

        [LibraryImport("libc")]
        internal static partial int setsockopt(int sockfd, int level, int optname, void* optval, uint optlen);

        [LibraryImport("libc")]
        internal static partial int getsockopt(SafeFileHandle sockfd, int level, int optname, void* optval, uint* optlen);

        [LibraryImport("libc")]
        internal static partial int getsockopt(int sockfd, int level, int optname, void* optval, uint* optlen);

        [LibraryImport("libc")]
        internal static partial nint recv(int sockfd, void* buf, nint len, int flags);

        [LibraryImport("libc")]
        internal static partial nint recvfrom(SafeFileHandle sockfd, void* buf, nint len, int flags, void* src_addr, uint* addrlen);

        [LibraryImport("libc")]
        internal static partial nint send(SafeFileHandle sockfd, void* buf, nint len, int flags);

        [LibraryImport("libc")]
        internal static partial nint sendto(int sockfd, void* buf, nint len, int flags, void* dest_addr, uint addrlen);

        [LibraryImport("libc")]
        internal static partial nint sendmsg(int sockfd, msghdr* msg, int flags);

        [LibraryImport("libc")]
        internal static partial nint recvmsg(int sockfd, msghdr* msg, int flags);

        [LibraryImport("libc")]
        internal static partial int recvmmsg(int sockfd, mmsghdr* msgvec, uint vlen, int flags, void* timeout);

        [LibraryImport("libc")]
        internal static partial int sendmmsg(int sockfd, mmsghdr* msgvec, uint vlen, int flags);
    }
}
