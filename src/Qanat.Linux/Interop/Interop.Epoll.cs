// sys/epoll.h, sys/eventfd.h

using System.Runtime.InteropServices;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Epoll
    {
        internal const int EPOLL_CLOEXEC = 0x80000, EPOLL_CTL_ADD = 1, EPOLL_CTL_DEL = 2;
        internal const uint EPOLLIN = 0x1, EPOLLOUT = 0x4, EPOLLERR = 0x8, EPOLLHUP = 0x10;
        internal const int EFD_CLOEXEC = 0x80000, EFD_NONBLOCK = 0x800;

        /// <summary>Where <c>data</c> lies in an <c>epoll_event</c>: the kernel packs it on x86-64 alone.</summary>
        internal static int DataOffset => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

        /// <summary>Bytes of an <c>epoll_event</c>: the events (u32), then the data (u64) at <see cref="DataOffset"/>.</summary>
        internal static int EventSize => DataOffset + 8;

        [LibraryImport("libc")]
        internal static partial int epoll_create1(int flags);

        [LibraryImport("libc")]
        internal static partial int epoll_ctl(int epfd, int op, int fd, void* @event);

        [LibraryImport("libc")]
        internal static partial int epoll_wait(int epfd, void* events, int maxevents, int timeout);

        [LibraryImport("libc")]
        internal static partial int eventfd(uint initval, int flags);
    }
}
