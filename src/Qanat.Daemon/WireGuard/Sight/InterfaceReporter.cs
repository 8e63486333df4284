using System.Text.Json;
using Qanat.WireGuard;

namespace Qanat.Daemon.WireGuard.Sight;

/// <summary>Says how an interface and its peers fare. Belongs to the worker.</summary>
/// <param name="name">The interface.</param>
/// <param name="device">The engine.</param>
/// <param name="wire">Its sockets.</param>
/// <param name="places">Says endpoints in words.</param>
/// <param name="nameOf">What people call a peer.</param>
internal sealed class InterfaceReporter(
    string name, WireGuardDevice device, UdpWire wire, PeerPlaces places, Func<PublicKey, string?> nameOf)
{
    /// <summary>Every reason a packet may be dropped for, in kebab-case.</summary>
    public static IReadOnlyList<(DropReason Reason, string Name)> DropReasons { get; } =
        [.. Enum.GetValues<DropReason>().Select(reason => (reason, JsonNamingPolicy.KebabCaseLower.ConvertName(reason.ToString())))];

    /// <summary>How they fare now.</summary>
    /// <param name="networkNamespace">The inode of the one that the device is in.</param>
    public InterfaceReport Report(ulong networkNamespace) => new()
    {
        Interface = name,
        PublicKey = device.HasPrivateKey ? device.PublicKey.ToString() : null,
        ListenPort = wire.Port,
        FirewallMark = device.FirewallMark,
        Up = device.IsUp,
        Mtu = device.Mtu,
        Namespace = networkNamespace,
        Drops = DropsOf(device.Counters),
        Peers = [.. device.Peers.Select(Report)],
    };

    private PeerReport Report(Peer peer) => new()
    {
        PublicKey = peer.PublicKey.ToString(),
        Name = nameOf(peer.PublicKey),
        Endpoint = peer.Endpoint.IsKnown ? places.Describe(peer.Endpoint).ToString() : null,
        AllowedIps = [.. device.AllowedIpsOf(peer).Select(prefix => prefix.ToString())],
        LastHandshake = peer.LastHandshake,
        SessionAgeSeconds = device.SessionAgeOf(peer)?.TotalSeconds,
        RttSeconds = peer.Rtt?.TotalSeconds,
        PostQuantum = peer.IsPostQuantum,
        RxBytes = peer.Counters.RxBytes,
        TxBytes = peer.Counters.TxBytes,
        RxPackets = peer.Counters.RxPackets,
        TxPackets = peer.Counters.TxPackets,
        Drops = DropsOf(peer.Counters),
    };

    private static IReadOnlyDictionary<string, long> DropsOf(WireGuardCounters counters)
    {
        Dictionary<string, long>? drops = null;
        foreach (var (reason, word) in DropReasons)
            if (counters.Dropped(reason) is > 0 and var count)
                (drops ??= []).Add(word, count);
        return drops ?? InterfaceReport.Nothing;
    }
}
