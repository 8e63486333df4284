namespace Qanat.WireGuard;

/// <summary>What became of a message of a <see cref="KeyExchange"/>.</summary>
internal enum ExchangeVerdict
{
    /// <summary>It is genuine and new.</summary>
    Accepted,

    /// <summary>It was accepted before: the answer to it was lost.</summary>
    Repeated,

    /// <summary>Its length is wrong, or the key in it is none.</summary>
    Malformed,

    /// <summary>Nobody asked for it, or not any longer.</summary>
    Unexpected,

    /// <summary>It comes too soon after the one before.</summary>
    TooSoon,

    /// <summary>Its code is wrong: who sent it has not got the key.</summary>
    Forged,
}
