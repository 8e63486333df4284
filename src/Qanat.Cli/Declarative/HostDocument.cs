using Qanat.Daemon.Api;

namespace Qanat.Cli.Declarative;

/// <summary>The tunnels of a host and what they need beside them: as a file wants them, or as they are.</summary>
internal sealed record HostDocument
{
    /// <summary>The UDP ports that receive for tunnels.</summary>
    public IReadOnlyList<FouPort> FouPorts { get; init; } = [];

    /// <summary>The tunnels of L2TP, which have sessions.</summary>
    public IReadOnlyList<L2tpTunnel> L2tpTunnels { get; init; } = [];

    /// <summary>The tunnels, each of which has a device.</summary>
    public IReadOnlyList<HostTunnel> Tunnels { get; init; } = [];
}
