using Qanat.Linux.Devices;

namespace Qanat.Cli.Iproute2.Tuntap;

/// <summary>What a command's words say about a device.</summary>
internal sealed record TuntapRequest
{
    /// <summary>Its name; empty for the next free one.</summary>
    public string Name { get; set; } = "";

    /// <summary>TUN or TAP; null when nothing was said.</summary>
    public TunMode? Mode { get; set; }

    /// <summary>The user that it is given to. The kernel takes the lower 32 bits.</summary>
    public ulong? User { get; set; }

    /// <summary>The group that it is given to. The kernel takes the lower 32 bits.</summary>
    public ulong? Group { get; set; }

    /// <summary>Whether packets have their protocol in front.</summary>
    public bool PacketInformation { get; set; }

    /// <summary>Whether packets have a virtio-net header in front.</summary>
    public bool VnetHeader { get; set; }

    /// <summary>Whether it may have several queues.</summary>
    public bool MultiQueue { get; set; }

    /// <summary>A flag of old.</summary>
    public bool OneQueue { get; set; }

    /// <summary>How to open such a device.</summary>
    /// <exception cref="CommandFailure">The mode is missing.</exception>
    public TunOptions ToOptions(TunOpenMode open) => new()
    {
        Mode = Mode ?? throw CommandFailure.Refusal("You failed to specify a tunnel mode"),
        Open = open,
        PacketInformation = PacketInformation,
        VnetHeader = VnetHeader,
        Offloads = TunOffloads.None,
        MultiQueue = MultiQueue,
        OneQueue = OneQueue,
    };
}
