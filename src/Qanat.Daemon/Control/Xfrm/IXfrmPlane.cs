namespace Qanat.Daemon.Control.Xfrm;

/// <summary>What passed a state or a policy.</summary>
/// <param name="Bytes">Bytes of inner packets.</param>
/// <param name="Packets">Packets.</param>
/// <param name="Used">When it was first used, in seconds since 1970; 0 for never.</param>
public readonly record struct XfrmUsage(ulong Bytes, ulong Packets, long Used);

/// <summary>How far the sequence numbers of a state have come.</summary>
/// <param name="Input">The highest that has arrived.</param>
/// <param name="Output">The last that was sent.</param>
/// <param name="Bitmap">Those within the window that have arrived, 32 a word; bit 0 of the first is the highest.</param>
/// <param name="TooOld">Packets below the window.</param>
/// <param name="Replayed">Packets that had arrived before.</param>
/// <param name="Failed">Packets whose integrity check failed.</param>
public sealed record XfrmReplay(ulong Input, ulong Output, IReadOnlyList<uint> Bitmap, uint TooOld, uint Replayed, uint Failed);

/// <summary>
/// The databases that packets are held against (RFC 4301, section 4.4), as the control plane sees them. One caller at a time; what it
/// says holds for the packets after the call.
/// </summary>
public interface IXfrmPlane
{
    /// <summary>A sentence about what it lacks for that state; null when it can carry it.</summary>
    string? Refusal(XfrmState state);

    /// <summary>A sentence about what it lacks for that policy; null when it can follow it.</summary>
    string? Refusal(XfrmPolicy policy);

    /// <summary>Takes a state in.</summary>
    /// <exception cref="XfrmException">Its keys are not the algorithm's.</exception>
    void Install(XfrmState state);

    /// <summary>
    /// Gives the state with that <see cref="XfrmState.Id"/> another UDP header, output mark or interface, between two packets; its
    /// sequence numbers go on.
    /// </summary>
    void Update(XfrmState state);

    /// <summary>Lets go of a state.</summary>
    void Remove(XfrmState state);

    /// <summary>Takes a policy in, in one step with letting go of the one that it stands for.</summary>
    void Install(XfrmPolicy policy, XfrmPolicy? insteadOf);

    /// <summary>Lets go of a policy.</summary>
    void Remove(XfrmPolicy policy);

    /// <summary>What passed a state that is installed.</summary>
    XfrmUsage UsageOf(XfrmState state);

    /// <summary>The sequence numbers of a state that is installed.</summary>
    XfrmReplay ReplayOf(XfrmState state);

    /// <summary>What passed a policy that is installed.</summary>
    XfrmUsage UsageOf(XfrmPolicy policy);
}
