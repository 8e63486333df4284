// poll.h

using System.Runtime.InteropServices;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Poll
    {
        internal const short POLLIN = 0x1, POLLERR = 0x8, POLLHUP = 0x10;

        internal struct pollfd
        {
            internal int fd;
            internal short events;
            internal short revents;
        }

        [LibraryImport("libc")]
        internal static partial int poll(pollfd* fds, nuint nfds, int timeout);
    }
}
