using Qanat.Daemon.Api;

namespace Qanat.Cli.Client;

/// <summary>Tunnels to remove, to change and to add.</summary>
internal sealed record TunnelBatch
{
    /// <summary>Names of tunnels that are to go.</summary>
    public IReadOnlyList<string> Remove { get; init; } = [];

    /// <summary>New parameters for tunnels that exist.</summary>
    public IReadOnlyList<TunnelSpec> Change { get; init; } = [];

    /// <summary>Tunnels to make.</summary>
    public IReadOnlyList<TunnelSpec> Add { get; init; } = [];
}
