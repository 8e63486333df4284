// sys/mman.h

using System.Runtime.InteropServices;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Mman
    {
        internal const int PROT_READ = 0x1, PROT_WRITE = 0x2, MAP_SHARED = 0x01;
        internal static readonly void* MAP_FAILED = (void*)-1;

        [LibraryImport("libc")]
        internal static partial void* mmap(void* addr, nint length, int prot, int flags, int fd, nint offset);

        [LibraryImport("libc")]
        internal static partial int munmap(void* addr, nint length);
    }
}
