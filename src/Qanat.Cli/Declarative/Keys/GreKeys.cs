using Qanat.Daemon.Api;

namespace Qanat.Cli.Declarative.Keys;

/// <summary>Keys, checksums and sequence numbers, each for both ways or each way apart.</summary>
internal static class GreKeys
{
    /// <summary>The keys.</summary>
    public static IReadOnlyList<TunnelKey> All { get; } =
    [
        new(new PairKey<HostTunnel, uint>("key", Values.GreKey,
            tunnel => tunnel.Spec.Gre?.InputKey, (tunnel, key) => Gre(tunnel).InputKey = key,
            tunnel => tunnel.Spec.Gre?.OutputKey, (tunnel, key) => Gre(tunnel).OutputKey = key)
        {
            OtherNames = ["keys"],
        }, ModeSet.Keyed),
        new(new PairKey<HostTunnel, bool>("checksum", Values.Boolean,
            tunnel => tunnel.Spec.Gre?.InputChecksum ?? false, (tunnel, on) => Gre(tunnel).InputChecksum = on,
            tunnel => tunnel.Spec.Gre?.OutputChecksum ?? false, (tunnel, on) => Gre(tunnel).OutputChecksum = on), ModeSet.WithGre),
        new(new PairKey<HostTunnel, bool>("sequence", Values.Boolean,
            tunnel => tunnel.Spec.Gre?.InputSequence ?? false, (tunnel, on) => Gre(tunnel).InputSequence = on,
            tunnel => tunnel.Spec.Gre?.OutputSequence ?? false, (tunnel, on) => Gre(tunnel).OutputSequence = on), ModeSet.WithGre),
    ];

    private static GreSpec Gre(HostTunnel tunnel) => tunnel.Spec.Gre ??= new();
}
