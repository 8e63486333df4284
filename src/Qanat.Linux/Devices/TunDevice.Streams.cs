using System.Runtime.InteropServices;
using Qanat.Linux.Events;
using Qanat.Packets;
using static Qanat.Linux.Interop.IfTun;
using static Qanat.Linux.Interop.Socket;
using static Qanat.Linux.Interop.Unistd;

namespace Qanat.Linux.Devices;

/// <content>
/// One packet a call, for programs that need no batches. They suit a device without a virtio-net header, whose packets are
/// whole; packet information is left out here. One thread may read while another writes.
/// </content>
public sealed partial class TunDevice
{
    /// <summary>Waits for a packet and receives it. Disposing the port, from any thread, ends the wait.</summary>
    /// <param name="buffer">Where it goes: as long as the device's MTU, and 18 bytes more for a TAP.</param>
    /// <returns>Its bytes: an IP packet's (TUN) or an Ethernet frame's (TAP).</returns>
    /// <exception cref="PortClosedException">The port is disposed, or the device deleted.</exception>
    /// <exception cref="LinuxException">EMSGSIZE: the packet was longer than the buffer, and is lost.</exception>
    /// <exception cref="InvalidOperationException">The device passes super-packets, which no caller of this expects.</exception>
    public int Read(Span<byte> buffer)
    {
        int count;
        while (!TryRead(buffer, out count))
            Wait(Timeout.InfiniteTimeSpan);
        return count;
    }

    /// <summary>As <see cref="Read"/>, without blocking a thread meanwhile.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; no packet is lost.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int count;
        while (!TryRead(buffer.Span, out count))
            await WaitAsync(Readiness.Readable, cancellationToken).ConfigureAwait(false);
        return count;
    }

    /// <summary>Sends a packet to the host.</summary>
    /// <param name="packet">An IP packet (TUN) or an Ethernet frame (TAP).</param>
    /// <exception cref="PortClosedException">The port is disposed, or the device deleted.</exception>
    /// <exception cref="LinuxException">EIO: the device is down; EINVAL: it is no packet.</exception>
    /// <exception cref="InvalidOperationException">The device passes super-packets, as in <see cref="Read"/>.</exception>
    public void Write(ReadOnlySpan<byte> packet)
    {
        while (!TryWrite(packet))
            Wait(Timeout.InfiniteTimeSpan, Readiness.Writable);
    }

    /// <summary>
    /// As <see cref="Write(ReadOnlySpan{byte})"/>; where the device has a send buffer and it is full, no thread is blocked.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled; the packet is not sent.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> packet, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (!TryWrite(packet.Span))
            await WaitAsync(Readiness.Writable, cancellationToken).ConfigureAwait(false);
    }

    // False when no packet waits.
    private bool TryRead(Span<byte> buffer, out int count)
    {
        ThrowIfOffloading();
        using var lease = Lease();
        count = ReadPacket(lease.Descriptor, buffer);
        if (count > buffer.Length)
            throw new LinuxException("read a packet", Errno.EMSGSIZE,
                $"it is longer than the buffer of {buffer.Length} bytes", "take the device's MTU, and 18 bytes more for a TAP");
        if (count >= 0)
            return true;
        ThrowIfGone(-count);
        return -count is Errno.EAGAIN or Errno.EINTR ? false : throw new LinuxException("read a packet", -count);
    }

    // Returns the packet's bytes, more than the buffer has when it was too long, or the error number, negative. The kernel cuts
    // a packet to what there is room for and does not say so: where that can be, a byte beyond tells.
    private unsafe int ReadPacket(int descriptor, Span<byte> buffer)
    {
        byte beyond;
        tun_pi information;
        fixed (byte* start = buffer)
        {
            if (_framing.Length == 0 && buffer.Length >= LongestPacket)
                return (int)read(descriptor, start, buffer.Length) is var whole and >= 0 ? whole : -Marshal.GetLastSystemError();
            var pieces = stackalloc iovec[3];
            pieces[0] = new() { iov_base = &information, iov_len = _framing.Length };
            pieces[1] = new() { iov_base = start, iov_len = buffer.Length };
            pieces[2] = new() { iov_base = &beyond, iov_len = 1 };
            var count = (int)readv(descriptor, pieces, 3);
            return count >= 0 ? count - _framing.Length : -Marshal.GetLastSystemError();
        }
    }

    // False when the device's buffer is full.
    private bool TryWrite(ReadOnlySpan<byte> packet)
    {
        ThrowIfOffloading();
        using var lease = Lease();
        var errno = WritePacket(lease.Descriptor, packet);
        ThrowIfGone(errno);
        return errno switch
        {
            0 => true,
            Errno.EAGAIN => false,
            Errno.EIO => throw new LinuxException("write a packet", errno, "the device is down", $"ip link set {Name} up"),
            Errno.EINVAL => throw new LinuxException("write a packet", errno,
                Mode == TunMode.Tun ? "it does not begin as an IP packet" : "it is shorter than an Ethernet header"),
            _ => throw new LinuxException("write a packet", errno),
        };
    }

    // Returns 0, or the error number.
    private unsafe int WritePacket(int descriptor, ReadOnlySpan<byte> packet)
    {
        fixed (byte* start = packet)
        {
            if (_framing.Length == 0)
                return Write(descriptor, start, packet.Length);
            tun_pi information;
            _framing.TryEncode((byte*)&information, default, packet);
            var pieces = stackalloc iovec[2];
            pieces[0] = new() { iov_base = &information, iov_len = _framing.Length };
            pieces[1] = new() { iov_base = start, iov_len = packet.Length };
            while (writev(descriptor, pieces, 2) < 0)
            {
                if (Marshal.GetLastSystemError() is var errno and not Errno.EINTR)
                    return errno;
            }

            return 0;
        }
    }

    private void ThrowIfOffloading()
    {
        if (_framing.HasOffloads)
            throw new InvalidOperationException(
                "The device was opened with a virtio-net header, so its packets come in batches with offload facts: use Receive and Send.");
    }
}
