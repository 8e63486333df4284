using static Qanat.Linux.Interop.Rtnetlink;

namespace Qanat.Linux.Netlink;

/// <summary>A TUN or TAP device's own facts.</summary>
/// <remarks>Source: drivers/net/tun.c, tun_fill_info.</remarks>
public sealed record TunDetails
{
    /// <summary>True for a TAP, false for a TUN.</summary>
    public bool Tap { get; init; }

    /// <summary>True when it outlives the programs that hold it.</summary>
    public bool Persistent { get; init; }

    /// <summary>True when each packet has four bytes of flags and protocol in front (IFF_NO_PI not set).</summary>
    public bool PacketInformation { get; init; }

    /// <summary>True when each packet has a virtio-net header in front (IFF_VNET_HDR).</summary>
    public bool VnetHeader { get; init; }

    /// <summary>True when several descriptors may hold it.</summary>
    public bool MultiQueue { get; init; }

    /// <summary>The user who may attach without CAP_NET_ADMIN; null for none.</summary>
    public uint? Owner { get; init; }

    /// <summary>The group that may attach without CAP_NET_ADMIN; null for none.</summary>
    public uint? Group { get; init; }

    /// <summary>Queues in use; 0 unless it is <see cref="MultiQueue"/>.</summary>
    public uint Queues { get; init; }

    /// <summary>Queues that are attached, but switched off.</summary>
    public uint DisabledQueues { get; init; }

    internal static TunDetails Parse(NetlinkAttributes data)
    {
        const byte tap = 2; // IFF_TAP
        var details = new TunDetails();
        foreach (var attribute in data)
            details = attribute.Type switch
            {
                IFLA_TUN_OWNER => details with { Owner = attribute.Read<uint>() },
                IFLA_TUN_GROUP => details with { Group = attribute.Read<uint>() },
                IFLA_TUN_TYPE => details with { Tap = attribute.Read<byte>() == tap },
                IFLA_TUN_PI => details with { PacketInformation = attribute.Read<byte>() != 0 },
                IFLA_TUN_VNET_HDR => details with { VnetHeader = attribute.Read<byte>() != 0 },
                IFLA_TUN_PERSIST => details with { Persistent = attribute.Read<byte>() != 0 },
                IFLA_TUN_MULTI_QUEUE => details with { MultiQueue = attribute.Read<byte>() != 0 },
                IFLA_TUN_NUM_QUEUES => details with { Queues = attribute.Read<uint>() },
                IFLA_TUN_NUM_DISABLED_QUEUES => details with { DisabledQueues = attribute.Read<uint>() },
                _ => details,
            };
        return details;
    }
}
