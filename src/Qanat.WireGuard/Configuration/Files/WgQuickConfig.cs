using Qanat.Packets;

namespace Qanat.WireGuard.Configuration;

/// <summary>
/// A file of <c>wg-quick</c>: an interface, and what surrounds it. Those of <c>wg setconf</c> are such files that say less.
/// </summary>
public sealed record WgQuickConfig
{
    /// <summary>What the file says of the interface and its peers, no more: <c>wg addconf</c>.</summary>
    public WireGuardChange Change { get; init; } = new();

    /// <summary>The interface that there is when the file alone made it: <c>wg setconf</c>.</summary>
    public WireGuardConfig Device => new WireGuardConfig().With(Change);

    /// <summary>The interface's own addresses.</summary>
    public IReadOnlyList<InterfaceAddress> Addresses { get; init; } = [];

    /// <summary>Name servers to ask while it is up.</summary>
    public IReadOnlyList<IpAddress> DnsServers { get; init; } = [];

    /// <summary>Domains to search while it is up.</summary>
    public IReadOnlyList<string> DnsSearch { get; init; } = [];

    /// <summary>The largest inner packet, in bytes; null for what the way to the peers leaves.</summary>
    public int? Mtu { get; init; }

    /// <summary>The routing table for routes to the peers.</summary>
    public RoutingTable Table { get; init; }

    /// <summary>Lines of shell to run before the interface is configured; <c>%i</c> in one is its name.</summary>
    public IReadOnlyList<string> PreUp { get; init; } = [];

    /// <summary>Lines of shell to run when it is up.</summary>
    public IReadOnlyList<string> PostUp { get; init; } = [];

    /// <summary>Lines of shell to run before it goes.</summary>
    public IReadOnlyList<string> PreDown { get; init; } = [];

    /// <summary>Lines of shell to run when it is gone.</summary>
    public IReadOnlyList<string> PostDown { get; init; } = [];

    /// <summary>True when the file is written anew, from how things are then, before the interface goes.</summary>
    public bool SaveConfig { get; init; }
}
