using Qanat.Linux.Namespaces;
using Qanat.Linux.Privileges;

namespace Qanat.Linux.Devices;

/// <summary>What a device carries.</summary>
public enum TunMode
{
    /// <summary>IP packets.</summary>
    Tun,

    /// <summary>Ethernet frames.</summary>
    Tap,
}

/// <summary>What is to happen when the device exists, and when it does not.</summary>
public enum TunOpenMode
{
    /// <summary>Attach to it when it exists, create it otherwise.</summary>
    CreateOrAttach,

    /// <summary>It must not exist yet: EBUSY otherwise, as <c>ip tuntap add</c> says.</summary>
    Create,

    /// <summary>It must exist, persistent: ENODEV otherwise.</summary>
    Attach,
}

/// <summary>
/// How a TUN or TAP device is opened. The defaults suit a first program: a TUN that gives and takes whole IP packets. One
/// that is to be fast sets <see cref="VnetHeader"/>. Source: drivers/net/tun.c, Documentation/networking/tuntap.rst.
/// </summary>
public sealed record TunOptions
{
    /// <summary>The link type that <c>ip link</c> shows as <c>link/ipip</c> (linux/if_arp.h).</summary>
    public const ushort ARPHRD_TUNNEL = 768;

    /// <summary>The link type that <c>ip link</c> shows as <c>link/tunnel6</c> (linux/if_arp.h).</summary>
    public const ushort ARPHRD_TUNNEL6 = 769;

    /// <summary>The link type that <c>ip link</c> shows as <c>link/sit</c> (linux/if_arp.h).</summary>
    public const ushort ARPHRD_SIT = 776;

    /// <summary>The link type that <c>ip link</c> shows as <c>link/gre</c> (linux/if_arp.h).</summary>
    public const ushort ARPHRD_IPGRE = 778;

    /// <summary>The link type that <c>ip link</c> shows as <c>link/gre6</c> (linux/if_arp.h).</summary>
    public const ushort ARPHRD_IP6GRE = 823;

    /// <summary>The link type of a TUN unless told otherwise: <c>link/none</c> (linux/if_arp.h).</summary>
    public const ushort ARPHRD_NONE = 0xFFFE;

    /// <summary>IP packets or Ethernet frames.</summary>
    public TunMode Mode { get; init; } = TunMode.Tun;

    /// <summary>Create, attach, or whichever fits.</summary>
    public TunOpenMode Open { get; init; } = TunOpenMode.CreateOrAttach;

    /// <summary>The namespace that the device is in, or is made in; null for that of the calling thread, which stays where it is.</summary>
    public NetworkNamespace? Namespace { get; init; }

    /// <summary>The number that a new device gets; null leaves it to the kernel. EBUSY: another has it.</summary>
    public int? Index { get; init; }

    /// <summary>
    /// True to pass the protocol beside each packet, in <see cref="Packets.PacketInfo.Protocol"/> (no IFF_NO_PI): a TUN then carries
    /// more than IP. A device that exists must have been made the same way.
    /// </summary>
    public bool PacketInformation { get; init; }

    /// <summary>
    /// True to pass offload facts beside each packet (IFF_VNET_HDR). Without it super-packets and partial checksums can
    /// neither be read nor written, and <see cref="Offloads"/> counts for nothing.
    /// </summary>
    public bool VnetHeader { get; init; }

    /// <summary>The offloads wanted; those that the kernel lacks are left out.</summary>
    public TunOffloads Offloads { get; init; } = TunOffloads.Plain;

    /// <summary>True to keep the device when it is closed, false to let it go, null to leave that as it is (a new device goes).</summary>
    public bool? Persistent { get; init; }

    /// <summary>The user who may attach without CAP_NET_ADMIN; null leaves it as it is.</summary>
    public uint? Owner { get; init; }

    /// <summary>The group that may attach without CAP_NET_ADMIN; null leaves it as it is.</summary>
    public uint? Group { get; init; }

    /// <summary>
    /// True for a device that several descriptors may attach to, a queue each (up to 256). Every one of them must say so. The
    /// kernel spreads flows over the queues, or asks the steering program.
    /// </summary>
    public bool MultiQueue { get; init; }

    /// <summary>True for a flag that <c>ip tuntap</c> still has, and that has meant nothing since Linux 3.8 (IFF_ONE_QUEUE).</summary>
    public bool OneQueue { get; init; }

    /// <summary>True to take what is sent in through NAPI, which joins TCP segments (IFF_NAPI). A new device's matter.</summary>
    public bool Napi { get; init; }

    /// <summary>True for a new device without a carrier, until <see cref="TunDevice.SetCarrier"/> (IFF_NO_CARRIER, Linux 6.1).</summary>
    public bool NoCarrier { get; init; }

    /// <summary>
    /// The link type, an ARPHRD_ number; null leaves it as it is. With <see cref="ARPHRD_TUNNEL"/> the kernel makes no IPv6
    /// link-local address and sends no router solicitations. It can be set only while the device is down.
    /// </summary>
    public ushort? LinkType { get; init; }

    /// <summary>Bytes written that may wait inside the kernel before a write is refused; null leaves it as it is (no limit).</summary>
    public int? SendBuffer { get; init; }

    /// <summary>The node of the driver; some containers have it elsewhere.</summary>
    public string Node { get; init; } = DeviceNode.TunPath;
}
