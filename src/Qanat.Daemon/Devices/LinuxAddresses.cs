using System.Net.Sockets;
using Qanat.Daemon.Control;
using Qanat.Linux;
using Qanat.Linux.Netlink;
using Qanat.Packets;

namespace Qanat.Daemon.Devices;

/// <summary>The addresses of the kernel's devices, as far as tunnels have to do with them. One thread at a time.</summary>
/// <param name="network">The socket that they are asked for with.</param>
internal sealed class LinuxAddresses(RouteNetlink network)
{
    private const string Eui64Mode = "0", NoMode = "1";

    /// <summary>As <see cref="ITunnelDevices.HostAddresses"/>.</summary>
    public IReadOnlyList<HostAddress> OfHost()
    {
        var addresses = network.Addresses.List(family: AddressFamily.InterNetwork);
        var devices = addresses.Select(address => address.InterfaceIndex).Distinct();
        var up = devices.Where(index => network.Links.Find(index) is { IsUp: true }).ToHashSet();
        return [.. from address in addresses
                   where up.Contains(address.InterfaceIndex)
                   select new HostAddress(IPv4Address.From(address.Address), address.Scope == RouteScope.Host)];
    }

    /// <summary>As <see cref="ITunnelDevices.GiveAddresses"/>.</summary>
    public void Give(int index, IReadOnlyList<DeviceAddress> wanted)
    {
        if (network.Links.Find(index) is not { IsUp: true } link || Setting(link.Name, "disable_ipv6") != "0" ||
            Setting(link.Name, "addr_gen_mode") == NoMode ||
            network.Addresses.List(index, AddressFamily.InterNetworkV6).Any(IsGenerated))
            return;
        foreach (var (address, length) in wanted)
            try
            {
                network.Addresses.Add(new() { InterfaceIndex = index, Address = address.ToIPAddress(), PrefixLength = length });
            }
            catch (LinuxException there) when (there.Error == Errno.EEXIST)
            {
            }
    }

    /// <summary>
    /// Has the kernel choose a device's link-local address at random where it would make one from the link-layer address, which all
    /// TUN devices have in common: both ends of a tunnel would be called the same.
    /// </summary>
    public void Randomise(int index, string name)
    {
        if (Setting(name, "addr_gen_mode") == Eui64Mode)
            network.Links.SetAddressGeneration(index, AddressGeneration.Random);
    }

    private static bool IsGenerated(InterfaceAddress address) => address.Scope == RouteScope.Link || address.PrefixLength == 96;

    // Null where there is no IPv6.
    private static string? Setting(string device, string name)
    {
        try
        {
            return File.ReadAllText($"/proc/sys/net/ipv6/conf/{device}/{name}").Trim();
        }
        catch (IOException)
        {
            return null;
        }
    }
}
