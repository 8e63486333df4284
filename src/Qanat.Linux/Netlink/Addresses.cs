using System.Net.Sockets;
using static Qanat.Linux.Interop.Netlink;
using static Qanat.Linux.Interop.Rtnetlink;

namespace Qanat.Linux.Netlink;

/// <summary>Addresses of network devices: <c>ip address</c>. Got from <see cref="RouteNetlink.Addresses"/>.</summary>
public sealed class Addresses
{
    private const int MessageLength = 512;
    private readonly NetlinkSocket _socket;

    internal Addresses(NetlinkSocket socket) => _socket = socket;

    /// <summary>The addresses of a device, or of all.</summary>
    /// <param name="interfaceIndex">Index of the device; 0 for all.</param>
    /// <param name="family">IPv4, IPv6 or both.</param>
    public IReadOnlyList<InterfaceAddress> List(int interfaceIndex = 0, AddressFamily family = AddressFamily.Unspecified)
    {
        var request = new NetlinkWriter(stackalloc byte[MessageLength], RTM_GETADDR);
        request.Append(new ifaddrmsg { ifa_family = KernelFamily.Of(family), ifa_index = interfaceIndex });
        var addresses = _socket.Dump<InterfaceAddress>(request, "list addresses");

        // Kernels before 4.20 list those of all devices.
        addresses.RemoveAll(address => interfaceIndex != 0 && address.InterfaceIndex != interfaceIndex);
        return addresses;
    }

    /// <summary>Gives a device an address.</summary>
    /// <exception cref="LinuxException">EEXIST: it has that one already; EACCES: IPv6 is disabled on the device; and others.</exception>
    public void Add(InterfaceAddress address) => Request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, address, "add");

    /// <summary>Gives a device an address, or an address that it has other lifetimes and flags.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Replace(InterfaceAddress address) => Request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, address, "replace");

    /// <summary>Takes an address from a device.</summary>
    /// <exception cref="LinuxException">EADDRNOTAVAIL: it has no such address.</exception>
    public void Delete(InterfaceAddress address) => Request(RTM_DELADDR, 0, address, "delete");

    private void Request(ushort type, ushort flags, InterfaceAddress address, string verb)
    {
        var request = new NetlinkWriter(stackalloc byte[MessageLength], type, flags);
        address.Write(ref request);
        _socket.Request(request, $"{verb} address {address.Address}/{address.PrefixLength}");
    }
}
