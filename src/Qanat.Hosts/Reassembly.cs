using Qanat.Packets;

namespace Qanat.Hosts;

/// <summary>What both reassemblers count.</summary>
internal static class Reassembly
{
    private static readonly ReassemblyFailure[] Reasons = Enum.GetValues<ReassemblyFailure>();

    /// <summary>All failures together.</summary>
    public static long Failures(Func<ReassemblyFailure, long> failed) => Reasons.Sum(failed);
}
