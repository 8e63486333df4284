using System.Net;
using System.Net.Sockets;
using static Qanat.Linux.Interop.Netlink;
using static Qanat.Linux.Interop.Rtnetlink;

namespace Qanat.Linux.Netlink;

/// <summary>Link-layer addresses of neighbours: <c>ip neighbour</c>. Got from <see cref="RouteNetlink.Neighbours"/>.</summary>
public sealed class Neighbours
{
    private const int MessageLength = 256;
    private readonly NetlinkSocket _socket;

    internal Neighbours(NetlinkSocket socket) => _socket = socket;

    /// <summary>The entries of a device, or of all, in every state.</summary>
    /// <param name="interfaceIndex">Index of the device; 0 for all.</param>
    /// <param name="family">IPv4, IPv6 or both.</param>
    public IReadOnlyList<Neighbour> List(int interfaceIndex = 0, AddressFamily family = AddressFamily.Unspecified)
    {
        var request = new NetlinkWriter(stackalloc byte[MessageLength], RTM_GETNEIGH);
        request.Append(new ndmsg { ndm_family = KernelFamily.Of(family) });
        if (interfaceIndex != 0)
            request.Add(NDA_IFINDEX, interfaceIndex);
        return _socket.Dump<Neighbour>(request, "list neighbours");
    }

    /// <summary>The entry of one neighbour; null when the device knows nothing about it. It asks nobody on the link.</summary>
    /// <exception cref="LinuxException">ENODEV: no such device.</exception>
    public Neighbour? Find(int interfaceIndex, IPAddress address)
    {
        var request = new NetlinkWriter(stackalloc byte[MessageLength], RTM_GETNEIGH);
        request.Append(new ndmsg { ndm_family = KernelFamily.Of(address), ndm_ifindex = interfaceIndex });
        request.Add(NDA_DST, address);
        return _socket.TryGet<Neighbour>(request, out var neighbour, out var ack) ? neighbour
            : ack.Error == Errno.ENOENT ? null
            : throw ack.ToException($"get neighbour {address}");
    }

    /// <summary>Adds an entry.</summary>
    /// <exception cref="LinuxException">EEXIST: there is one for that address; and others.</exception>
    public void Add(Neighbour neighbour) => Request(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_EXCL, neighbour, "add");

    /// <summary>Adds an entry, or changes the one for that address.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Replace(Neighbour neighbour) => Request(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, neighbour, "replace");

    /// <summary>Deletes the entry for a neighbour's address.</summary>
    /// <exception cref="LinuxException">ENOENT: there is none.</exception>
    public void Delete(Neighbour neighbour) => Request(RTM_DELNEIGH, 0, neighbour, "delete");

    private void Request(ushort type, ushort flags, Neighbour neighbour, string verb)
    {
        var request = new NetlinkWriter(stackalloc byte[MessageLength], type, flags);
        neighbour.Write(ref request);
        _socket.Request(request, $"{verb} neighbour {neighbour.Address}");
    }
}
