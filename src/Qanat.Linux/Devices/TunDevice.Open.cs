using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using static Qanat.Linux.Interop.Fcntl;
using static Qanat.Linux.Interop.If;
using static Qanat.Linux.Interop.IfTun;
using static Qanat.Linux.Interop.Ioctl;

namespace Qanat.Linux.Devices;

/// <content>Opening a device, and what can be changed of one that is open.</content>
public sealed unsafe partial class TunDevice
{
    /// <summary>
    /// Opens a device in the network namespace of the calling thread. It goes when the port is closed, unless it is
    /// persistent.
    /// </summary>
    /// <param name="name">Its name, at most 15 bytes; <c>%d</c> in it, or an empty name, asks for the next free number.</param>
    /// <param name="options">How; by default a TUN with every offload.</param>
    /// <exception cref="LinuxException">
    /// It could not be opened. <see cref="LinuxException.Error"/> tells why, and the text which thing is missing: ENOENT and
    /// ENODEV (on the node) the driver, EACCES a right on its node, EPERM the device cgroup or CAP_NET_ADMIN, EBUSY that
    /// someone else holds the device or (with <see cref="TunOpenMode.Create"/>) that it exists, EINVAL that it exists with
    /// other flags.
    /// </exception>
    public static TunDevice Open(string name, TunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        options ??= new();
        var existed = name.Length > 0 && if_nametoindex(name) != 0;
        if (options.Open == TunOpenMode.Attach && !existed)
            throw new LinuxException($"attach to {name}", Errno.ENODEV);
        var handle = OpenNode(options.Node);
        try
        {
            var request = SetInterface(handle, name, options, existed);
            var device = new TunDevice(handle, options) { Index = (int)if_nametoindex(NameOf(request)) };
            device.Configure(options, request);
            return device;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>The device's name now: it may have been renamed.</summary>
    /// <exception cref="Packets.PortClosedException">The port is disposed, or the device deleted.</exception>
    public string Name => NameOf(Interface());

    /// <summary>True when the device outlives the port.</summary>
    /// <exception cref="Packets.PortClosedException">The port is disposed, or the device deleted.</exception>
    public bool IsPersistent => (Interface().ifr_flags & IFF_PERSIST) != 0;

    /// <summary>The device's link type, an ARPHRD_ number.</summary>
    /// <exception cref="Packets.PortClosedException">The port is disposed, or the device deleted.</exception>
    public ushort LinkType
    {
        get
        {
            ifreq request = default;
            Control("read the link type", SIOCGIFHWADDR, &request);
            return request.ifr_hwaddr_family;
        }
    }

    /// <summary>Lets the device outlive the port (true), or deletes it with the port (false).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void SetPersistent(bool persistent) => Control("set persistence", TUNSETPERSIST, persistent ? 1 : 0);

    /// <summary>Sets the link type of a device that is down.</summary>
    /// <exception cref="LinuxException">EBUSY: the device is up.</exception>
    public void SetLinkType(ushort type) => Control("set the link type", TUNSETLINK, type);

    /// <summary>
    /// Sets what the kernel may leave undone in packets received here, as far as it can. Packets already queued keep their
    /// form.
    /// </summary>
    /// <returns>What is in force now, also in <see cref="Offloads"/>.</returns>
    public GrantedOffloads SetOffloads(TunOffloads wanted)
    {
        // The kernel refuses the whole mask for one unknown bit: the newest go first.
        var granted = (wanted & TunOffloads.Checksum) == 0 ? TunOffloads.None : wanted;
        foreach (var newest in (ReadOnlySpan<TunOffloads>)[TunOffloads.None, TunOffloads.Uso, TunOffloads.TsoEcn, TunOffloads.All])
        {
            granted &= ~newest;
            if (TryControl(TUNSETOFFLOAD, (nint)granted) == 0)
                break;
        }

        return Offloads = new(wanted, granted);
    }

    private static SafeFileHandle OpenNode(string node)
    {
        var descriptor = open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        if (descriptor >= 0)
            return new(descriptor, ownsHandle: true);
        var errno = Marshal.GetLastSystemError();
        throw new LinuxException($"open {node}", errno, errno switch
        {
            Errno.ENOENT => "the device node is missing; make it with: mkdir -p /dev/net && mknod /dev/net/tun c 10 200",
            Errno.ENODEV => "this kernel has no TUN/TAP driver; try: modprobe tun",
            Errno.EACCES => "no right to read and write the device node",
            Errno.EPERM => "the device cgroup forbids it; a container needs the device: --device /dev/net/tun",
            _ => null,
        });
    }

    private static ifreq SetInterface(SafeFileHandle handle, string name, TunOptions options, bool existed)
    {
        var flags = IFF_NO_PI | (options.Mode == TunMode.Tap ? IFF_TAP : IFF_TUN) | (options.VnetHeader ? IFF_VNET_HDR : 0) |
            (options.MultiQueue ? IFF_MULTI_QUEUE : 0) | (options.Open == TunOpenMode.Create ? IFF_TUN_EXCL : 0);
        var request = new ifreq { ifr_name = NameOf(name), ifr_flags = (ushort)flags };
        var operation = existed ? $"attach to {name}" : $"create {(name.Length > 0 ? name : "a device")}";
        if (ioctl((int)handle.DangerousGetHandle(), TUNSETIFF, &request) != 0)
        {
            var errno = Marshal.GetLastSystemError();
            throw new LinuxException(operation, errno, errno switch
            {
                Errno.EPERM when existed => "CAP_NET_ADMIN is missing, and the device belongs to another user or group",
                Errno.EPERM => "CAP_NET_ADMIN is missing",
                Errno.EBUSY when options.Open == TunOpenMode.Create => "it exists",
                Errno.EBUSY => "another program holds it",
                Errno.EINVAL when existed => "it exists with other flags, or is no TUN or TAP device",
                _ => null,
            });
        }

        // What existed a moment ago may have been deleted, and this one made anew: only an old one is persistent or has queues.
        if (ioctl((int)handle.DangerousGetHandle(), TUNGETIFF, &request) != 0)
            throw new LinuxException(operation, Marshal.GetLastSystemError());
        return options.Open == TunOpenMode.Attach && !options.MultiQueue && (request.ifr_flags & IFF_PERSIST) == 0
            ? throw new LinuxException(operation, Errno.ENODEV)
            : request;
    }

    private void Configure(TunOptions options, ifreq request)
    {
        // Both outlive the program that set them, so they are set each time.
        if (options.VnetHeader)
        {
            var length = VirtioNetHeader.Length;
            Control("set the virtio-net header", TUNSETVNETHDRSZ, &length);
            SetOffloads(options.Offloads);
        }
        else
        {
            SetOffloads(TunOffloads.None);
        }

        if (options.SendBuffer is { } bytes)
            Control("set the send buffer", TUNSETSNDBUF, &bytes);
        if (options.LinkType is { } type && type != LinkType)
            SetLinkType(type);
        if (options.Owner is { } owner)
            Control("set the owner", TUNSETOWNER, (nint)owner);
        if (options.Group is { } group)
            Control("set the group", TUNSETGROUP, (nint)group);
        if (options.Persistent is { } persistent && persistent != ((request.ifr_flags & IFF_PERSIST) != 0))
            SetPersistent(persistent);
    }

    private ifreq Interface()
    {
        ifreq request = default;
        Control("read the device's name", TUNGETIFF, &request);
        return request;
    }

    private void Control(string operation, nuint request, nint value) => Check(operation, TryControl(request, value));

    private void Control(string operation, nuint request, void* argument)
    {
        using var lease = Lease();
        Check(operation, ioctl(lease.Descriptor, request, argument) == 0 ? 0 : Marshal.GetLastSystemError());
    }

    private int TryControl(nuint request, nint value)
    {
        using var lease = Lease();
        return ioctl(lease.Descriptor, request, value) == 0 ? 0 : Marshal.GetLastSystemError();
    }

    private static void Check(string operation, int errno)
    {
        if (errno == 0)
            return;
        ThrowIfGone(errno);
        throw new LinuxException(operation, errno);
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
