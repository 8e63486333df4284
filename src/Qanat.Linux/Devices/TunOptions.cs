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

/// <summary>How a TUN or TAP device is opened. The defaults suit a tunnel: a TUN with every offload the kernel has.</summary>
public sealed record TunOptions
{
    /// <summary>The link type that <c>ip link</c> shows as <c>link/ipip</c> (linux/if_arp.h).</summary>
    public const ushort ARPHRD_TUNNEL = 768;

    /// <summary>The link type of a TUN unless told otherwise: <c>link/none</c> (linux/if_arp.h).</summary>
    public const ushort ARPHRD_NONE = 0xFFFE;

    /// <summary>IP packets or Ethernet frames.</summary>
    public TunMode Mode { get; init; } = TunMode.Tun;

    /// <summary>Create, attach, or whichever fits.</summary>
    public TunOpenMode Open { get; init; } = TunOpenMode.CreateOrAttach;

    /// <summary>
    /// True to pass offload facts beside each packet (IFF_VNET_HDR). Without it super-packets and partial checksums can
    /// neither be read nor written, and <see cref="Offloads"/> counts for nothing.
    /// </summary>
    public bool VnetHeader { get; init; } = true;

    /// <summary>The offloads wanted; those that the kernel lacks are left out.</summary>
    public TunOffloads Offloads { get; init; } = TunOffloads.All;

    /// <summary>True to keep the device when it is closed, false to let it go, null to leave that as it is (a new device goes).</summary>
    public bool? Persistent { get; init; }

    /// <summary>The user who may attach without CAP_NET_ADMIN; null leaves it as it is.</summary>
    public uint? Owner { get; init; }

    /// <summary>The group that may attach without CAP_NET_ADMIN; null leaves it as it is.</summary>
    public uint? Group { get; init; }

    /// <summary>True for a device that several descriptors may attach to, a queue each. Every one of them must say so.</summary>
    public bool MultiQueue { get; init; }

    /// <summary>
    /// The link type, an ARPHRD_ number; null leaves it as it is. With <see cref="ARPHRD_TUNNEL"/> the kernel makes no IPv6
    /// link-local address and sends no router solicitations. It can be set only while the device is down.
    /// </summary>
    public ushort? LinkType { get; init; }

    /// <summary>Bytes written that may wait inside the kernel before a write is refused; null leaves it as it is (no limit).</summary>
    public int? SendBuffer { get; init; }

    /// <summary>The node of the driver; some containers have it elsewhere.</summary>
    public string Node { get; init; } = "/dev/net/tun";
}
