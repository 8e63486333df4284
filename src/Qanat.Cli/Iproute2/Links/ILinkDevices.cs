using System.Net.NetworkInformation;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Iproute2.Links;

/// <summary>The devices of the network namespace, as <c>qanat link</c> needs them.</summary>
/// <remarks>Each call may throw <see cref="Qanat.Linux.LinuxException"/> with the kernel's error number.</remarks>
internal interface ILinkDevices
{
    /// <summary>Every device, by index.</summary>
    IReadOnlyList<Link> List();

    /// <summary>The device of a name, or null.</summary>
    Link? Find(string name);

    /// <summary>Sets what is not null: MTU in bytes, Ethernet address, on or off.</summary>
    void Set(int index, int? mtu, PhysicalAddress? address, bool? up);
}

/// <summary>The kernel's devices.</summary>
internal sealed class LinkDevices : ILinkDevices
{
    /// <inheritdoc/>
    public IReadOnlyList<Link> List()
    {
        using var netlink = new RouteNetlink();
        return netlink.Links.List();
    }

    /// <inheritdoc/>
    public Link? Find(string name)
    {
        using var netlink = new RouteNetlink();
        return netlink.Links.Find(name);
    }

    /// <inheritdoc/>
    public void Set(int index, int? mtu, PhysicalAddress? address, bool? up)
    {
        using var netlink = new RouteNetlink();
        if (mtu is { } bytes)
            netlink.Links.SetMtu(index, bytes);
        if (address is not null)
            netlink.Links.SetAddress(index, address);
        if (up == true)
            netlink.Links.SetUp(index);
        else if (up == false)
            netlink.Links.SetDown(index);
    }
}
