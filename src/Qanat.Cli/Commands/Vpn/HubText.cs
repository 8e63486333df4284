using System.Globalization;

namespace Qanat.Cli.Commands.Vpn;

/// <summary>Times and tables, as people read them.</summary>
internal static class HubText
{
    /// <summary><c>2030-12-31 18:00:00 UTC</c>.</summary>
    public static string Moment(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>Lines of columns, each as wide as its widest word.</summary>
    public static string Table(IReadOnlyList<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var lines = rows.Select(row => string.Join("  ", row.Zip(widths, (word, width) => word.PadRight(width))).TrimEnd());
        return string.Concat(lines.Select(line => $"{line}\n"));
    }
}
