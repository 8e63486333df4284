namespace Qanat.Hosts;

/// <summary>
/// How often each event was. Every packet that was received is in one of them. Written by the host's worker, read by anyone.
/// </summary>
public sealed class HostCounters
{
    private readonly long[] _counts = new long[Enum.GetValues<HostEvent>().Length];

    /// <summary>Packets of which <paramref name="what"/> became.</summary>
    public long this[HostEvent what] => Volatile.Read(ref _counts[(int)what]);

    /// <summary>All packets that were received.</summary>
    public long Received
    {
        get
        {
            var sum = 0L;
            for (var i = 0; i < _counts.Length; i++)
                sum += Volatile.Read(ref _counts[i]);
            return sum;
        }
    }

    internal void Count(HostEvent what) => Volatile.Write(ref _counts[(int)what], _counts[(int)what] + 1);
}
