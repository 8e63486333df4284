using Qanat.Daemon.Api;

namespace Qanat.Cli.Declarative.Keys;

/// <summary>Keys, checksums and sequence numbers, each for both ways or each way apart.</summary>
internal static class GreKeys
{
    /// <summary>The keys.</summary>
    public static IReadOnlyList<TunnelKey> All { get; } =
    [
        new(new PairKey<HostTunnel>("key",
            new OptionalKey<HostTunnel, uint>("input", Values.GreKey, tunnel => tunnel.Spec.Gre?.InputKey, (tunnel, key) => Gre(tunnel).InputKey = key),
            new OptionalKey<HostTunnel, uint>(
                "output", Values.GreKey, tunnel => tunnel.Spec.Gre?.OutputKey, (tunnel, key) => Gre(tunnel).OutputKey = key))
        {
            OtherNames = ["keys"],
        }, ModeSet.Keyed),
        new(new PairKey<HostTunnel>("checksum",
            Way("input", gre => gre.InputChecksum, (gre, on) => gre.InputChecksum = on),
            Way("output", gre => gre.OutputChecksum, (gre, on) => gre.OutputChecksum = on)), ModeSet.WithGre),
        new(new PairKey<HostTunnel>("sequence",
            Way("input", gre => gre.InputSequence, (gre, on) => gre.InputSequence = on),
            Way("output", gre => gre.OutputSequence, (gre, on) => gre.OutputSequence = on)), ModeSet.WithGre),
    ];

    private static ScalarKey<HostTunnel, bool> Way(string name, Func<GreSpec, bool> get, Action<GreSpec, bool> set) =>
        new(name, Values.Boolean, tunnel => tunnel.Spec.Gre is { } gre && get(gre), (tunnel, on) => set(Gre(tunnel), on));

    private static GreSpec Gre(HostTunnel tunnel) => tunnel.Spec.Gre ??= new();
}
