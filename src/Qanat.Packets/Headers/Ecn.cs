namespace Qanat.Packets;

/// <summary>The explicit congestion notification field: the two low bits of TOS or traffic class (RFC 3168, 5).</summary>
public enum Ecn : byte
{
    /// <summary>The transport does not know ECN.</summary>
    NotEct = 0,

    /// <summary>ECN-capable transport, ECT(1).</summary>
    Ect1 = 1,

    /// <summary>ECN-capable transport, ECT(0).</summary>
    Ect0 = 2,

    /// <summary>Congestion experienced.</summary>
    Ce = 3,
}
