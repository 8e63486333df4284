using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static Qanat.Linux.Interop.Filter;
using static Qanat.Linux.Interop.In;
using static Qanat.Linux.Interop.In6;
using static Qanat.Linux.Interop.Socket;
using static Qanat.Linux.Interop.Udp;
using static Qanat.Linux.Sockets.SocketOptions;

namespace Qanat.Linux.Sockets;

/// <content>Opening a socket.</content>
public sealed unsafe partial class UdpSocket
{
    /// <summary>Opens a socket in the network namespace of the calling thread.</summary>
    /// <exception cref="LinuxException">
    /// It could not be opened; EADDRINUSE: another program has the port; EADDRNOTAVAIL: the address is not the host's;
    /// EACCES: the port is below net.ipv4.ip_unprivileged_port_start and CAP_NET_BIND_SERVICE is missing; EAFNOSUPPORT: the
    /// kernel has no IPv6.
    /// </exception>
    public static UdpSocket Open(UdpOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var isIPv6 = options.Address.IsIPv6;
        var descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
        if (descriptor < 0)
            throw new LinuxException("open a UDP socket", Marshal.GetLastSystemError());

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            if (options.SendOnly)
                Attach(descriptor, [new() { code = BPF_RET | BPF_K, k = 0 }]);
            if (isIPv6)
                SetIPv6(descriptor, options);
            if (!isIPv6 || !options.IPv6Only)
                SetIPv4(descriptor, isIPv6);
            options = options with
            {
                Coalesce = options.Coalesce && TrySet(descriptor, SOL_UDP, UDP_GRO, 1),
                Segment = options.Segment && TrySet(descriptor, SOL_UDP, UDP_SEGMENT, 0), // 0: each message says so itself
            };
            SetMark(descriptor, options.Mark);
            SocketBuffers.Set(descriptor, options.BufferLength);
            if (options.Link != 0)
                Set(descriptor, $"bind to link #{options.Link}", SOL_SOCKET, SO_BINDTOIFINDEX, options.Link);
            return new(handle, Bind(descriptor, options), options);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    // An IPv6 socket that serves IPv4 too tells addresses and links of both by its own means.
    private static void SetIPv4(int descriptor, bool isIPv6)
    {
        if (!isIPv6)
            Set(descriptor, "IP_PKTINFO", IPPROTO_IP, IP_PKTINFO, 1);
        Set(descriptor, "IP_RECVTOS", IPPROTO_IP, IP_RECVTOS, 1);
        Set(descriptor, "IP_RECVTTL", IPPROTO_IP, IP_RECVTTL, 1);
        Set(descriptor, "IP_MTU_DISCOVER", IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
        Set(descriptor, "IP_MULTICAST_LOOP", IPPROTO_IP, IP_MULTICAST_LOOP, 0);
    }

    private static void SetIPv6(int descriptor, UdpOptions options)
    {
        Set(descriptor, "IPV6_V6ONLY", IPPROTO_IPV6, IPV6_V6ONLY, options.IPv6Only ? 1 : 0);
        Set(descriptor, "IPV6_RECVPKTINFO", IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
        Set(descriptor, "IPV6_RECVHOPLIMIT", IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
        Set(descriptor, "IPV6_FLOWINFO", IPPROTO_IPV6, IPV6_FLOWINFO, 1);
        Set(descriptor, "IPV6_MTU_DISCOVER", IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT);
        Set(descriptor, "IPV6_MULTICAST_LOOP", IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0);
        Set(descriptor, "IPV6_AUTOFLOWLABEL", IPPROTO_IPV6, IPV6_AUTOFLOWLABEL, 0); // A label of 0 stays 0.
        Set(descriptor, "UDP_NO_CHECK6_RX", IPPROTO_UDP, UDP_NO_CHECK6_RX, options.AcceptZeroChecksum ? 1 : 0);
    }

    // Returns the port.
    private static ushort Bind(int descriptor, UdpOptions options)
    {
        sockaddr_in6 name;
        var length = (uint)SocketAddress.Write(&name, options.Address, options.Port);
        if (options.Address is { IsIPv6: true, IPv6.IsLinkLocal: true })
            name.sin6_scope_id = (uint)options.Link;
        if (bind(descriptor, &name, length) != 0)
        {
            var errno = Marshal.GetLastSystemError();
            throw new LinuxException($"bind UDP port {options.Port} of {options.Address}", errno,
                errno == Errno.EADDRINUSE ? "another program has it" : null);
        }

        length = (uint)sizeof(sockaddr_in6);
        if (getsockname(descriptor, &name, &length) != 0)
            throw new LinuxException("learn the port", Marshal.GetLastSystemError());
        SocketAddress.Read(&name, out var port);
        return port;
    }
}
