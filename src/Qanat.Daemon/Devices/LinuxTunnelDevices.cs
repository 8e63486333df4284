using Qanat.Daemon.Control;
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
    private readonly LinuxAddresses _addresses = new(network);

    /// <inheritdoc/>
    public INewDevice Create(string name, TunnelMode mode, int mtu)
    {
        var facts = ModeFacts.Of(mode);
        var device = Open(name, mode);
        try
        {
            lock (_lock)
            {
                if (!facts.IsTap)
                    network.Links.SetFlags(device.Index, clear: LinkFlags.Multicast); // a TUN has it, the kernel's tunnels have not
                if (facts.LinkType is TunOptions.ARPHRD_TUNNEL6 or TunOptions.ARPHRD_IP6GRE)
                    _addresses.Randomise(device.Index, name);
                network.Links.SetTransmitQueue(device.Index, TransmitQueue);
                network.Links.SetMtu(device.Index, mtu);
                SuperPackets.Limit(network.Links, device.Index);
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
    public void DeleteTogether(IReadOnlyList<int> indices)
    {
        lock (_lock)
            network.Links.DeleteTogether(indices);
    }

    /// <inheritdoc/>
    public void GiveAddresses(int index, IReadOnlyList<DeviceAddress> addresses)
    {
        lock (_lock)
            _addresses.Give(index, addresses);
    }

    /// <inheritdoc/>
    public IReadOnlyList<HostAddress> HostAddresses()
    {
        lock (_lock)
            return _addresses.OfHost();
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
            return TunnelNames.IsValid(name) && network.Links.Find(name) is { } link ? Describe(link) : null;
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
            Mark = parameters.Mark,
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
            return TunDevice.Open(name, new TunOptions
            {
                Mode = ModeFacts.Of(mode).IsTap ? TunMode.Tap : TunMode.Tun,
                Open = TunOpenMode.Create,
                VnetHeader = true,
                LinkType = ModeFacts.Of(mode).LinkType, // as the kernel's own device of the mode has it
            });
        }
        catch (LinuxException taken) when (taken.Error == Errno.EBUSY)
        {
            throw new LinuxException(taken.Operation, Errno.EEXIST, $"there is a device \"{name}\" already");
        }
    }

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
