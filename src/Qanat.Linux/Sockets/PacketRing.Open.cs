using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static Qanat.Linux.Interop.IfPacket;
using static Qanat.Linux.Interop.Socket;

namespace Qanat.Linux.Sockets;

/// <content>Opening a ring.</content>
public sealed unsafe partial class PacketRing
{
    /// <summary>Frames in a ring unless told otherwise: four batches, for drivers that send while we fill.</summary>
    public const int DefaultFrames = 512;

    private const int SendBufferLength = 8 << 20;

    /// <summary>Opens a ring in the network namespace of the calling thread. It serves every interface there.</summary>
    /// <param name="maxPacketLength">The longest IP packet, in bytes: the largest MTU it is to serve.</param>
    /// <param name="frames">Frames at least.</param>
    /// <param name="bypassQdisc">True to pass by the interface's queue (PACKET_QDISC_BYPASS), and tc's programs with it.</param>
    /// <exception cref="LinuxException">It could not be opened; EPERM: CAP_NET_RAW is missing.</exception>
    public static PacketRing Open(int maxPacketLength, int frames = DefaultFrames, bool bypassQdisc = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxPacketLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxPacketLength, ushort.MaxValue - ETH_HLEN);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(frames);

        // Bound to no protocol, it is handed no packets.
        var descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (descriptor < 0)
        {
            var errno = Marshal.GetLastSystemError();
            throw new LinuxException("open a packet socket", errno, errno == Errno.EPERM ? "CAP_NET_RAW is missing" : null);
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            Set(descriptor, "PACKET_VERSION", PACKET_VERSION, TPACKET_V2);
            Set(descriptor, "PACKET_VNET_HDR", PACKET_VNET_HDR, 1);
            // A frame that the kernel refuses is passed over; without this the ring would stop at it.
            Set(descriptor, "PACKET_LOSS", PACKET_LOSS, 1);
            Set(descriptor, "PACKET_QDISC_BYPASS", PACKET_QDISC_BYPASS, bypassQdisc ? 1 : 0);
            SocketBuffers.Set(descriptor, SendBufferLength);
            return new(handle, RingMemory.Map(descriptor, PACKET_TX_RING, PacketOffset + maxPacketLength, frames), maxPacketLength);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static void Set(int descriptor, string operation, int option, int value)
    {
        if (setsockopt(descriptor, SOL_PACKET, option, &value, sizeof(int)) != 0)
            throw new LinuxException(operation, Marshal.GetLastSystemError());
    }
}
