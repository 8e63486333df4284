using Qanat.Daemon.Api;
using Qanat.Daemon.State;
using Qanat.Ipsec;

namespace Qanat.Daemon.Control.Xfrm;

/// <summary>A state that the daemon keeps. The engine's part of it is looked at on the engine's thread alone.</summary>
/// <param name="Association">The engine's part.</param>
/// <param name="Limits">Its limits as they were asked for; the engine's are less by what had passed when the daemon began.</param>
/// <param name="Before">What had passed then.</param>
/// <param name="Reserved">A sequence number below which any may have been sent before the next save.</param>
internal sealed record KeptState(SecurityAssociation Association, LifetimeLimits Limits, XfrmUsageReport? Before, ulong Reserved)
{
    // What is saved ahead: after the daemon was killed the next one goes on there, for the far end drops a number that it has had. At a
    // million packets a second the half of it, when it is saved anew, lasts for eight seconds.
    private const ulong Ahead = 1 << 24;

    private ulong LastSequence => Association.HasExtendedSequence ? ulong.MaxValue : uint.MaxValue;

    /// <summary>The same, with as many sequence numbers ahead as there should be.</summary>
    public KeptState Reserve()
    {
        var output = Association.OutputSequence;
        return Reserved >= LastSequence || (Reserved > output && Reserved - output > Ahead / 2)
            ? this
            : this with { Reserved = output > LastSequence - Ahead ? LastSequence : output + Ahead };
    }

    /// <summary>The state for the file.</summary>
    public XfrmStateEntry ToEntry()
    {
        var ahead = Association.Parameters with
        {
            Limits = Limits, InputSequence = Association.InputSequence, OutputSequence = Reserved,
        };
        return new(XfrmStateSpecs.Describe(ahead, XfrmWords.WithoutDevices, keys: true), Usage());
    }

    /// <summary>The state for the API.</summary>
    public XfrmStateReport Report(XfrmWords words, bool keys) => new(
        XfrmStateSpecs.Describe(Association.Parameters with { Limits = Limits }, words, keys), Usage(),
        new(Association.InputSequence, Association.OutputSequence, Association.ReplayBitmap(),
            Association.ReplayWindowErrors, Association.Replays, Association.IntegrityFailures));

    private XfrmUsageReport Usage() => XfrmUsages.Sum(Before, Association.Lifetime);
}

/// <summary>A policy that the daemon keeps. The engine's part of it is looked at on the engine's thread alone.</summary>
/// <param name="Policy">The engine's part.</param>
/// <param name="Limits">Its limits as they were asked for; the engine's are less by what had passed when the daemon began.</param>
/// <param name="Before">What had passed then.</param>
internal sealed record KeptPolicy(SecurityPolicy Policy, LifetimeLimits Limits, XfrmUsageReport? Before)
{
    /// <summary>The policy for the file.</summary>
    public XfrmPolicyEntry ToEntry() => new(Describe(XfrmWords.WithoutDevices), XfrmUsages.Sum(Before, Policy.Lifetime));

    /// <summary>The policy for the API.</summary>
    public XfrmPolicyReport Report(XfrmWords words) => new(Describe(words), XfrmUsages.Sum(Before, Policy.Lifetime));

    private XfrmPolicySpec Describe(XfrmWords words) => XfrmPolicySpecs.Describe(Policy.Parameters with { Limits = Limits }, words);
}

/// <summary>What passed in the life of a daemon, and in the lives before.</summary>
internal static class XfrmUsages
{
    /// <summary>The sum of what passed before, if anything did, and since.</summary>
    public static XfrmUsageReport Sum(XfrmUsageReport? before, Lifetime since)
    {
        var used = since.Used?.ToUnixTimeSeconds() ?? 0;
        return before is null
            ? new(since.Bytes, since.Packets, since.Added.ToUnixTimeSeconds(), used)
            : new(before.Bytes + since.Bytes, before.Packets + since.Packets, before.Added, before.Used != 0 ? before.Used : used);
    }

    /// <summary>What is left of limits after that has passed.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="passed">What has passed.</param>
    /// <param name="now">Now, in seconds since 1970.</param>
    public static LifetimeLimits Left(LifetimeLimits limits, XfrmUsageReport passed, long now) => limits with
    {
        SoftBytes = Less(limits.SoftBytes, passed.Bytes),
        HardBytes = Less(limits.HardBytes, passed.Bytes),
        SoftPackets = Less(limits.SoftPackets, passed.Packets),
        HardPackets = Less(limits.HardPackets, passed.Packets),
        SoftAddSeconds = SecondsLeft(limits.SoftAddSeconds, passed.Added, now),
        HardAddSeconds = SecondsLeft(limits.HardAddSeconds, passed.Added, now),
        SoftUseSeconds = passed.Used == 0 ? limits.SoftUseSeconds : SecondsLeft(limits.SoftUseSeconds, passed.Used, now),
        HardUseSeconds = passed.Used == 0 ? limits.HardUseSeconds : SecondsLeft(limits.HardUseSeconds, passed.Used, now),
    };

    private static ulong Less(ulong limit, ulong passed) => limit == LifetimeLimits.Infinite ? limit : limit - Math.Min(limit, passed);

    // At least one: 0 would be no limit.
    private static ulong SecondsLeft(ulong limit, long since, long now) =>
        limit == 0 ? 0 : Math.Max(1, limit - Math.Min(limit, (ulong)Math.Max(0, now - since)));
}
