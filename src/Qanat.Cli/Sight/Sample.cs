using Qanat.Daemon.Api;
using Qanat.Daemon.WireGuard.Sight;

namespace Qanat.Cli.Sight;

/// <summary>How things are at a moment.</summary>
/// <param name="Interfaces">What the WireGuard interfaces answered.</param>
/// <param name="Tunnels">The daemon's tunnels.</param>
/// <param name="At">When: a timestamp of <see cref="TimeProvider"/>.</param>
internal sealed record Sample(IReadOnlyList<InterfaceAnswer> Interfaces, IReadOnlyList<TunnelReport> Tunnels, long At)
{
    /// <summary>How things are, and how fast they went.</summary>
    /// <param name="before">An earlier sample; without one there are no rates.</param>
    /// <param name="time">Whose timestamps they are.</param>
    public TopView Since(Sample? before, TimeProvider time)
    {
        var seconds = before is null ? 0 : time.GetElapsedTime(before.At, At).TotalSeconds;
        var peers = new Dictionary<(string, string), PeerReport>();
        foreach (var report in before?.Interfaces.Select(answer => answer.Report).OfType<InterfaceReport>() ?? [])
            foreach (var peer in report.Peers)
                peers[(report.Interface, peer.PublicKey)] = peer;
        var tunnels = (before?.Tunnels ?? []).DistinctBy(tunnel => tunnel.Index).ToDictionary(tunnel => tunnel.Index);
        return new(
            [.. Interfaces.Select(answer => answer.Report).OfType<InterfaceReport>().Select(WithRates)],
            [.. Interfaces.Where(answer => answer.Report is null).Select(answer => new SilentInterface(answer.Interface, answer.Reason))],
            [.. Tunnels.Select(View)]);

        InterfaceReport WithRates(InterfaceReport report) => report with
        {
            Peers =
            [
                .. report.Peers.Select(peer => peers.TryGetValue((report.Interface, peer.PublicKey), out var earlier)
                        ? peer with
                        {
                            RxBytesPerSecond = Rate(earlier.RxBytes, peer.RxBytes, seconds),
                            TxBytesPerSecond = Rate(earlier.TxBytes, peer.TxBytes, seconds),
                        }
                        : peer)
                    .OrderByDescending(peer => peer.RxBytesPerSecond + peer.TxBytesPerSecond ?? 0)
                    .ThenByDescending(peer => (UInt128)peer.RxBytes + (UInt128)peer.TxBytes)
                    .ThenBy(peer => peer.PublicKey, StringComparer.Ordinal),
            ],
        };

        TunnelView View(TunnelReport tunnel)
        {
            var (spec, now) = (tunnel.Spec, tunnel.Counters);
            var then = tunnels.GetValueOrDefault(tunnel.Index)?.Counters;
            return new(spec.Name, spec.Mode, spec.Remote, tunnel.Up, now,
                then is null ? null : Rate(then.RxBytes, now.RxBytes, seconds),
                then is null ? null : Rate(then.TxBytes, now.TxBytes, seconds));
        }
    }

    // A counter that went back belongs to another life.
    private static double? Rate(long before, long now, double seconds) => seconds > 0 && now >= before ? (now - before) / seconds : null;
}
