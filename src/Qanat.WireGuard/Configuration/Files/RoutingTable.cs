namespace Qanat.WireGuard.Configuration;

/// <summary>The routing table that the routes to the peers go to (<c>Table</c> of wg-quick).</summary>
/// <param name="Written"><c>off</c>, <c>auto</c>, a number or a name; null when the file says nothing, which is <c>auto</c>.</param>
public readonly record struct RoutingTable(string? Written)
{
    /// <summary>No routes.</summary>
    public static RoutingTable Off => new("off");

    /// <summary>The main table; default routes to one of their own.</summary>
    public static RoutingTable Auto => new("auto");

    /// <summary>True when there shall be no routes.</summary>
    public bool IsOff => this == Off;

    /// <summary>True when routes go to the main table, and default routes to one of their own.</summary>
    public bool IsAuto => Written is null || this == Auto;
}
