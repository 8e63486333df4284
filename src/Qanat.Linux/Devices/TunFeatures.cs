using static Qanat.Linux.Interop.IfTun;

namespace Qanat.Linux.Devices;

/// <summary>What a kernel's driver can do, and what a device was made with (linux/if_tun.h, IFF_*).</summary>
[Flags]
public enum TunFeatures
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Devices of IP packets.</summary>
    Tun = IFF_TUN,

    /// <summary>Devices of Ethernet frames.</summary>
    Tap = IFF_TAP,

    /// <summary>Packets go in through NAPI.</summary>
    Napi = IFF_NAPI,

    /// <summary>Packets go in through NAPI in fragments of memory, as a network card's would; for testing the kernel.</summary>
    NapiFragments = IFF_NAPI_FRAGS,

    /// <summary>A device without a carrier from the start.</summary>
    NoCarrier = IFF_NO_CARRIER,

    /// <summary>Several queues a device.</summary>
    MultiQueue = IFF_MULTI_QUEUE,

    /// <summary>The device outlives its program.</summary>
    Persistent = IFF_PERSIST,

    /// <summary>No packet information in front of packets.</summary>
    NoPacketInformation = IFF_NO_PI,

    /// <summary>One queue in place of two; it has meant nothing since Linux 3.8.</summary>
    OneQueue = IFF_ONE_QUEUE,

    /// <summary>A virtio-net header in front of packets.</summary>
    VnetHeader = IFF_VNET_HDR,
}
