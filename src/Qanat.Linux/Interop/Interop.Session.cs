// unistd.h, fcntl.h: what leaving a session, and making sure of a folder, need of it

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Session
    {
        internal const int O_APPEND = 0x400;
        internal const int STDIN_FILENO = 0, STDOUT_FILENO = 1, STDERR_FILENO = 2;

        [LibraryImport("libc")]
        internal static partial int fsync(SafeFileHandle fd);

        [LibraryImport("libc")]
        internal static partial int dup2(SafeFileHandle oldfd, int newfd);

        [LibraryImport("libc")]
        internal static partial int setsid();
    }
}
