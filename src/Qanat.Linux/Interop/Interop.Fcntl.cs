// fcntl.h

using System.Runtime.InteropServices;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Fcntl
    {
        internal const int O_RDONLY = 0, O_WRONLY = 0x1, O_RDWR = 0x2, O_CREAT = 0x40, O_EXCL = 0x80, O_APPEND = 0x400,
            O_NONBLOCK = 0x800, O_CLOEXEC = 0x80000;

        internal const int F_SETFD = 2, F_GETFL = 3, F_SETFL = 4, FD_CLOEXEC = 1;

        [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int open(string pathname, int flags, uint mode = 0);

        [LibraryImport("libc")]
        internal static partial int fcntl(int fd, int cmd, nint argument);
    }
}
