// sys/stat.h, linux/stat.h

#pragma warning disable CS0649 // the kernel fills fields in

using System.Runtime.InteropServices;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Stat
    {
        internal const int AT_FDCWD = -100, AT_EMPTY_PATH = 0x1000;
        internal const uint STATX_INO = 0x100;

        /// <summary>struct statx: the fields that tell one file from another. The layout is the same on every architecture.</summary>
        [StructLayout(LayoutKind.Explicit, Size = 256)]
        internal struct statx_t
        {
            [FieldOffset(32)] internal ulong stx_ino;
            [FieldOffset(136)] internal uint stx_dev_major;
            [FieldOffset(140)] internal uint stx_dev_minor;
        }

        [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int statx(int dirfd, string pathname, int flags, uint mask, statx_t* statxbuf);
    }
}
