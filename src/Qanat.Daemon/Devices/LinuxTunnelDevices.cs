using Qanat.Linux;
using Qanat.Linux.Devices;
using Qanat.Linux.Netlink;
using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.Devices;

/// <summary>The kernel's devices: TUN devices by their driver, everything else by rtnetlink.</summary>
/// <param name="network">A socket that this object owns from now on.</param>
internal sealed class LinuxTunnelDevices(RouteNetlink network) : ITunnelDevices
{
    private const int TransmitQueue = 1000; // what the kernel's tunnels have; a TUN has 500

    private readonly Lock _lock = new(); // the socket serves one thread at a time

    /// <inheritdoc/>
    public INewDevice Create(string name, TunnelMode mode, int mtu)
    {
        var device = Open(name, mode);
        try
        {
            lock (_lock)
            {
                network.Links.SetFlags(device.Index, clear: LinkFlags.Multicast); // a TUN has it, the kernel's tunnels have not
                network.Links.SetTransmitQueue(device.Index, TransmitQueue);
                network.Links.SetMtu(device.Index, mtu);
            }
            return new NewDevice(device);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Delete(int index)
    {
        try
        {
            lock (_lock)
                network.Links.Delete(index);
        }
        catch (LinuxException gone) when (gone.Error == Errno.ENODEV)
        {
        }
    }

    /// <inheritdoc/>
    public void SetMtu(int index, int mtu)
    {
        lock (_lock)
            network.Links.SetMtu(index, mtu);
    }

    /// <inheritdoc/>
    public DeviceInfo? Find(string name)
    {
        lock (_lock)
            return Control.TunnelNames.IsValid(name) && network.Links.Find(name) is { } link ? Describe(link) : null;
    }

    /// <inheritdoc/>
    public DeviceInfo? Find(int index)
    {
        lock (_lock)
            return network.Links.Find(index) is { } link ? Describe(link) : null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<DeviceInfo> List()
    {
        lock (_lock)
            return [.. network.Links.List().Select(Describe).OrderBy(device => device.Index)];
    }

    /// <inheritdoc/>
    public int RouteDevice(TunnelParameters parameters)
    {
        var query = new RouteQuery(parameters.Remote.ToIPAddress())
        {
            Source = parameters.Local.IsAny ? null : parameters.Local.ToIPAddress(),
            Tos = parameters.Tos,
            OutputInterface = parameters.Link,
        };
        lock (_lock)
            return network.Routes.TryGet(query, out var route, out _) ? route.OutputInterface : 0;
    }

    /// <inheritdoc/>
    public void Dispose() => network.Dispose();

    private static TunDevice Open(string name, TunnelMode mode)
    {
        try
        {
            return TunDevice.Open(name, new TunOptions { Open = TunOpenMode.Create, VnetHeader = true, LinkType = LinkTypeOf(mode) });
        }
        catch (LinuxException taken) when (taken.Error == Errno.EBUSY)
        {
            throw new LinuxException(taken.Operation, Errno.EEXIST, $"there is a device \"{name}\" already");
        }
    }

    // As the kernel's own device of the mode has it, which also keeps IPv6 from making addresses on it.
    private static ushort LinkTypeOf(TunnelMode mode) => mode switch
    {
        TunnelMode.Ipip => TunOptions.ARPHRD_TUNNEL,
        _ => TunOptions.ARPHRD_NONE,
    };

    private static DeviceInfo Describe(Link link) => new(link.Index, link.Name, link.Mtu, link.IsUp, link.Kind == "tun");

    private sealed class NewDevice(TunDevice device) : INewDevice
    {
        public int Index => device.Index;

        public void Persist()
        {
            try
            {
                device.SetPersistent(true);
            }
            catch (PortClosedException gone)
            {
                throw new LinuxException(gone.Message, Errno.ENODEV);
            }
        }

        public void Dispose() => device.Dispose();
    }
}
