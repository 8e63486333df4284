// sys/stat.h, linux/stat.h

#pragma warning disable CS0649 // the kernel fills fields in

using System.Runtime.InteropServices;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Stat
    {
        internal const int AT_FDCWD = -100, AT_EMPTY_PATH = 0x1000;
        internal const uint STATX_TYPE = 0x1, STATX_MODE = 0x2, STATX_UID = 0x8, STATX_GID = 0x10, STATX_INO = 0x100;
        internal const ushort S_IFMT = 0xF000, S_IFCHR = 0x2000;

        /// <summary>
        /// struct statx: the fields that tell one file from another, and what a device node is. The layout is the same on every
        /// architecture.
        /// </summary>
        [StructLayout(LayoutKind.Explicit, Size = 256)]
        internal struct statx_t
        {
            [FieldOffset(20)] internal uint stx_uid;
            [FieldOffset(24)] internal uint stx_gid;
            [FieldOffset(28)] internal ushort stx_mode;
            [FieldOffset(32)] internal ulong stx_ino;
            [FieldOffset(128)] internal uint stx_rdev_major;
            [FieldOffset(132)] internal uint stx_rdev_minor;
            [FieldOffset(136)] internal uint stx_dev_major;
            [FieldOffset(140)] internal uint stx_dev_minor;
        }

        [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int statx(int dirfd, string pathname, int flags, uint mask, statx_t* statxbuf);
    }
}
