using Qanat.Linux;
using Qanat.Linux.Devices;
using Qanat.Linux.Netlink;
using Qanat.Packets;
using Qanat.WireGuard;

namespace Qanat.Daemon.WireGuard;

/// <summary>
/// Has a device's MTU follow what arrives at its peers, up to what users set, which is put back when nothing is known any more. What
/// changes the MTU beside us is users' will. Belongs to the worker.
/// </summary>
/// <param name="tun">The device.</param>
/// <param name="device">The engine, which measures.</param>
/// <param name="log">Hears what is set.</param>
internal sealed class MtuFollower(TunDevice tun, WireGuardDevice device, WireGuardLog log) : IWireGuardObserver
{
    private const long AddressesLast = 10_000; // ms

    // What we set, and have not heard of yet: the kernel tells of each, in order.
    private readonly Queue<int> _expected = [];
    private int _mtu = device.LargestMtu;
    private bool _changed;
    private IReadOnlyList<InterfaceAddress> _addresses = [];
    private long _listed = -AddressesLast;

    /// <summary>
    /// The MTU that users want, in bytes: what is saved for the next time. What they have just set may not have come to our ears yet.
    /// </summary>
    /// <exception cref="LinuxException">The device is gone.</exception>
    public int Wanted => tun.Mtu is var there && there == _mtu ? device.LargestMtu : there;

    public void PathMtuChanged(Peer peer) => _changed = true;

    public void HandshakeCompleted(Peer peer) => _changed |= peer.PathMtu is not null || _mtu < device.LargestMtu;

    public void KeysWiped(Peer peer) => _changed |= peer.PathMtu is not null;

    /// <summary>The device has changed, perhaps its MTU.</summary>
    public void Follow(Link link)
    {
        if (_expected.Contains(link.Mtu))
        {
            while (_expected.Dequeue() != link.Mtu)
            {
            }
        }
        else if (_expected.Count == 0 && link.Mtu != _mtu)
        {
            device.LargestMtu = _mtu = link.Mtu;
        }
    }

    /// <summary>Sets the MTU, if what is known of the peers has changed.</summary>
    public void Apply()
    {
        if (!_changed)
            return;
        _changed = false;
        try
        {
            // The kernel takes IPv6 off a device that is narrower; who needs less is told packet by packet.
            var mtu = Math.Max(device.PathMtu, Math.Min(IPv6Header.MinimumMtu, device.LargestMtu));
            if (mtu == _mtu)
                return;
            tun.Mtu = mtu;
            _expected.Enqueue(_mtu = mtu);
            log.Verbose($"MTU {mtu}, so that packets arrive");
        }
        catch (LinuxException refused)
        {
            log.Error($"cannot follow its peers' paths: {refused.Message}");
        }
        catch (PortClosedException)
        {
            // It is gone, and its MTU with it.
        }
    }

    /// <summary>An address of the device, not a link-local one; null when it has none.</summary>
    public IpAddress? FindAddress(bool isIPv6)
    {
        foreach (var address in Addresses())
            if (IpAddress.From(address.Address) is var found && found.IsIPv6 == isIPv6 && address.Scope == RouteScope.Universe)
                return found;
        return null;
    }

    private IReadOnlyList<InterfaceAddress> Addresses()
    {
        if (Environment.TickCount64 - _listed < AddressesLast)
            return _addresses;
        _listed = Environment.TickCount64;
        try
        {
            using var there = tun.OpenNamespace();
            using var netlink = RouteNetlink.In(there);
            return _addresses = netlink.Addresses.List(netlink.Links.Get(tun.Name).Index);
        }
        catch (Exception fault) when (fault is LinuxException or PortClosedException)
        {
            return _addresses = [];
        }
    }
}
