using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Qanat.Linux.Privileges;
using static Qanat.Linux.Interop.Fcntl;
using static Qanat.Linux.Interop.If;
using static Qanat.Linux.Interop.IfTun;
using static Qanat.Linux.Interop.Ioctl;

namespace Qanat.Linux.Devices;

/// <content>Opening a device.</content>
public sealed unsafe partial class TunDevice
{
    /// <summary>
    /// Opens a device, in the network namespace of the calling thread unless the options name another. It goes when the port
    /// is closed, or its process ends, unless it is persistent.
    /// </summary>
    /// <param name="name">Its name, at most 15 bytes; <c>%d</c> in it, or an empty name, asks for the next free number.</param>
    /// <param name="options">How; by default a TUN of whole IP packets.</param>
    /// <exception cref="ArgumentException">The name is too long.</exception>
    /// <exception cref="LinuxException">
    /// It could not be opened. <see cref="LinuxException.Error"/> tells why, and the text which thing is missing: ENOENT and
    /// ENODEV (on the node) the driver, EACCES a right on its node, EPERM the device cgroup or CAP_NET_ADMIN, EBUSY that
    /// someone else holds the device or (with <see cref="TunOpenMode.Create"/>) that it exists, EINVAL that it exists with
    /// other flags, E2BIG that it has as many queues as there can be.
    /// </exception>
    public static TunDevice Open(string name, TunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        options ??= new();
        return options.Namespace is { } elsewhere ? elsewhere.Run(() => OpenHere(name, options)) : OpenHere(name, options);
    }

    /// <summary>What this kernel's driver can do: the flags that a device may be opened with.</summary>
    /// <param name="node">The node of the driver.</param>
    /// <exception cref="LinuxException">The node could not be opened, as in <see cref="Open"/>.</exception>
    public static TunFeatures GetFeatures(string node = DeviceNode.TunPath)
    {
        using var handle = OpenNode(node);
        uint features;
        return ioctl((int)handle.DangerousGetHandle(), TUNGETFEATURES, &features) == 0
            ? (TunFeatures)features
            : throw new LinuxException("read the driver's features", Marshal.GetLastSystemError());
    }

    private static TunDevice OpenHere(string name, TunOptions options)
    {
        var existed = name.Length > 0 && if_nametoindex(name) != 0;
        if (options.Open == TunOpenMode.Attach && !existed)
            throw new LinuxException($"attach to {name}", Errno.ENODEV);
        var handle = OpenNode(options.Node);
        try
        {
            var request = SetInterface(handle, name, options, existed);
            var vnetLength = !options.VnetHeader ? 0
                : (options.Offloads & TunOffloads.UdpTunnel) != 0 ? VirtioNetHeader.LengthWithTunnel : VirtioNetHeader.Length;
            var device = new TunDevice(handle, options, new(options.PacketInformation, vnetLength))
            {
                Index = (int)if_nametoindex(NameOf(request)),
            };
            device.Configure(options, vnetLength, request);
            return device;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static SafeFileHandle OpenNode(string node)
    {
        var descriptor = open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        if (descriptor >= 0)
            return new(descriptor, ownsHandle: true);
        var errno = Marshal.GetLastSystemError();
        var (detail, hint) = errno switch
        {
            Errno.ENOENT =>
                ("the device node is missing", $"make it with: mkdir -p {Path.GetDirectoryName(node)} && mknod {node} c 10 200"),
            Errno.ENODEV or Errno.ENXIO => ("this kernel has no TUN/TAP driver", "try: modprobe tun"),
            Errno.EACCES => ("no right to read and write the device node", $"run as root, or: chmod 666 {node}"),
            Errno.EPERM => ("the device cgroup forbids it", "a container needs: --device /dev/net/tun"),
            Errno.EMFILE => ($"the process has no descriptors left of its {DescriptorLimit.Current}",
                "raise its limit: ulimit -n, or LimitNOFILE= of its systemd unit"),
            _ => ((string?)null, (string?)null),
        };
        throw new LinuxException($"open {node}", errno, detail, hint);
    }

    private static ifreq SetInterface(SafeFileHandle handle, string name, TunOptions options, bool existed)
    {
        var descriptor = (int)handle.DangerousGetHandle();
        var operation = existed ? $"attach to {name}" : $"create {(name.Length > 0 ? name : "a device")}";
        if (options.Index is { } index && !existed && ioctl(descriptor, TUNSETIFINDEX, &index) != 0)
            throw new LinuxException(operation, Marshal.GetLastSystemError(), $"its number cannot be {index}");
        var request = new ifreq { ifr_name = NameOf(name), ifr_flags = Flags(options) };
        if (ioctl(descriptor, TUNSETIFF, &request) != 0)
        {
            var errno = Marshal.GetLastSystemError();
            var (detail, hint) = errno switch
            {
                Errno.EPERM when existed =>
                    ("CAP_NET_ADMIN is missing, and the device belongs to another user or group", "run as root, or as its owner"),
                Errno.EPERM => ("CAP_NET_ADMIN is missing", "run as root, or have root make a device that you own"),
                Errno.EBUSY when options.Open == TunOpenMode.Create => ("it exists", "choose another name"),
                Errno.EBUSY when options.Index is not null && !existed => ($"number {options.Index} is taken", null),
                Errno.EBUSY => ("another program holds it", "`qanat -d tuntap show` names it"),
                Errno.EINVAL when existed =>
                    ("it exists with other flags, or is no TUN or TAP device", "`qanat tuntap show` lists its flags"),
                Errno.EINVAL => ("the name or a flag is not valid here", null),
                Errno.E2BIG => ("it has as many queues as it can have", null),
                _ => ((string?)null, (string?)null),
            };
            throw new LinuxException(operation, errno, detail, hint);
        }

        // What existed a moment ago may have been deleted, and this one made anew: only an old one is persistent or has queues.
        if (ioctl(descriptor, TUNGETIFF, &request) != 0)
            throw new LinuxException(operation, Marshal.GetLastSystemError());
        return options.Open == TunOpenMode.Attach && !options.MultiQueue && (request.ifr_flags & IFF_PERSIST) == 0
            ? throw new LinuxException(operation, Errno.ENODEV)
            : request;
    }

    private static ushort Flags(TunOptions options) => (ushort)(
        (options.Mode == TunMode.Tap ? IFF_TAP : IFF_TUN) |
        (options.PacketInformation ? 0 : IFF_NO_PI) |
        (options.VnetHeader ? IFF_VNET_HDR : 0) |
        (options.MultiQueue ? IFF_MULTI_QUEUE : 0) |
        (options.OneQueue ? IFF_ONE_QUEUE : 0) |
        (options.Napi ? IFF_NAPI : 0) |
        (options.NoCarrier ? IFF_NO_CARRIER : 0) |
        (options.Open == TunOpenMode.Create ? IFF_TUN_EXCL : 0));

    private void Configure(TunOptions options, int vnetLength, ifreq request)
    {
        // Both outlive the program that set them, so they are set each time.
        if (options.VnetHeader)
        {
            Control("set the virtio-net header", TUNSETVNETHDRSZ, &vnetLength);
            SetOffloads(options.Offloads);
        }
        else
        {
            SetOffloads(TunOffloads.None);
        }

        if (options.SendBuffer is { } bytes)
            SendBuffer = bytes;
        if (options.LinkType is { } type && type != LinkType)
            SetLinkType(type);
        if (options.Owner is { } owner)
            SetOwner(owner);
        if (options.Group is { } group)
            SetGroup(group);
        if (options.Persistent is { } persistent && persistent != ((request.ifr_flags & IFF_PERSIST) != 0))
            SetPersistent(persistent);
    }

    private static ifr_name NameOf(string name)
    {
        ifr_name result = default;
        Span<byte> bytes = result;
        return Encoding.UTF8.GetByteCount(name) < IFNAMSIZ && Encoding.UTF8.TryGetBytes(name, bytes, out _)
            ? result
            : throw new ArgumentException($"A device's name has at most {IFNAMSIZ - 1} bytes.", nameof(name));
    }

    private static string NameOf(ifreq request)
    {
        ReadOnlySpan<byte> bytes = request.ifr_name;
        return Encoding.UTF8.GetString(bytes[..Math.Max(0, bytes.IndexOf((byte)0))]);
    }
}
