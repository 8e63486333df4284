using System.Runtime.InteropServices;

namespace Qanat.Packets.Tests.Headers;

/// <summary>Memory that ends where a page begins which nobody may touch: one byte too far ends the test run.</summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int PROT_NONE = 0, PROT_READ = 1, PROT_WRITE = 2, MAP_PRIVATE = 2, MAP_ANONYMOUS = 0x20;

    private readonly nint _start;
    private readonly int _size;

    /// <summary>Makes memory of at least <paramref name="size"/> bytes.</summary>
    public GuardedMemory(int size)
    {
        var page = Environment.SystemPageSize;
        _size = (size + page - 1) / page * page;
        _start = mmap(0, (nuint)(_size + page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (_start == -1 || mprotect(_start + _size, (nuint)page, PROT_NONE) != 0)
            throw new InvalidOperationException($"No guarded memory: errno {Marshal.GetLastSystemError()}.");
    }

    /// <summary>The last <paramref name="length"/> bytes in front of the guard.</summary>
    public Span<byte> Last(int length) => new((byte*)_start + _size - length, length);

    public void Dispose() => _ = munmap(_start, (nuint)(_size + Environment.SystemPageSize));

    [LibraryImport("libc")]
    private static partial nint mmap(nint addr, nuint length, int prot, int flags, int fd, nint offset);

    [LibraryImport("libc")]
    private static partial int mprotect(nint addr, nuint len, int prot);

    [LibraryImport("libc")]
    private static partial int munmap(nint addr, nuint length);
}
