using System.Globalization;
using Qanat.Linux.Privileges;

namespace Qanat.Cli.Doctor.Facts;

/// <summary>The node /dev/net/tun, and what may stand between it and a program.</summary>
internal sealed record NodeFacts
{
    /// <summary>The node itself.</summary>
    public DeviceNode Node { get; init; } = new();

    /// <summary>Whether it opens, and is the TUN driver's.</summary>
    public bool Works => Node is { OpenError: 0, IsTun: true };

    /// <summary>Where the file system that it is on is mounted, when device nodes do not count there (nodev); null otherwise.</summary>
    public string? NoDevMount { get; init; }

    /// <summary>The folder of this process's group in the devices hierarchy (cgroup v1); null with cgroup v2.</summary>
    public string? DeviceGroup { get; init; }

    /// <summary>The devices that the group may use, as devices.list has them; null with cgroup v2.</summary>
    public string? AllowedDevices { get; init; }

    /// <summary>Whether the kernel has the driver loaded or built in (/proc/misc).</summary>
    public bool DriverLoaded { get; init; } = true;

    /// <summary>Whether the module is installed where modprobe looks; null when there is no list of modules.</summary>
    public bool? ModuleInstalled { get; init; }

    /// <summary>Reads them.</summary>
    public static NodeFacts Read(SystemFiles files, string release)
    {
        var group = GroupOf(files.Lines("proc/self/cgroup"));
        var node = DeviceNode.Read();
        return new()
        {
            Node = node,
            NoDevMount = NoDev(files.Lines("proc/self/mountinfo"), node.Path),
            DeviceGroup = group is null ? null : $"/sys/fs/cgroup/devices{group}",
            AllowedDevices = group is null ? null : string.Join(", ", files.Lines($"sys/fs/cgroup/devices{group}/devices.list")),
            DriverLoaded = files.Lines("proc/misc").Any(IsTun),
            ModuleInstalled = files.Read($"lib/modules/{release}/modules.dep")?.Contains("/tun.ko", StringComparison.Ordinal),
        };
    }

    /// <summary>The group in the hierarchy of devices: of <c>5:devices:/a/b</c> it is <c>/a/b</c>, and nothing of the root.</summary>
    internal static string? GroupOf(IEnumerable<string> lines)
    {
        foreach (var line in lines)
            if (line.Split(':', 3) is [_, var controllers, var path] && controllers.Split(',').Contains("devices"))
                return path == "/" ? "" : path;
        return null;
    }

    /// <summary>
    /// The mount point of the file system that a path is on, if it has the option nodev; the last of those that have the
    /// longest path counts, for it lies on top.
    /// </summary>
    /// <remarks>A line is <c>36 35 98:0 /root /point rw,nodev - type source options</c>: proc(5), mountinfo.</remarks>
    internal static string? NoDev(IEnumerable<string> lines, string path)
    {
        var (point, options) = ("", "");
        foreach (var line in lines)
        {
            var words = line.Split(' ');
            if (words.Length > 5 && words[4].Length >= point.Length && Holds(words[4], path))
                (point, options) = (words[4], words[5]);
        }
        return options.Split(',').Contains("nodev") ? point : null;
    }

    private static bool Holds(string point, string path) =>
        point == "/" || (path.StartsWith(point, StringComparison.Ordinal) && (path.Length == point.Length || path[point.Length] == '/'));

    // A line is "200 tun".
    private static bool IsTun(string line) =>
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [var minor, "tun"] &&
        int.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
