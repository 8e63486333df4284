using System.Globalization;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.WireGuard.Up;

/// <summary>
/// The routing tables that have names, as <c>ip</c> knows them: from <c>rt_tables</c> and the files <c>*.conf</c> in
/// <c>rt_tables.d</c>, the administrator's before the distribution's.
/// </summary>
/// <param name="folders">Where both are, the administrator's first.</param>
internal sealed class RoutingTables(params string[] folders)
{
    private const string Names = "rt_tables";

    private static readonly Dictionary<string, uint> s_kernels = new() { ["default"] = 253, ["main"] = 254, ["local"] = 255 };

    /// <summary>The host's.</summary>
    public static RoutingTables OfHost { get; } = new("/etc/iproute2", "/usr/share/iproute2");

    /// <summary>The number of a table; null when there is none of that name, and it is no number.</summary>
    /// <param name="text">A name or, where nobody has it for a name, a number.</param>
    public uint? Find(string text)
    {
        foreach (var file in Files())
            if (FindIn(file, text) is { } named)
                return named;
        return s_kernels.TryGetValue(text, out var number) || RoutingTable.TryParseNumber(text, out number) ? number : null;
    }

    // Of files of one name the first alone counts.
    private IEnumerable<string> Files() =>
    [
        .. folders.Select(folder => Path.Combine(folder, Names)).Where(File.Exists).Take(1),
        .. folders.Select(folder => Path.Combine(folder, $"{Names}.d")).Where(Directory.Exists).SelectMany(Directory.EnumerateFiles)
            .Where(file => Path.GetFileName(file) is [not '.', ..] name && name.EndsWith(".conf", StringComparison.Ordinal))
            .DistinctBy(Path.GetFileName),
    ];

    private static uint? FindIn(string file, string name)
    {
        foreach (var line in File.ReadLines(file))
            if (line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is [[not '#', ..] value, var known, ..] &&
                known == name && TryParse(value, out var number))
                return number;
        return null;
    }

    // Unlike on a command line, a number that begins with 0 is decimal here.
    private static bool TryParse(string text, out uint number) => text.StartsWith("0x", StringComparison.Ordinal)
        ? RoutingTable.TryParseNumber(text, out number)
        : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
