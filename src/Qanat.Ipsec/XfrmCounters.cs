namespace Qanat.Ipsec;

/// <summary>Packets that went no further, by reason. Written by one worker alone, read by anyone.</summary>
public sealed class XfrmCounters
{
    private readonly long[] _counts = new long[Enum.GetValues<XfrmReason>().Length];

    /// <summary>Packets that went no further for <paramref name="reason"/>.</summary>
    public long this[XfrmReason reason] => Volatile.Read(ref _counts[(int)reason]);

    internal void Count(XfrmReason reason) => _counts[(int)reason]++;
}
