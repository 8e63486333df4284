using System.Runtime.InteropServices;
using Qanat.Linux.Namespaces;
using Qanat.Linux.Netlink;
using Qanat.Packets;
using static Qanat.Linux.Interop.If;
using static Qanat.Linux.Interop.IfTun;
using static Qanat.Linux.Interop.Ioctl;

namespace Qanat.Linux.Devices;

/// <content>What can be asked and changed of a device that is open, wherever it has been moved and whatever its name is by now.</content>
public sealed unsafe partial class TunDevice
{
    /// <summary>The device's name now: it may have been renamed.</summary>
    /// <exception cref="PortClosedException">The port is disposed, or the device deleted.</exception>
    public string Name => NameOf(Interface());

    /// <summary>
    /// What it was made with, and whether it is persistent. <see cref="TunFeatures.NoPacketInformation"/> says nothing here: the
    /// kernel sets it for any device without a classic filter; <see cref="Netlink.Link.Tun"/> knows.
    /// </summary>
    /// <exception cref="PortClosedException">The port is disposed, or the device deleted.</exception>
    public TunFeatures Features => (TunFeatures)Interface().ifr_flags;

    /// <summary>True when the device outlives the port.</summary>
    /// <exception cref="PortClosedException">The port is disposed, or the device deleted.</exception>
    public bool IsPersistent => (Features & TunFeatures.Persistent) != 0;

    /// <summary>The device's link type, an ARPHRD_ number.</summary>
    /// <exception cref="PortClosedException">The port is disposed, or the device deleted.</exception>
    public ushort LinkType => HardwareAddress().ifr_hwaddr_family;

    /// <summary>A TAP's Ethernet address; a TUN has none, which reads as zero.</summary>
    /// <exception cref="LinuxException">On setting: EADDRNOTAVAIL, it is a group's address, or zero; EOPNOTSUPP, it is a TUN.</exception>
    public MacAddress MacAddress
    {
        get
        {
            var request = HardwareAddress();
            return MacAddress.Read(new ReadOnlySpan<byte>(request.ifr_hwaddr_data, MacAddress.Size));
        }
        set
        {
            ifreq request = new() { ifr_hwaddr_family = LinkType };
            value.Write(new Span<byte>(request.ifr_hwaddr_data, MacAddress.Size));
            Control($"set the address {value}", SIOCSIFHWADDR, &request);
        }
    }

    /// <summary>
    /// Bytes of the longest IP packet that the host sends into the device. Without CAP_NET_ADMIN it can be read while the device
    /// is in the namespace of the calling thread.
    /// </summary>
    /// <exception cref="LinuxException">On setting: EINVAL, less than 68 or more than 65535 (a TAP: 65521).</exception>
    public int Mtu
    {
        get => InItsNamespace(static (netlink, name) => netlink.Links.Get(name).Mtu);
        set => InItsNamespace((netlink, name) =>
        {
            netlink.Links.SetMtu(netlink.Links.Get(name).Index, value);
            return true;
        });
    }

    /// <summary>True when the host believes that somebody holds the device (<c>LOWER_UP</c>; else <c>NO-CARRIER</c>).</summary>
    public bool HasCarrier => InItsNamespace(static (netlink, name) => netlink.Links.Get(name).HasCarrier);

    /// <summary>Bytes sent that may wait inside the kernel before a packet is refused with EAGAIN.</summary>
    /// <exception cref="LinuxException">On setting: EINVAL, not positive.</exception>
    public int SendBuffer
    {
        get
        {
            int bytes;
            Control("read the send buffer", TUNGETSNDBUF, &bytes);
            return bytes;
        }
        set => Control($"set the send buffer to {value}", TUNSETSNDBUF, &value);
    }

    /// <summary>Lets the device outlive the port (true), or deletes it with the port (false).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void SetPersistent(bool persistent) => Control("set persistence", TUNSETPERSIST, persistent ? 1 : 0);

    /// <summary>Lets a user attach without CAP_NET_ADMIN; 0xFFFFFFFF (-1) for nobody.</summary>
    /// <exception cref="LinuxException">EINVAL: there is no such number in this user namespace.</exception>
    public void SetOwner(uint user) => Control($"set the owner {user}", TUNSETOWNER, (nint)user);

    /// <summary>Lets a group attach without CAP_NET_ADMIN; 0xFFFFFFFF (-1) for none.</summary>
    /// <exception cref="LinuxException">EINVAL: there is no such number in this user namespace.</exception>
    public void SetGroup(uint group) => Control($"set the group {group}", TUNSETGROUP, (nint)group);

    /// <summary>Sets the link type of a device that is down.</summary>
    /// <exception cref="LinuxException">EBUSY: the device is up.</exception>
    public void SetLinkType(ushort type) => Control("set the link type", TUNSETLINK, type);

    /// <summary>Tells the host that the cable is plugged in, or not (TUNSETCARRIER, Linux 5.0).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void SetCarrier(bool carrier)
    {
        var value = carrier ? 1 : 0;
        Control("set the carrier", TUNSETCARRIER, &value);
    }

    /// <summary>
    /// Sets what the kernel may leave undone in packets received here, as far as it can. Packets already queued keep their
    /// form.
    /// </summary>
    /// <returns>What is in force now, also in <see cref="Offloads"/>.</returns>
    public GrantedOffloads SetOffloads(TunOffloads wanted)
    {
        // The kernel refuses the whole mask for one unknown bit: the newest go first. Some need others.
        var granted = (wanted & TunOffloads.Checksum) == 0 ? TunOffloads.None : wanted;
        if ((granted & (TunOffloads.Tso4 | TunOffloads.Tso6)) == 0)
            granted &= ~(TunOffloads.TsoEcn | TunOffloads.UdpTunnel);
        if ((granted & TunOffloads.UdpTunnel) == 0)
            granted &= ~TunOffloads.UdpTunnelChecksum;
        ReadOnlySpan<TunOffloads> newestFirst =
            [TunOffloads.None, TunOffloads.UdpTunnel | TunOffloads.UdpTunnelChecksum, TunOffloads.Uso, TunOffloads.TsoEcn, TunOffloads.All];
        foreach (var newest in newestFirst)
        {
            granted &= ~newest;
            if (TryControl(TUNSETOFFLOAD, (nint)granted) == 0)
                break;
        }

        return Offloads = new(wanted, granted);
    }

    /// <summary>Opens the network namespace that the device is in now (TUNGETDEVNETNS, Linux 5.2). The caller disposes it.</summary>
    /// <exception cref="LinuxException">EPERM: CAP_NET_ADMIN there is missing.</exception>
    public NetworkNamespace OpenNamespace()
    {
        using var lease = Lease();
        var descriptor = ioctl(lease.Descriptor, TUNGETDEVNETNS, (nint)0);
        Check("open the device's namespace", descriptor >= 0 ? 0 : Marshal.GetLastSystemError());
        return new(new(descriptor, ownsHandle: true));
    }

    private T InItsNamespace<T>(Func<RouteNetlink, string, T> ask)
    {
        using var netlink = OpenItsNetlink();
        return ask(netlink, Name);
    }

    // Where the device is the kernel tells those alone who may change it there. To others it is here when one like it is.
    private RouteNetlink OpenItsNetlink()
    {
        try
        {
            using var there = OpenNamespace();
            return RouteNetlink.In(there);
        }
        catch (LinuxException refused) when (refused.Error == Errno.EPERM)
        {
            var here = new RouteNetlink();
            if (here.Links.Find(Name) is { Kind: "tun" } link && link.Type == (LinkType)LinkType &&
                (Mode == TunMode.Tun || MacAddress == MacAddress.Read(link.Address!.GetAddressBytes())))
                return here;
            here.Dispose();
            throw;
        }
    }

    private ifreq Interface()
    {
        ifreq request = default;
        Control("read the device's name", TUNGETIFF, &request);
        return request;
    }

    private ifreq HardwareAddress()
    {
        ifreq request = default;
        Control("read the link type", SIOCGIFHWADDR, &request);
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
        throw new LinuxException(operation, errno, hint: errno switch
        {
            Errno.EPERM => "run as root, or with CAP_NET_ADMIN",
            Errno.EBUSY => "bring the device down first: ip link set DEV down",
            Errno.EOPNOTSUPP or Errno.ENOTTY => "this kind of device or this kernel has no such thing",
            _ => null,
        });
    }
}
