using System.Text.Json;
using Qanat.Daemon.Api;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>A tunnel's counters as the API and the metrics give them.</summary>
internal static class CounterReports
{
    private static readonly (DropReason Reason, string Name)[] Reasons =
        [.. Enum.GetValues<DropReason>().Select(reason => (reason, JsonNamingPolicy.KebabCaseLower.ConvertName(reason.ToString())))];

    /// <summary>Every reason a packet may be dropped for, in kebab-case.</summary>
    public static IReadOnlyList<(DropReason Reason, string Name)> DropReasons => Reasons;

    /// <summary>The counters now; all zero for a tunnel that does not run.</summary>
    public static CounterReport Of(Tunnel? tunnel)
    {
        if (tunnel?.Counters is not { } counters)
            return new(0, 0, 0, 0, 0, 0, 0, new Dictionary<string, long>());
        var drops = from reason in Reasons
                    let count = counters.Dropped(reason.Reason)
                    where count != 0
                    select KeyValuePair.Create(reason.Name, count);
        return new(
            Volatile.Read(ref counters.RxPackets), Volatile.Read(ref counters.RxBytes), Volatile.Read(ref counters.RxErrors),
            Volatile.Read(ref counters.RxMulticast), Volatile.Read(ref counters.TxPackets), Volatile.Read(ref counters.TxBytes),
            Volatile.Read(ref counters.TxErrors),
            new Dictionary<string, long>(drops));
    }
}
