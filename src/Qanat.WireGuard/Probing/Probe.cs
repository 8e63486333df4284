namespace Qanat.WireGuard;

/// <summary>How it is asked whether a size arrives.</summary>
internal enum ProbeMeans
{
    /// <summary>By a control message, which an end that is Qanat answers.</summary>
    Control,

    /// <summary>By an echo request to the peer's own address in the tunnel, which any host answers, with as many bytes.</summary>
    Echo,
}

/// <summary>A question whether a size arrives.</summary>
/// <param name="Means">How it is asked.</param>
/// <param name="Size">Bytes of the outer IP packet; <see cref="Smallest"/> for as few as there can be.</param>
/// <param name="Identifier">What the answer brings back.</param>
internal readonly record struct Probe(ProbeMeans Means, int Size, uint Identifier)
{
    /// <summary>The size of a probe that asks for an answer alone.</summary>
    public const int Smallest = 0;
}
