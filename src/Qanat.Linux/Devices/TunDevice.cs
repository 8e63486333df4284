using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Qanat.Linux.Ports;
using Qanat.Packets;
using static Qanat.Linux.Interop.Unistd;

namespace Qanat.Linux.Devices;

/// <summary>
/// A TUN or TAP device: packets that the host sends into it are received here, and what is sent here the host receives.
/// Each packet is one read(2) or one write(2), what the kernel wants in front of it in the packet's headroom.
/// </summary>
/// <remarks>
/// While the device is down nothing can be received and what is sent is refused; that is no error. Once it is deleted every
/// call throws <see cref="PortClosedException"/>. Source: drivers/net/tun.c.
/// </remarks>
public sealed unsafe partial class TunDevice : KernelPort
{
    /// <summary>Bytes that one <see cref="Receive"/> stops after unless told otherwise: eight super-packets, which a cache holds.</summary>
    public const int DefaultReceiveLimit = 8 * PacketBatch.MaxPacketLength;

    // A frame's link header and VLAN tags come on top of the largest IP packet.
    private const int MaxFrameLength = PacketBatch.MaxPacketLength + 22;

    private readonly TunOptions _options;
    private readonly TunFraming _framing;
    private readonly byte[] _scratch = [];

    private TunDevice(SafeFileHandle handle, TunOptions options, TunFraming framing)
        : base(handle)
    {
        _options = options;
        _framing = framing;
        if (framing.Length != 0)
            _scratch = GC.AllocateUninitializedArray<byte>(TunFraming.MaxLength + MaxFrameLength, pinned: true);
    }

    /// <summary>IP packets or Ethernet frames.</summary>
    public TunMode Mode => _options.Mode;

    /// <summary>The interface's index in the namespace that it was opened in. It has others where it is moved to.</summary>
    public int Index { get; private set; }

    /// <summary>The offloads in force for packets received here.</summary>
    public GrantedOffloads Offloads { get; private set; }

    /// <summary>Bytes after which a <see cref="Receive"/> ends though more waits, so that a batch stays in the cache.</summary>
    public int ReceiveLimit { get; set; } = DefaultReceiveLimit;

    private int LongestPacket => Mode == TunMode.Tap ? MaxFrameLength : PacketBatch.MaxPacketLength;

    /// <inheritdoc/>
    public override int Receive(PacketBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using var lease = Lease();
        var room = LongestPacket;
        var received = 0;
        for (var bytes = 0; bytes < ReceiveLimit && batch.TryAdd(room, PacketBatch.DefaultHeadroom, out var index);)
        {
            var start = batch.Address(index) - _framing.Length;
            var count = (int)read(lease.Descriptor, start, _framing.Length + room);
            var errno = count < 0 ? Marshal.GetLastSystemError() : 0;
            if (count > _framing.Length && _framing.TryDecode(start, ref batch[index]))
            {
                batch.ResizeLast(count - _framing.Length);
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
            var errno = Send(lease.Descriptor, batch, i);
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
    private int Send(int descriptor, PacketBatch batch, int index)
    {
        ref var packet = ref batch[index];
        var bytes = batch.Bytes(index);
        var start = batch.Address(index) - _framing.Length;
        if (packet.Start - packet.Floor < _framing.Length)
        {
            if (!bytes.TryCopyTo(_scratch.AsSpan(_framing.Length)))
                return Errno.EMSGSIZE;
            start = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_scratch, 0);
        }

        return _framing.TryEncode(start, packet, bytes) ? Write(descriptor, start, _framing.Length + packet.Length) : Errno.EINVAL;
    }

    // Returns 0, or the error number.
    private static int Write(int descriptor, byte* start, int length)
    {
        while (write(descriptor, start, length) < 0)
        {
            if (Marshal.GetLastSystemError() is var errno and not Errno.EINTR)
                return errno;
        }

        return 0;
    }

    private static void ThrowIfGone(int errno)
    {
        if (errno is Errno.EBADFD or Errno.ENODEV or Errno.EBADF)
            throw new PortClosedException("The device is gone.", new LinuxException("use the device", errno, "it was deleted"));
    }
}
