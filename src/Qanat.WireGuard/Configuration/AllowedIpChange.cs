namespace Qanat.WireGuard.Configuration;

/// <summary>Addresses that a peer gets, or loses.</summary>
/// <param name="AllowedIp">The addresses.</param>
/// <param name="Remove">True when it loses them; those that are not its own stay where they are.</param>
public readonly record struct AllowedIpChange(AllowedIp AllowedIp, bool Remove = false)
{
    /// <summary><c>10.0.0.0/8</c>, or <c>-10.0.0.0/8</c> when they are removed.</summary>
    public override string ToString() => $"{(Remove ? "-" : "")}{AllowedIp}";
}
