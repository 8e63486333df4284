using Qanat.Daemon.Api;
using Qanat.Daemon.State;

namespace Qanat.Daemon.Control.Xfrm;

/// <summary>A state that the daemon keeps.</summary>
/// <param name="State">The state.</param>
/// <param name="Added">When it was added, in seconds since 1970.</param>
/// <param name="Before">What had passed when the daemon began.</param>
/// <param name="Reserved">A sequence number below which any may have been sent before the next save.</param>
internal sealed record KeptState(XfrmState State, long Added, XfrmUsage Before, ulong Reserved)
{
    // What is saved ahead: a process that is killed must not send a number again, which would give AES-GCM's key away
    // (RFC 4106, section 3.1). At a million packets a second the half of it, when it is saved anew, lasts for eight seconds.
    private const ulong Ahead = 1 << 24;

    private ulong LastSequence => State.Flags.HasFlag(XfrmStateFlags.Esn) ? ulong.MaxValue : uint.MaxValue;

    /// <summary>Whether the sequence numbers come near to those that are not reserved.</summary>
    public bool NeedsMore(ulong output) => Reserved < LastSequence && output >= Reserved - (Ahead / 2);

    /// <summary>The same with sequence numbers ahead.</summary>
    public KeptState Reserve(ulong output) => this with { Reserved = output > LastSequence - Ahead ? LastSequence : output + Ahead };

    /// <summary>What passed, before the daemon began and since.</summary>
    public XfrmUsage Usage(IXfrmPlane plane) => KeptXfrm.Add(Before, plane.UsageOf(State));

    /// <summary>The state for the file.</summary>
    public XfrmStateEntry ToEntry(IXfrmPlane plane)
    {
        var ahead = State with { InputSequence = plane.ReplayOf(State).Input, OutputSequence = Reserved };
        return new(XfrmStateSpecs.Describe(ahead, XfrmWords.WithoutDevices, keys: true), KeptXfrm.Report(Usage(plane), Added));
    }

    /// <summary>The state for the API.</summary>
    public XfrmStateReport Report(IXfrmPlane plane, XfrmWords words, bool keys)
    {
        var replay = plane.ReplayOf(State);
        return new(XfrmStateSpecs.Describe(State, words, keys), KeptXfrm.Report(Usage(plane), Added),
            new(replay.Input, replay.Output, [.. replay.Bitmap], replay.TooOld, replay.Replayed, replay.Failed));
    }
}

/// <summary>A policy that the daemon keeps.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Added">When it was added, in seconds since 1970.</param>
/// <param name="Before">What had passed when the daemon began.</param>
internal sealed record KeptPolicy(XfrmPolicy Policy, long Added, XfrmUsage Before)
{
    /// <summary>What passed, before the daemon began and since.</summary>
    public XfrmUsage Usage(IXfrmPlane plane) => KeptXfrm.Add(Before, plane.UsageOf(Policy));

    /// <summary>The policy for the file.</summary>
    public XfrmPolicyEntry ToEntry(IXfrmPlane plane) =>
        new(XfrmPolicySpecs.Describe(Policy, XfrmWords.WithoutDevices), KeptXfrm.Report(Usage(plane), Added));

    /// <summary>The policy for the API.</summary>
    public XfrmPolicyReport Report(IXfrmPlane plane, XfrmWords words) =>
        new(XfrmPolicySpecs.Describe(Policy, words), KeptXfrm.Report(Usage(plane), Added));
}

/// <summary>What both have in common.</summary>
internal static class KeptXfrm
{
    /// <summary>The sum of what passed before and since.</summary>
    public static XfrmUsage Add(XfrmUsage before, XfrmUsage since) =>
        new(before.Bytes + since.Bytes, before.Packets + since.Packets, before.Used != 0 ? before.Used : since.Used);

    /// <summary>What passed, for the API and the file.</summary>
    public static XfrmUsageReport Report(XfrmUsage usage, long added) => new(usage.Bytes, usage.Packets, added, usage.Used);

    /// <summary>What the file says has passed.</summary>
    public static XfrmUsage Read(XfrmUsageReport report) => new(report.Bytes, report.Packets, report.Used);
}
