namespace Qanat.Packets;

/// <summary>What became of a range that was added to <see cref="FragmentRuns"/>.</summary>
internal enum RangeResult
{
    Added,
    Duplicate,
    Overlap,
    Full,
}

/// <summary>
/// Which parts of a datagram are there: ranges in order that neither touch nor overlap, so that fragments in sequence make
/// one. The reverse of RFC 815's list of holes.
/// </summary>
internal sealed class FragmentRuns
{
    /// <summary>The most ranges: enough for a datagram of the largest size that comes in 576-byte packets in any order.</summary>
    public const int Capacity = 64;

    private readonly (int Start, int End)[] _runs = new (int, int)[Capacity];
    private int _count;

    /// <summary>Forgets everything.</summary>
    public void Clear() => _count = 0;

    /// <summary>
    /// Adds the bytes from <paramref name="start"/> to before <paramref name="end"/>. Nothing changes unless the answer is
    /// Added: a range inside what is there is a duplicate, one that is there in part an overlap.
    /// </summary>
    public RangeResult Add(int start, int end)
    {
        // The runs before i end at or before the start; fragments in sequence end the search at the first step.
        var i = _count;
        while (i > 0 && _runs[i - 1].End > start)
            i--;
        if (i < _count && _runs[i].Start < end)
            return _runs[i].Start <= start && end <= _runs[i].End ? RangeResult.Duplicate : RangeResult.Overlap;

        var joinsBefore = i > 0 && _runs[i - 1].End == start;
        var joinsAfter = i < _count && _runs[i].Start == end;
        if (joinsBefore && joinsAfter)
        {
            _runs[i - 1].End = _runs[i].End;
            Array.Copy(_runs, i + 1, _runs, i, --_count - i);
        }
        else if (joinsBefore)
            _runs[i - 1].End = end;
        else if (joinsAfter)
            _runs[i].Start = start;
        else if (_count == Capacity)
            return RangeResult.Full;
        else
        {
            Array.Copy(_runs, i, _runs, i + 1, _count++ - i);
            _runs[i] = (start, end);
        }
        return RangeResult.Added;
    }
}
