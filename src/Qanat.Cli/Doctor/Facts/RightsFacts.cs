using Qanat.Linux.Privileges;

namespace Qanat.Cli.Doctor.Facts;

/// <summary>Who we are, and what that lets us do here.</summary>
internal sealed record RightsFacts
{
    /// <summary>CAP_NET_ADMIN, in this network namespace.</summary>
    public Grant NetAdmin { get; init; }

    /// <summary>CAP_NET_RAW, in this network namespace.</summary>
    public Grant NetRaw { get; init; }

    /// <summary>Whether the effective user is 0, though perhaps of a user namespace.</summary>
    public bool IsRoot { get; init; } = true;

    /// <summary>Whether users are mapped: we are in another user namespace than the first.</summary>
    public bool InUserNamespace { get; init; }

    /// <summary>What kind of container we are in, as far as it leaves traces: <c>docker</c>; null for none.</summary>
    public string? Container { get; init; }

    /// <summary>Reads them.</summary>
    public static RightsFacts Read(SystemFiles files) => new()
    {
        NetAdmin = Preflight.Ask(Capability.NetAdmin),
        NetRaw = Preflight.Ask(Capability.NetRaw),
        IsRoot = EffectiveUser(files.Lines("proc/thread-self/status")) == "0",
        InUserNamespace = IsMapped(files.Read("proc/self/uid_map")),
        Container = ContainerKind(files),
    };

    /// <summary>The second number of the line <c>Uid: real effective saved filesystem</c>.</summary>
    internal static string? EffectiveUser(IEnumerable<string> status) =>
        status.FirstOrDefault(line => line.StartsWith("Uid:", StringComparison.Ordinal))?.Split('\t', ' ') is [_, _, var user, ..]
            ? user
            : null;

    /// <summary>False for the first user namespace alone, whose map is <c>0 0 4294967295</c>.</summary>
    internal static bool IsMapped(string? map) =>
        map?.Split((char[])[' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries) is not null and not ["0", "0", "4294967295"];

    /// <summary>The traces that container managers leave.</summary>
    internal static string? ContainerKind(SystemFiles files)
    {
        if (files.Exists(".dockerenv"))
            return "docker";
        if (files.Exists("run/.containerenv"))
            return "podman";
        if (files.Read("run/systemd/container") is { } kind && kind.Trim() is { Length: > 0 and < 64 } name)
            return name;
        var groups = files.Read("proc/1/cgroup") ?? "";
        return Array.Find((string[])["kubepods", "docker", "lxc", "libpod"], word => groups.Contains($"/{word}", StringComparison.Ordinal));
    }
}
