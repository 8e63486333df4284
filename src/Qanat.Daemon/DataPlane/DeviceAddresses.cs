using System.Net.Sockets;
using Qanat.Linux;
using Qanat.Linux.Netlink;
using Qanat.Packets;

namespace Qanat.Daemon.DataPlane;

/// <summary>The IPv6 addresses of devices, remembered until they may have changed. Belongs to the worker.</summary>
internal sealed class DeviceAddresses(RouteNetlink netlink)
{
    private readonly Dictionary<int, (IPv6Address Address, int PrefixLength)[]> _known = [];

    /// <summary>Forgets every answer.</summary>
    public void Clear() => _known.Clear();

    /// <summary>
    /// True when an address of <paramref name="device"/> begins with the same bits: so many, or as many as its prefix has for 0.
    /// </summary>
    public bool Share(int device, IPv6Address address, int prefixLength)
    {
        if (!_known.TryGetValue(device, out var addresses))
            _known[device] = addresses = Ask(device);
        foreach (var (own, ownLength) in addresses)
        {
            var length = prefixLength != 0 ? prefixLength : ownLength;
            if (length == 0 || (own.Value ^ address.Value) >> (128 - length) == 0)
                return true;
        }
        return false;
    }

    private (IPv6Address, int)[] Ask(int device)
    {
        try
        {
            return [.. netlink.Addresses.List(device, AddressFamily.InterNetworkV6)
                .Select(own => (IpAddress.From(own.Address).IPv6, (int)own.PrefixLength))];
        }
        catch (LinuxException)
        {
            return []; // the device is going
        }
    }
}
