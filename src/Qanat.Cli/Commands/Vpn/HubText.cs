using System.Globalization;

namespace Qanat.Cli.Commands.Vpn;

/// <summary>Times and amounts, as people read them.</summary>
internal static class HubText
{
    private static readonly string[] s_units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary><c>2030-12-31 18:00:00 UTC</c>.</summary>
    public static string Moment(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary><c>12s ago</c>, <c>3h ago</c>.</summary>
    public static string Ago(DateTimeOffset moment, DateTimeOffset now) => (now - moment) switch
    {
        { TotalSeconds: < 1 } => "now",
        { TotalMinutes: < 2 } span => $"{(int)span.TotalSeconds}s ago",
        { TotalHours: < 2 } span => $"{(int)span.TotalMinutes}m ago",
        { TotalDays: < 2 } span => $"{(int)span.TotalHours}h ago",
        var span => $"{(int)span.TotalDays}d ago",
    };

    /// <summary><c>512 B</c>, <c>1.5 MiB</c>.</summary>
    public static string Bytes(long count)
    {
        var (amount, unit) = ((double)count, 0);
        for (; amount >= 1024; amount /= 1024)
            unit++;
        return unit == 0 ? $"{count} B" : string.Create(CultureInfo.InvariantCulture, $"{amount:0.0} {s_units[unit]}");
    }

    /// <summary>Lines of columns, each as wide as its widest word.</summary>
    public static string Table(IReadOnlyList<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var lines = rows.Select(row => string.Join("  ", row.Zip(widths, (word, width) => word.PadRight(width))).TrimEnd());
        return string.Concat(lines.Select(line => $"{line}\n"));
    }
}
