using Qanat.Linux;
using Qanat.Linux.Devices;
using Qanat.Linux.Events;
using Qanat.Linux.Namespaces;
using Qanat.Linux.Netlink;

namespace Qanat.Daemon.WireGuard;

/// <summary>
/// Follows a device: whether it is up, its MTU and name, into whatever network namespace it is moved. Belongs to the worker.
/// </summary>
/// <param name="worker">Whose events they are.</param>
/// <param name="device">The device.</param>
/// <param name="changed">Hears how it is now.</param>
/// <param name="gone">Hears that it was deleted, or cannot be followed any more.</param>
internal sealed class DeviceWatch(Worker worker, TunDevice device, Action<Link> changed, Action<Exception> gone) : IDisposable
{
    private NetworkListener? _listener;
    private int _index;

    /// <summary>The inode of the network namespace that it is in.</summary>
    public ulong Namespace { get; private set; }

    /// <summary>Begins to follow it where it is now, and tells how it is.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    /// <exception cref="Packets.PortClosedException">It was deleted.</exception>
    public void Start()
    {
        _listener?.Dispose();
        _listener = null;
        using var there = NamespaceOfDevice();
        Namespace = there.Inode;
        using var netlink = RouteNetlink.In(there);
        _listener = new(worker, NetworkMonitor.In(there, MonitorGroups.Links), Hear, gone);
        var link = netlink.Links.Get(device.Name);
        _index = link.Index;
        changed(link);
    }

    public void Dispose() => _listener?.Dispose();

    // Who may not ask the kernel has not moved it either.
    private NetworkNamespace NamespaceOfDevice()
    {
        try
        {
            return device.OpenNamespace();
        }
        catch (LinuxException refused) when (refused.Error is Errno.EPERM or Errno.ENOTTY)
        {
            return NetworkNamespace.Current();
        }
    }

    private void Hear(NetworkEvent happened)
    {
        switch (happened)
        {
            case LinkChanged { Link: var link } when link.Index == _index:
                changed(link);
                break;
            case LinkRemoved { Link.Index: var index, Moved: false } when index == _index:
                gone(new Packets.PortClosedException("The device was deleted."));
                break;
            case EventsLost:
            case LinkRemoved { Link.Index: var index } when index == _index:
                Start();
                break;
        }
    }
}
