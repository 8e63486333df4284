using System.Net.Sockets;
using Qanat.Linux;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Declarative;

/// <summary>The kernel's, over rtnetlink: dozens of requests in a system call.</summary>
internal sealed class LinuxDeviceNetwork : IDeviceNetwork
{
    // Of so few, each is asked for alone: a host may have many others.
    private const int Few = 16;

    private readonly RouteNetlink _netlink = new();

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, int> Devices() => _netlink.Links.List().ToDictionary(link => link.Name, link => link.Index);

    /// <inheritdoc/>
    public IReadOnlyList<InterfaceAddress> Addresses(IReadOnlyCollection<int> devices)
    {
        if (devices.Count > Few)
        {
            try
            {
                return _netlink.Addresses.List();
            }
            catch (LinuxException changing) when (changing.Error == Errno.EINTR)
            {
                // Somebody adds and removes addresses all the time. The list of one device is read in one go.
            }
        }
        return [.. devices.SelectMany(AddressesOf)];
    }

    /// <inheritdoc/>
    public IReadOnlyList<Route> Routes() =>
    [
        .. _netlink.Routes.List(AddressFamily.InterNetwork, RouteTableId.Unspecified),
        .. _netlink.Routes.List(AddressFamily.InterNetworkV6, RouteTableId.Unspecified),
    ];

    /// <inheritdoc/>
    public void SetLinks(IReadOnlyList<LinkSettings> settings, Refused refused) =>
        Tell(_netlink.Links.SetAll(settings), refusal => (refusal.Settings.Index, refusal.Reason), refused);

    /// <inheritdoc/>
    public void DeleteAddresses(IReadOnlyList<InterfaceAddress> addresses, Refused refused) =>
        Tell(_netlink.Addresses.DeleteAll(addresses), refusal => (refusal.Address.InterfaceIndex, refusal.Reason), refused);

    /// <inheritdoc/>
    public void AddAddresses(IReadOnlyList<InterfaceAddress> addresses, Refused refused) =>
        Tell(_netlink.Addresses.AddAll(addresses), refusal => (refusal.Address.InterfaceIndex, refusal.Reason), refused);

    /// <inheritdoc/>
    public void DeleteRoutes(IReadOnlyList<Route> routes, Refused refused) =>
        Tell(_netlink.Routes.DeleteAll(routes), refusal => (refusal.Route.OutputInterface, refusal.Reason), refused);

    /// <inheritdoc/>
    public void AddRoutes(IReadOnlyList<Route> routes, Refused refused) =>
        Tell(_netlink.Routes.AddAll(routes), refusal => (refusal.Route.OutputInterface, refusal.Reason), refused);

    /// <inheritdoc/>
    public void Dispose() => _netlink.Dispose();

    private IReadOnlyList<InterfaceAddress> AddressesOf(int device)
    {
        try
        {
            return _netlink.Addresses.List(device);
        }
        catch (LinuxException gone) when (gone.Error == Errno.ENODEV)
        {
            return [];
        }
    }

    private static void Tell<T>(IEnumerable<T> refusals, Func<T, (int Device, LinuxException Reason)> read, Refused refused)
    {
        foreach (var refusal in refusals)
        {
            var (device, reason) = read(refusal);
            refused(device, reason);
        }
    }
}
