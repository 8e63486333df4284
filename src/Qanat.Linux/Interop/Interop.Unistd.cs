// unistd.h

using System.Runtime.InteropServices;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Unistd
    {
        [LibraryImport("libc")]
        internal static partial nint read(int fd, void* buf, nint count);

        [LibraryImport("libc")]
        internal static partial nint write(int fd, void* buf, nint count);
    }
}
