// unistd.h, sys/uio.h

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Unistd
    {
        internal const int STDIN_FILENO = 0, STDOUT_FILENO = 1, STDERR_FILENO = 2;

        [LibraryImport("libc")]
        internal static partial nint read(int fd, void* buf, nint count);

        [LibraryImport("libc")]
        internal static partial nint readv(int fd, Socket.iovec* iov, int iovcnt);

        [LibraryImport("libc")]
        internal static partial nint write(int fd, void* buf, nint count);

        [LibraryImport("libc")]
        internal static partial nint writev(int fd, Socket.iovec* iov, int iovcnt);

        [LibraryImport("libc")]
        internal static partial int close(int fd);

        [LibraryImport("libc")]
        internal static partial int fsync(SafeFileHandle fd);

        [LibraryImport("libc")]
        internal static partial int dup2(SafeFileHandle oldfd, int newfd);

        [LibraryImport("libc")]
        internal static partial int setsid();

        [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int link(string oldpath, string newpath);

        [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int unlink(string pathname);
    }
}
