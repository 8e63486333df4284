namespace Qanat.WireGuard.Configuration;

/// <summary>Names of nftables' tables that go with interfaces.</summary>
public static class NftTable
{
    /// <summary>
    /// A table's name: <c>qanat-wg0</c>. An interface's may have <c>=</c> and <c>+</c>, which nft takes in no name (scanner.l); they
    /// become <c>/e</c> and <c>/p</c>, which an interface's cannot have.
    /// </summary>
    /// <param name="kind">What the table is for, or whose it is.</param>
    /// <param name="device">The interface.</param>
    public static string NameOf(string kind, string device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return $"{kind}-{device.Replace("=", "/e", StringComparison.Ordinal).Replace("+", "/p", StringComparison.Ordinal)}";
    }
}
