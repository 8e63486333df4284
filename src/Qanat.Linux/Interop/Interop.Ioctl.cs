// sys/ioctl.h: some requests take their argument by value, some behind a pointer

using System.Runtime.InteropServices;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Ioctl
    {
        [LibraryImport("libc")]
        internal static partial int ioctl(int fd, nuint request, nint argument);

        [LibraryImport("libc")]
        internal static partial int ioctl(int fd, nuint request, void* argument);
    }
}
