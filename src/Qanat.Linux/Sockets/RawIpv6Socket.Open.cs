using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Qanat.Packets;
using static Qanat.Linux.Interop.Filter;
using static Qanat.Linux.Interop.In6;
using static Qanat.Linux.Interop.Socket;
using static Qanat.Linux.Sockets.SocketOptions;

namespace Qanat.Linux.Sockets;

/// <content>Opening a socket.</content>
public sealed unsafe partial class RawIpv6Socket
{
    private const uint ErrorTypes = 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4;

    /// <summary>Opens a socket in the network namespace of the calling thread.</summary>
    /// <exception cref="LinuxException">
    /// It could not be opened; EPERM: CAP_NET_RAW is missing; EAFNOSUPPORT: the kernel has no IPv6.
    /// </exception>
    public static RawIpv6Socket Open(RawIpOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var descriptor = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, options.Protocol);
        if (descriptor < 0)
        {
            var errno = Marshal.GetLastSystemError();
            throw new LinuxException("open a raw IPv6 socket", errno, errno == Errno.EPERM ? "CAP_NET_RAW is missing" : null);
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            if (options.KernelHeader)
                Attach(descriptor, [new() { code = BPF_RET | BPF_K, k = 0 }]);
            else
                Set(descriptor, "IPV6_HDRINCL", IPPROTO_IPV6, IPV6_HDRINCL, 1);
            Set(descriptor, "IPV6_RECVPKTINFO", IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
            Set(descriptor, "IPV6_RECVHOPLIMIT", IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
            Set(descriptor, "IPV6_FLOWINFO", IPPROTO_IPV6, IPV6_FLOWINFO, 1);
            Set(descriptor, "IPV6_MULTICAST_LOOP", IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0);
            if (options.ErrorsAbout.Count > 0)
                PassErrorsAbout(descriptor, options.ErrorsAbout);
            SetMark(descriptor, options.Mark);
            SocketBuffers.Set(descriptor, options.BufferLength);
            return new(handle, options);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static void PassErrorsAbout(int descriptor, IReadOnlyList<byte> protocols)
    {
        var filter = new icmp6_filter();
        ((Span<uint>)filter).Fill(uint.MaxValue);
        filter[0] = ~ErrorTypes;
        if (setsockopt(descriptor, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, (uint)sizeof(icmp6_filter)) != 0)
            throw new LinuxException("ICMP6_FILTER", Marshal.GetLastSystemError());
        Attach(descriptor, ErrorsAbout(protocols));
    }

    // Over ICMPv6's 8 bytes: A = the quoted next header; is it one of ours, or options that one of ours may follow?
    // A load past the end drops the packet.
    private static sock_filter[] ErrorsAbout(IReadOnlyList<byte> protocols)
    {
        const int QuotedNextHeader = Icmpv6Header.Size + IPv6Header.NextHeaderOffset;
        byte[] passed = [.. protocols, (byte)IpProtocol.HopByHopOptions, (byte)IpProtocol.DestinationOptions];
        return
        [
            new() { code = BPF_LD | BPF_B | BPF_ABS, k = QuotedNextHeader },
            .. passed.Select((one, i) => new sock_filter { code = BPF_JMP | BPF_JEQ | BPF_K, k = one, jt = (byte)(passed.Length - i) }),
            new() { code = BPF_RET | BPF_K, k = 0 },
            new() { code = BPF_RET | BPF_K, k = uint.MaxValue },
        ];
    }
}
