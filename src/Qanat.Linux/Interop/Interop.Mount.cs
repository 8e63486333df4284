// sys/mount.h

using System.Runtime.InteropServices;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Mount
    {
        internal const nuint MS_BIND = 0x1000, MS_REC = 0x4000, MS_SHARED = 0x100000;
        internal const int MNT_DETACH = 2;

        [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int mount(string source, string target, string filesystemtype, nuint mountflags, nint data);

        [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int umount2(string target, int flags);
    }
}
