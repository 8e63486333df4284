using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Qanat.Linux.Events;
using Qanat.Packets;
using static Qanat.Linux.Interop.Poll;

namespace Qanat.Linux.Ports;

/// <summary>Waiting for a descriptor on a thread of one's own, in a way that closing ends.</summary>
internal static unsafe class PortWait
{
    /// <summary>Blocks until the descriptor is ready.</summary>
    /// <param name="handle">The descriptor.</param>
    /// <param name="closed">Signalled when the port is closed.</param>
    /// <param name="wanted">What it is to be ready for.</param>
    /// <param name="limit">How long at most, in steps of a millisecond; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <returns>False when the time is up.</returns>
    /// <exception cref="PortClosedException">The port is closed, before or meanwhile.</exception>
    public static bool Until(SafeFileHandle handle, EventDescriptor closed, Readiness wanted, TimeSpan limit)
    {
        using var port = new DescriptorLease(handle);
        using var wake = new DescriptorLease(closed.Handle);
        var waited = stackalloc pollfd[2];
        waited[0] = new() { fd = port.Descriptor, events = (short)wanted }; // poll(2) has epoll's numbers
        waited[1] = new() { fd = wake.Descriptor, events = POLLIN };
        var deadline = limit < TimeSpan.Zero ? long.MaxValue : Environment.TickCount64 + (long)Math.Ceiling(limit.TotalMilliseconds);
        while (true)
        {
            var left = deadline == long.MaxValue ? -1 : (int)Math.Clamp(deadline - Environment.TickCount64, 0, int.MaxValue);
            var ready = poll(waited, 2, left);
            if (waited[1].revents != 0 && ready > 0)
                throw new PortClosedException();
            if (ready > 0)
                return true;
            if (ready == 0 && left < int.MaxValue)
                return false;
            if (ready < 0 && Marshal.GetLastSystemError() is var errno and not Errno.EINTR)
                throw new LinuxException("poll", errno);
        }
    }
}
