using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static Qanat.Linux.Interop.Filter;
using static Qanat.Linux.Interop.In;
using static Qanat.Linux.Interop.Socket;

namespace Qanat.Linux.Sockets;

/// <content>Opening a socket, and what the kernel tells about it.</content>
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
            SocketBuffers.Set(descriptor, options.BufferLength);
            return new(handle, options.ReceiveLink, TakesProtocol(descriptor));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Packets that the kernel dropped because nobody received them in time.</summary>
    public long Overruns
    {
        get
        {
            using var lease = Lease();
            var facts = stackalloc uint[SK_MEMINFO_VARS];
            var length = SK_MEMINFO_VARS * sizeof(uint);
            return getsockopt(lease.Descriptor, SOL_SOCKET, SO_MEMINFO, facts, (uint*)&length) == 0 ? facts[SK_MEMINFO_DROPS] : 0;
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
        var program = ErrorsAbout(protocols);
        fixed (sock_filter* instructions = program)
        {
            var filter = new sock_fprog { len = (ushort)program.Length, filter = instructions };
            if (setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, (uint)sizeof(sock_fprog)) != 0)
                throw new LinuxException("SO_ATTACH_FILTER", Marshal.GetLastSystemError());
        }

        // What came before the filters did.
        while (recv(descriptor, null, 0, MSG_DONTWAIT) >= 0)
        {
        }
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

    private static void Set(int descriptor, string operation, int level, int option, int value)
    {
        if (setsockopt(descriptor, level, option, &value, sizeof(int)) != 0)
            throw new LinuxException(operation, Marshal.GetLastSystemError());
    }
}
