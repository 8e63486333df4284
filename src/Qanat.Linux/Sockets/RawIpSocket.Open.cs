using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static Qanat.Linux.Interop.Filter;
using static Qanat.Linux.Interop.In;
using static Qanat.Linux.Interop.Socket;
using static Qanat.Linux.Sockets.SocketOptions;

namespace Qanat.Linux.Sockets;

/// <content>Opening a socket.</content>
public sealed unsafe partial class RawIpSocket
{
    // ICMP_FILTER has a bit for each type that is kept out: all but 3, 11 and 12 (linux/icmp.h).
    private const uint AllButErrors = ~(1u << 3 | 1u << 11 | 1u << 12);

    /// <summary>Opens a socket in the network namespace of the calling thread.</summary>
    /// <exception cref="LinuxException">It could not be opened; EPERM: CAP_NET_RAW is missing.</exception>
    public static RawIpSocket Open(RawIpOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var descriptor = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, options.Protocol);
        if (descriptor < 0)
        {
            var errno = Marshal.GetLastSystemError();
            throw new LinuxException("open a raw IP socket", errno, errno == Errno.EPERM ? "CAP_NET_RAW is missing" : null);
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            Set(descriptor, "IP_HDRINCL", IPPROTO_IP, IP_HDRINCL, 1);
            Set(descriptor, "IP_PKTINFO", IPPROTO_IP, IP_PKTINFO, options.ReceiveLink ? 1 : 0);
            if (options.ErrorsAbout.Count > 0)
                PassErrorsAbout(descriptor, options.ErrorsAbout);
            Set(descriptor, "IP_MULTICAST_LOOP", IPPROTO_IP, IP_MULTICAST_LOOP, 0);
            SetMark(descriptor, options.Mark);
            SocketBuffers.Set(descriptor, options.BufferLength);
            return new(handle, options.ReceiveLink, TakesProtocol(descriptor));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    // For IPsec policies, a packet that has its header with it is of protocol 255, whatever the header says, unless a control
    // message says so too. Kernels from 6.4 on know it, and older ones with the patch: ip_cmsg_send in net/ipv4/ip_sockglue.c.
    private static bool TakesProtocol(int descriptor)
    {
        int protocol, length = sizeof(int);
        return getsockopt(descriptor, IPPROTO_IP, IP_PROTOCOL, &protocol, (uint*)&length) == 0;
    }

    private static void PassErrorsAbout(int descriptor, IReadOnlyList<byte> protocols)
    {
        Set(descriptor, "ICMP_FILTER", SOL_RAW, ICMP_FILTER, unchecked((int)AllButErrors));
        Attach(descriptor, ErrorsAbout(protocols));
    }

    // Over an IPv4 header, ICMP's 8 bytes and the quoted header: X = header length; A = the quoted protocol; is it one of ours?
    // A load past the end drops the packet.
    private static sock_filter[] ErrorsAbout(IReadOnlyList<byte> protocols)
    {
        const int QuotedProtocol = 8 + 9;
        var count = protocols.Count;
        return
        [
            new() { code = BPF_LDX | BPF_B | BPF_MSH, k = 0 },
            new() { code = BPF_LD | BPF_B | BPF_IND, k = QuotedProtocol },
            .. protocols.Select((one, i) => new sock_filter { code = BPF_JMP | BPF_JEQ | BPF_K, k = one, jt = (byte)(count - i) }),
            new() { code = BPF_RET | BPF_K, k = 0 },
            new() { code = BPF_RET | BPF_K, k = uint.MaxValue },
        ];
    }
}
