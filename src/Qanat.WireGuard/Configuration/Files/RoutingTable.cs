using System.Globalization;

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

    /// <summary>Reads a table's number as <c>ip</c> does: 83, 0x53, or 0123 in octal.</summary>
    public static bool TryParseNumber(string text, out uint number)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
        if (!text.StartsWith('0'))
            return uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        ulong octal = 0;
        var valid = text.All(digit => digit is >= '0' and <= '7' && (octal = (octal << 3) + digit - '0') <= uint.MaxValue);
        number = valid ? (uint)octal : 0;
        return valid;
    }
}
