using System.Net;
using System.Net.Sockets;
using Qanat.Linux.Devices;
using Qanat.Linux.Ethtool;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Doctor.Facts;

/// <summary>A network device, with what the checks want to know of it.</summary>
internal sealed record Device
{
    /// <summary>The device itself.</summary>
    public required Link Link { get; init; }

    /// <summary>Its carrier, and the outer side of a tunnel.</summary>
    public required LinkDetails Details { get; init; }

    /// <summary>Its addresses.</summary>
    public IReadOnlyList<InterfaceAddress> Addresses { get; init; } = [];

    /// <summary>The processes that hold it, each once, as far as they can be seen; TUN and TAP devices alone have any.</summary>
    public IReadOnlyList<TunHolder> Holders { get; init; } = [];

    /// <summary>Packets dropped on their way to its holder while the examination lasted.</summary>
    public ulong DroppedMeanwhile { get; init; }

    /// <summary>What it does in place of the protocols above it; null when it does not say.</summary>
    public DeviceOffloads? Offloads { get; init; }

    /// <summary>Its name.</summary>
    public string Name => Link.Name;

    /// <summary>Its index.</summary>
    public int Index => Link.Index;

    /// <summary>Whether it is a TUN or a TAP.</summary>
    public bool IsTun => Link.Kind == "tun";

    /// <summary>Whether it is a TAP, or any other device with Ethernet frames inside.</summary>
    public bool IsEthernet => Link.Type == LinkType.Ethernet;

    /// <summary>Whether it is what this is all about: a TUN, a TAP or a tunnel.</summary>
    public bool IsSubject => IsTun || Details.Tunnel is not null || Link.Kind == "wireguard";

    /// <summary>Whether it is the loopback device.</summary>
    public bool IsLoopback => Link.Flags.HasFlag(LinkFlags.Loopback);

    /// <summary>Whether the layer below is there; of a TUN or TAP, whether a program holds it.</summary>
    public bool HasCarrier => Details.Carrier ?? Link.HasCarrier;

    /// <summary>Its addresses of a family, but those that the kernel gives each device by itself.</summary>
    public IEnumerable<InterfaceAddress> Configured(AddressFamily family) =>
        Addresses.Where(address => address.Address.AddressFamily == family && !address.Address.IsIPv6LinkLocal);

    /// <summary>Whether somebody gave it an address.</summary>
    public bool IsAddressed => Configured(AddressFamily.InterNetwork).Concat(Configured(AddressFamily.InterNetworkV6)).Any();

    /// <summary>Its first address of a family, to send from; null when it has none.</summary>
    public IPAddress? AddressOf(AddressFamily family) => Configured(family).FirstOrDefault()?.Address;
}
