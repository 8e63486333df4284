using Qanat.Daemon.Control;
using Qanat.Tunnels;

namespace Qanat.Daemon.Devices;

/// <summary>A network device of this namespace, as the control plane sees it.</summary>
/// <param name="Index">Interface index, a device's identity for life.</param>
/// <param name="Name">Its name now.</param>
/// <param name="Mtu">Its MTU in bytes.</param>
/// <param name="Up">Whether it is up.</param>
/// <param name="IsTun">Whether it is a TUN or TAP device.</param>
internal sealed record DeviceInfo(int Index, string Name, int Mtu, bool Up, bool IsTun);

/// <summary>What the control plane asks of the kernel: the devices of tunnels, and what their MTU is taken from.</summary>
/// <remarks>Every call may throw <see cref="Qanat.Linux.LinuxException"/> with the kernel's error number.</remarks>
internal interface ITunnelDevices : IDisposable
{
    /// <summary>
    /// Makes a TUN device of the mode's link type, multicast off, or a TAP device, down. It lives as long as the returned handle,
    /// until <see cref="INewDevice.Persist"/> gives it a life of its own.
    /// </summary>
    /// <exception cref="Qanat.Linux.LinuxException">EEXIST: a device of that name is there already.</exception>
    INewDevice Create(string name, TunnelMode mode, int mtu);

    /// <summary>Deletes a device. One that has gone already is no error.</summary>
    void Delete(int index);

    /// <summary>Deletes several devices in about the time of one. It may leave some or all of them.</summary>
    void DeleteTogether(IReadOnlyList<int> indices);

    /// <summary>
    /// Gives a device that is up IPv6 addresses, unless it has such addresses already, or IPv6 or their generation is switched off on it.
    /// </summary>
    void GiveAddresses(int index, IReadOnlyList<DeviceAddress> addresses);

    /// <summary>This host's IPv4 addresses on devices that are up.</summary>
    IReadOnlyList<HostAddress> HostAddresses();

    /// <summary>Sets a device's MTU in bytes.</summary>
    void SetMtu(int index, int mtu);

    /// <summary>The device of that name, or null.</summary>
    DeviceInfo? Find(string name);

    /// <summary>The device with that index, or null.</summary>
    DeviceInfo? Find(int index);

    /// <summary>Every device, by index.</summary>
    IReadOnlyList<DeviceInfo> List();

    /// <summary>Index of the device that the tunnel's outer packets would leave by; 0 when there is no route.</summary>
    int RouteDevice(TunnelParameters parameters);
}

/// <summary>A device that goes away with this handle, or with the process, unless it was made persistent.</summary>
internal interface INewDevice : IDisposable
{
    /// <summary>Its interface index.</summary>
    int Index { get; }

    /// <summary>Lets the device outlive the handle and the process.</summary>
    void Persist();
}
