using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Qanat.Linux.Ports;
using static Qanat.Linux.Interop.Epoll;
using static Qanat.Linux.Interop.Unistd;

namespace Qanat.Linux.Events;

/// <summary>An eventfd: a descriptor that one thread makes readable to wake another, which waits in poll or epoll.</summary>
internal sealed unsafe class EventDescriptor : IDisposable
{
    /// <summary>Makes one that is not signalled.</summary>
    public EventDescriptor()
    {
        var descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        Handle = descriptor >= 0 ? new(descriptor, ownsHandle: true) : throw new LinuxException("eventfd", Marshal.GetLastSystemError());
    }

    /// <summary>The descriptor.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Makes it readable.</summary>
    public void Signal()
    {
        using var lease = new DescriptorLease(Handle);
        ulong one = 1;
        _ = write(lease.Descriptor, &one, sizeof(ulong));
    }

    /// <summary>Makes it unreadable again.</summary>
    public void Reset()
    {
        using var lease = new DescriptorLease(Handle);
        ulong count;
        _ = read(lease.Descriptor, &count, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();
}
