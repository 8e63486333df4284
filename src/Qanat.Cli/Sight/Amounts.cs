using System.Globalization;

namespace Qanat.Cli.Sight;

/// <summary>Numbers as people read them.</summary>
internal static class Amounts
{
    /// <summary>Bytes: <c>92 B</c>, <c>1.45 KiB</c>, as <c>wg show</c> has them.</summary>
    public static string Bytes(double bytes) => Scale(bytes, 1024, "B", "KiB", "MiB", "GiB", "TiB", "PiB");

    /// <summary>A rate: <c>1.20 Mbit/s</c>; <c>-</c> when it is not known.</summary>
    public static string Rate(double? bytesPerSecond) =>
        bytesPerSecond is { } known ? Scale(8 * known, 1000, "bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s") : "-";

    /// <summary>A round trip: <c>12.3 ms</c>; <c>-</c> when it is not known.</summary>
    public static string Rtt(double? seconds) => seconds is { } known
        ? string.Create(CultureInfo.InvariantCulture, $"{known * 1000:0.0##} ms")
        : "-";

    /// <summary>How long ago something was: <c>12s</c>, <c>3m</c>, <c>never</c>; a clock that went back makes it <c>0s</c>.</summary>
    public static string Ago(DateTimeOffset? then, DateTimeOffset now)
    {
        if (then is null)
            return "never";
        var age = now - then.Value;
        return age < TimeSpan.Zero ? "0s"
            : age.TotalSeconds < 100 ? $"{(int)age.TotalSeconds}s"
            : age.TotalMinutes < 100 ? $"{(int)age.TotalMinutes}m"
            : age.TotalHours < 100 ? $"{(int)age.TotalHours}h"
            : $"{(int)age.TotalDays}d";
    }

    /// <summary>How long ago a handshake was, marked when the session is under a post-quantum key: <c>12s pq</c>.</summary>
    public static string Handshake(DateTimeOffset? then, bool isPostQuantum, DateTimeOffset now) =>
        isPostQuantum ? $"{Ago(then, now)} pq" : Ago(then, now);

    private static string Scale(double amount, double step, params ReadOnlySpan<string> units)
    {
        var unit = 0;
        for (; amount >= step && unit < units.Length - 1; unit++)
            amount /= step;
        return unit == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{amount:0} {units[0]}")
            : string.Create(CultureInfo.InvariantCulture, $"{amount:0.00} {units[unit]}");
    }
}
