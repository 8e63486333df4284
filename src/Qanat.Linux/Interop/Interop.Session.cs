// unistd.h, fcntl.h, sys/stat.h: what a daemon needs of them

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Session
    {
        internal const int O_RDONLY = 0, O_WRONLY = 1, O_CREAT = 0x40, O_APPEND = 0x400, O_CLOEXEC = 0x80000;
        internal const int STDIN_FILENO = 0, STDOUT_FILENO = 1, STDERR_FILENO = 2;
        internal const int AT_FDCWD = -100, AT_EMPTY_PATH = 0x1000;
        internal const uint STATX_INO = 0x100;

        /// <summary>The fields that tell one file from another; the layout is the same on every architecture.</summary>
        [StructLayout(LayoutKind.Explicit, Size = 256)]
        internal struct statx_t
        {
            [FieldOffset(32)] internal ulong stx_ino;
            [FieldOffset(136)] internal uint stx_dev_major;
            [FieldOffset(140)] internal uint stx_dev_minor;
        }

        [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int open(string pathname, int flags, uint mode);

        [LibraryImport("libc")]
        internal static partial int fsync(SafeFileHandle fd);

        [LibraryImport("libc")]
        internal static partial int dup2(SafeFileHandle oldfd, int newfd);

        [LibraryImport("libc")]
        internal static partial int setsid();

        [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int statx(int dirfd, string pathname, int flags, uint mask, statx_t* statxbuf);
    }
}
