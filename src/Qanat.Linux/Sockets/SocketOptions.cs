using System.Runtime.InteropServices;
using Qanat.Packets;
using static Qanat.Linux.Interop.Filter;
using static Qanat.Linux.Interop.In;
using static Qanat.Linux.Interop.In6;
using static Qanat.Linux.Interop.Socket;

namespace Qanat.Linux.Sockets;

/// <summary>The settings that sockets of several kinds have.</summary>
internal static unsafe class SocketOptions
{
    /// <summary>Sets an option that is a number, and may be done without. False when the kernel refused.</summary>
    public static bool TrySet(int descriptor, int level, int option, int value) =>
        setsockopt(descriptor, level, option, &value, sizeof(int)) == 0;

    /// <summary>Sets an option that is a number.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Set(int descriptor, string operation, int level, int option, int value)
    {
        if (!TrySet(descriptor, level, option, value))
            throw new LinuxException(operation, Marshal.GetLastSystemError());
    }

    /// <summary>Has the routes of what leaves looked up with a mark; 0 for none.</summary>
    /// <exception cref="LinuxException">EPERM: CAP_NET_ADMIN is missing.</exception>
    public static void SetMark(int descriptor, uint mark)
    {
        if (mark != 0)
            Set(descriptor, "SO_MARK", SOL_SOCKET, SO_MARK, (int)mark);
    }

    /// <summary>Has a program decide on what is received.</summary>
    /// <exception cref="LinuxException">The kernel refused it.</exception>
    public static void Attach(int descriptor, ReadOnlySpan<sock_filter> program)
    {
        fixed (sock_filter* instructions = program)
        {
            var filter = new sock_fprog { len = (ushort)program.Length, filter = instructions };
            if (setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, (uint)sizeof(sock_fprog)) != 0)
                throw new LinuxException("SO_ATTACH_FILTER", Marshal.GetLastSystemError());
        }

        // What came before the program did.
        while (recv(descriptor, null, 0, MSG_DONTWAIT) >= 0)
        {
        }
    }

    /// <summary>Packets that the kernel dropped because nobody received them in time, or a program did not want them.</summary>
    public static long Drops(int descriptor)
    {
        var facts = stackalloc uint[SK_MEMINFO_VARS];
        var length = SK_MEMINFO_VARS * sizeof(uint);
        return getsockopt(descriptor, SOL_SOCKET, SO_MEMINFO, facts, (uint*)&length) == 0 ? facts[SK_MEMINFO_DROPS] : 0;
    }

    /// <summary>Enters a multicast group on a link, or leaves it.</summary>
    /// <returns>0, or the error number.</returns>
    public static int SetMembership(int descriptor, IpAddress group, int link, bool member)
    {
        int result;
        if (group.IsIPv6)
        {
            var request = new ipv6_mreq { ipv6mr_ifindex = link };
            group.IPv6.Write(new(request.ipv6mr_multiaddr.s6_addr, IPv6Address.Size));
            var option = member ? IPV6_ADD_MEMBERSHIP : IPV6_DROP_MEMBERSHIP;
            result = setsockopt(descriptor, IPPROTO_IPV6, option, &request, (uint)sizeof(ipv6_mreq));
        }
        else
        {
            var request = new ip_mreqn { imr_ifindex = link };
            group.IPv4.Write(new(&request.imr_multiaddr, sizeof(uint)));
            var option = member ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP;
            result = setsockopt(descriptor, IPPROTO_IP, option, &request, (uint)sizeof(ip_mreqn));
        }

        return result == 0 ? 0 : Marshal.GetLastSystemError();
    }
}
