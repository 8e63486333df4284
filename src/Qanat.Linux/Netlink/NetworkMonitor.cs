using System.Numerics;
using Microsoft.Win32.SafeHandles;
using Qanat.Linux.Namespaces;
using static Qanat.Linux.Interop.Netlink;
using static Qanat.Linux.Interop.Rtnetlink;

namespace Qanat.Linux.Netlink;

/// <summary>What a <see cref="NetworkMonitor"/> listens to; each is a group of linux/rtnetlink.h.</summary>
[Flags]
public enum MonitorGroups
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Devices.</summary>
    Links = 1 << RTNLGRP_LINK,

    /// <summary>Neighbours of both families.</summary>
    Neighbours = 1 << RTNLGRP_NEIGH,

    /// <summary>IPv4 addresses.</summary>
    IPv4Addresses = 1 << RTNLGRP_IPV4_IFADDR,

    /// <summary>IPv4 routes.</summary>
    IPv4Routes = 1 << RTNLGRP_IPV4_ROUTE,

    /// <summary>IPv4 rules.</summary>
    IPv4Rules = 1 << RTNLGRP_IPV4_RULE,

    /// <summary>IPv6 addresses.</summary>
    IPv6Addresses = 1 << RTNLGRP_IPV6_IFADDR,

    /// <summary>IPv6 routes.</summary>
    IPv6Routes = 1 << RTNLGRP_IPV6_ROUTE,

    /// <summary>IPv6 rules.</summary>
    IPv6Rules = 1 << RTNLGRP_IPV6_RULE,

    /// <summary>Everything that decides where an IPv4 packet goes.</summary>
    IPv4 = Links | Neighbours | IPv4Addresses | IPv4Routes | IPv4Rules,

    /// <summary>Everything that decides where an IPv6 packet goes.</summary>
    IPv6 = Links | Neighbours | IPv6Addresses | IPv6Routes | IPv6Rules,

    /// <summary>Everything.</summary>
    All = IPv4 | IPv6,
}

/// <summary>
/// Hears what changes in a network namespace: <c>ip monitor</c>. It never blocks: wait on <see cref="Handle"/>, then call
/// <see cref="Receive"/>; or read the stream <see cref="ReadAllAsync"/>. It belongs to one reader at a time.
/// </summary>
/// <remarks>
/// To keep a copy of a table: open the monitor, read the table, then apply events; an event about what the copy already has
/// changes nothing. After <see cref="EventsLost"/>, read the table again.
/// </remarks>
public sealed partial class NetworkMonitor : IDisposable
{
    // At most so many datagrams a call, so that a storm of events does not keep a worker from its packets.
    private const int DatagramsPerCall = 64;

    private readonly NetlinkSocket _socket;

    /// <summary>Listens in the namespace that the calling thread is in.</summary>
    /// <param name="groups">What to listen to.</param>
    /// <param name="receiveBuffer">Bytes of events that may wait before the kernel drops some; each takes about 2 KiB.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public NetworkMonitor(MonitorGroups groups = MonitorGroups.All, int receiveBuffer = 1 << 20)
    {
        Span<int> numbers = stackalloc int[32];
        var count = 0;
        for (var rest = (uint)groups; rest != 0; rest &= rest - 1)
            numbers[count++] = BitOperations.TrailingZeroCount(rest);
        _socket = NetlinkSocket.Listen(NETLINK_ROUTE, numbers[..count], receiveBuffer);
    }

    /// <summary>Listens in another namespace; usable from any thread.</summary>
    /// <exception cref="LinuxException">The namespace cannot be entered.</exception>
    public static NetworkMonitor In(NetworkNamespace networkNamespace, MonitorGroups groups = MonitorGroups.All) =>
        networkNamespace.Run(() => new NetworkMonitor(groups));

    /// <summary>The descriptor, readable when events wait.</summary>
    public SafeFileHandle Handle => _socket.Handle;

    /// <summary>
    /// Takes the events that wait, at most a few dozen, in the order in which they happened. With edge-triggered epoll, call
    /// it until it returns false.
    /// </summary>
    /// <param name="events">Where they are added.</param>
    /// <returns>True when more may wait.</returns>
    /// <exception cref="LinuxException">The socket failed.</exception>
    public bool Receive(ICollection<NetworkEvent> events)
    {
        for (var i = 0; i < DatagramsPerCall; i++)
        {
            switch (_socket.Receive(out var messages))
            {
                case 0:
                    foreach (var message in messages)
                        if (NetworkEvent.TryParse(message, out var happened))
                            events.Add(happened);
                    break;
                case Errno.EAGAIN:
                    return false;
                case Errno.ENOBUFS or Errno.EMSGSIZE:
                    // What still waits is older than what was lost. The kernel sends nothing new until it has been taken.
                    Discard();
                    events.Add(EventsLost.Instance);
                    return true;
                case var error:
                    throw new LinuxException("receive network events", error);
            }
        }

        return true;
    }

    private void Discard()
    {
        // Bounded by what fits into the receive buffer, unless events arrive faster than they are taken.
        for (var i = 0; i < 100_000 && _socket.Receive(out _) != Errno.EAGAIN; i++)
        {
        }
    }
}
