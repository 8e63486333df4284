namespace Qanat.Packets;

/// <summary>
/// Explicit congestion notification through a tunnel (RFC 6040; include/net/inet_ecn.h). The arguments are whole TOS bytes.
/// </summary>
public static class EcnPropagation
{
    /// <summary>The two bits.</summary>
    public const int Mask = 3;

    /// <summary>
    /// The outer TOS: the bits of <paramref name="tos"/> with the inner packet's ECN, where CE becomes ECT(0), so that
    /// congestion met inside is not reported by the outer path again.
    /// </summary>
    /// <param name="tos">What the outer header has beside ECN.</param>
    /// <param name="inner">That of the inner packet.</param>
    public static byte Encapsulate(byte tos, byte inner) =>
        With(tos, Of(inner) == Ecn.Ce ? Ecn.Ect0 : Of(inner));

    /// <summary>
    /// The inner TOS after decapsulation. False when the packet must be dropped: the outer header says CE and the inner
    /// sender does not understand ECN.
    /// </summary>
    /// <param name="outer">That of the outer header.</param>
    /// <param name="inner">That of the inner packet.</param>
    /// <param name="result">What the inner packet goes on with; as it was when the packet must be dropped.</param>
    public static bool TryDecapsulate(byte outer, byte inner, out byte result)
    {
        result = inner;
        if (Of(inner) == Ecn.NotEct)
            return Of(outer) != Ecn.Ce;
        if (Of(outer) == Ecn.Ce)
            result = With(inner, Ecn.Ce);
        else if (Of(outer) == Ecn.Ect1 && Of(inner) == Ecn.Ect0)
            result = With(inner, Ecn.Ect1);
        return true;
    }

    private static Ecn Of(byte tos) => (Ecn)(tos & Mask);

    private static byte With(byte tos, Ecn ecn) => (byte)((tos & ~Mask) | (int)ecn);
}
