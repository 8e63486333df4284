using System.Globalization;

namespace Qanat.Linux.Devices;

/// <summary>A descriptor of a TUN or TAP device, and the program that has it open.</summary>
/// <param name="Device">The device's name, in whatever namespace it is.</param>
/// <param name="ProcessId">The program's process.</param>
/// <param name="Program">The program's name, up to 15 bytes of it.</param>
public sealed record TunHolder(string Device, int ProcessId, string Program)
{
    /// <summary>
    /// Every descriptor of a device that this process may look at, in the order of /proc: a device of several queues is held
    /// once for each. Source: drivers/net/tun.c, tun_chr_show_fdinfo (<c>iff:</c>).
    /// </summary>
    public static IReadOnlyList<TunHolder> List()
    {
        List<TunHolder> holders = [];
        foreach (var process in Entries("/proc"))
            if (int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out var processId))
                foreach (var descriptor in Entries($"{process}/fd"))
                    if (IsOfDriver(descriptor) && DeviceOf($"{process}/fdinfo/{Path.GetFileName(descriptor)}") is { } device)
                        holders.Add(new(device, processId, ReadText($"{process}/comm")?.TrimEnd('\n') ?? "?"));
        return holders;
    }

    private static string[] Entries(string folder)
    {
        try
        {
            return Directory.GetFileSystemEntries(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // not ours to look at, or gone meanwhile
        }
    }

    private static bool IsOfDriver(string descriptor)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget?.EndsWith("/net/tun", StringComparison.Ordinal) is true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string? DeviceOf(string information)
    {
        foreach (var line in ReadText(information)?.Split('\n') ?? [])
            if (line.StartsWith("iff:", StringComparison.Ordinal) && line[4..].Trim() is { Length: > 0 } name)
                return name;
        return null;
    }

    private static string? ReadText(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
