using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Qanat.Linux.Ports;
using Qanat.Packets;
using static Qanat.Linux.Interop.Unistd;
using static Qanat.Linux.Interop.VirtioNet;

namespace Qanat.Linux.Devices;

/// <summary>
/// A TUN or TAP device: packets that the host sends into it are received here, and what is sent here the host receives.
/// Each packet is one read(2) or one write(2), the virtio-net header in the packet's headroom.
/// </summary>
/// <remarks>
/// While the device is down nothing can be received and what is sent is refused; that is no error. Once it is deleted every
/// call throws <see cref="PortClosedException"/>. Source: drivers/net/tun.c.
/// </remarks>
public sealed unsafe partial class TunDevice : KernelPort
{
    /// <summary>Bytes that one <see cref="Receive"/> stops after unless told otherwise: eight super-packets, which a cache holds.</summary>
    public const int DefaultReceiveLimit = 8 * PacketBatch.MaxPacketLength;

    // A frame's link header and VLAN tag come on top of the largest IP packet.
    private const int MaxFrameLength = PacketBatch.MaxPacketLength + 18;

    private readonly int _headerLength;
    private readonly byte[] _scratch = [];

    private TunDevice(SafeFileHandle handle, TunOptions options)
        : base(handle)
    {
        Mode = options.Mode;
        _headerLength = options.VnetHeader ? VirtioNetHeader.Length : 0;
        if (options.VnetHeader)
            _scratch = GC.AllocateUninitializedArray<byte>(VirtioNetHeader.Length + MaxFrameLength, pinned: true);
    }

    /// <summary>IP packets or Ethernet frames.</summary>
    public TunMode Mode { get; }

    /// <summary>The interface's index in the namespace that it was opened in.</summary>
    public int Index { get; private init; }

    /// <summary>The offloads in force for packets received here.</summary>
    public GrantedOffloads Offloads { get; private set; }

    /// <summary>Bytes after which a <see cref="Receive"/> ends though more waits, so that a batch stays in the cache.</summary>
    public int ReceiveLimit { get; set; } = DefaultReceiveLimit;

    /// <inheritdoc/>
    public override int Receive(PacketBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using var lease = Lease();
        var room = Mode == TunMode.Tap ? MaxFrameLength : PacketBatch.MaxPacketLength;
        var received = 0;
        for (var bytes = 0; bytes < ReceiveLimit && batch.TryAdd(room, PacketBatch.DefaultHeadroom, out var index);)
        {
            var start = batch.Address(index) - _headerLength;
            var count = (int)read(lease.Descriptor, start, _headerLength + room);
            var errno = count < 0 ? Marshal.GetLastSystemError() : 0;
            if (count > _headerLength && (_headerLength == 0 || VirtioNetHeader.TryDecode(*(virtio_net_hdr*)start, ref batch[index])))
            {
                batch.ResizeLast(count - _headerLength);
                bytes += count;
                received++;
                continue;
            }

            batch.RemoveLast();
            ThrowIfGone(errno);
            if (count > 0)
                Errors.CountMalformed();
            else if (errno != Errno.EINTR)
                break; // EAGAIN: no more waits.
        }

        return received;
    }

    /// <inheritdoc/>
    /// <remarks>Packets may be super-packets, and their checksums partial, when the device was opened with a virtio-net header.</remarks>
    public override int Send(PacketBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using var lease = Lease();
        var sent = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            var errno = Write(lease.Descriptor, batch, i);
            if (errno == 0)
            {
                sent++;
                continue;
            }

            ThrowIfGone(errno);
            // While the queue is full or the device is down, the rest would fare no better.
            var lost = errno is Errno.EAGAIN or Errno.EIO ? batch.Count - i : 1;
            Errors.CountRefused(errno, lost);
            i += lost - 1;
        }

        return sent;
    }

    // Returns 0, or the error number.
    private int Write(int descriptor, PacketBatch batch, int index)
    {
        ref var packet = ref batch[index];
        var start = batch.Address(index);
        if (_headerLength == 0 && (packet.Gso != GsoType.None || packet.Checksum == ChecksumState.Partial))
            return Errno.EINVAL;
        if (_headerLength != 0)
        {
            var bytes = batch.Bytes(index);
            if (packet.Start - packet.Floor >= _headerLength)
            {
                start -= _headerLength;
            }
            else if (!bytes.TryCopyTo(_scratch.AsSpan(_headerLength)))
            {
                return Errno.EMSGSIZE;
            }
            else
            {
                start = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_scratch, 0);
            }

            *(virtio_net_hdr*)start = VirtioNetHeader.Encode(packet, bytes);
        }

        while (write(descriptor, start, _headerLength + packet.Length) < 0)
        {
            if (Marshal.GetLastSystemError() is var errno and not Errno.EINTR)
                return errno;
        }

        return 0;
    }

    private static void ThrowIfGone(int errno)
    {
        if (errno is Errno.EBADFD or Errno.ENODEV or Errno.EBADF)
            throw new PortClosedException("The device is gone.", new LinuxException("use a TUN or TAP device", errno));
    }
}
