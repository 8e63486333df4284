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

    /// <summary>
    /// Gives devices many addresses in few system calls: some dozens go to the kernel in one, which answers those only that it
    /// refuses. A refusal does not keep the others from being added.
    /// </summary>
    /// <returns>The addresses that were refused, in order, and why; none when all were added.</returns>
    /// <exception cref="LinuxException">The socket failed; some of the addresses may have been added.</exception>
    public IReadOnlyList<AddressRefusal> AddAll(IEnumerable<InterfaceAddress> addresses) =>
        RequestAll(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, addresses, "add");

    /// <summary>Takes many addresses from devices, as <see cref="AddAll"/> adds them.</summary>
    /// <returns>The addresses that were refused, in order, and why; none when all were deleted.</returns>
    /// <exception cref="LinuxException">The socket failed; some of the addresses may have been deleted.</exception>
    public IReadOnlyList<AddressRefusal> DeleteAll(IEnumerable<InterfaceAddress> addresses) =>
        RequestAll(RTM_DELADDR, 0, addresses, "delete");

    private List<AddressRefusal> RequestAll(ushort type, ushort flags, IEnumerable<InterfaceAddress> addresses, string verb)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        List<AddressRefusal> refusals = [];
        _socket.RequestAll(
            addresses,
            (address, buffer) => Write(address, buffer, type, flags),
            address => Operation(address, verb),
            (address, reason) => refusals.Add(new(address, reason)));
        return refusals;
    }

    private void Request(ushort type, ushort flags, InterfaceAddress address, string verb) =>
        _socket.Request(Write(address, stackalloc byte[MessageLength], type, flags), Operation(address, verb));

    private static NetlinkWriter Write(InterfaceAddress address, Span<byte> buffer, ushort type, ushort flags)
    {
        var request = new NetlinkWriter(buffer, type, flags);
        address.Write(ref request);
        return request;
    }

    private static string Operation(InterfaceAddress address, string verb) => $"{verb} address {address.Address}/{address.PrefixLength}";
}
