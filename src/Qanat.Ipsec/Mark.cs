namespace Qanat.Ipsec;

/// <summary>Which packet marks something is for (<c>struct xfrm_mark</c>): those that are <paramref name="Value"/> under <paramref name="Mask"/>.</summary>
/// <param name="Value">The mark; the kernel keeps of it what is under the mask.</param>
/// <param name="Mask">The bits that count; 0 is for every mark.</param>
public readonly record struct Mark(uint Value, uint Mask)
{
    /// <summary>What this mark is looked up with, and kept as.</summary>
    public uint Effective => Value & Mask;

    /// <summary>True when a packet with <paramref name="mark"/> is meant.</summary>
    public bool Matches(uint mark) => (mark & Mask) == Effective;
}
