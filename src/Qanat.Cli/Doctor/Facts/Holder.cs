namespace Qanat.Cli.Doctor.Facts;

/// <summary>A program that has a TUN or TAP device open.</summary>
/// <param name="Pid">Its process.</param>
/// <param name="Program">Its name (/proc/PID/comm).</param>
/// <param name="Device">The device's name.</param>
/// <param name="Descriptors">How many of its descriptors are attached.</param>
internal sealed record Holder(int Pid, string Program, string Device, int Descriptors)
{
    // As many as a busy machine has; a holder beyond them stays unseen, which the checks allow for.
    private const int MaxDescriptors = 200_000;

    /// <summary>
    /// Reads the holders of all devices: each descriptor of the node tells in /proc/PID/fdinfo which device it is attached
    /// to (<c>iff:</c>). Processes that are not ours to look at are passed over.
    /// </summary>
    /// <param name="files">Where /proc is.</param>
    /// <param name="isHere">
    /// Whether a process is in the network namespace that is looked at: devices elsewhere may have the same names.
    /// </param>
    public static IReadOnlyList<Holder> Read(SystemFiles files, Func<int, bool> isHere)
    {
        List<Holder> holders = [];
        var left = MaxDescriptors;
        foreach (var pid in files.Processes())
        {
            var devices = new Dictionary<string, int>();
            foreach (var descriptor in files.Names($"proc/{pid}/fd"))
                if (--left > 0 && files.Target($"proc/{pid}/fd/{descriptor}")?.EndsWith("/tun", StringComparison.Ordinal) is true &&
                    AttachedTo(files.Lines($"proc/{pid}/fdinfo/{descriptor}")) is { } device)
                    devices[device] = devices.GetValueOrDefault(device) + 1;
            if (devices.Count > 0 && isHere(pid))
                holders.AddRange(devices.Select(device => new Holder(pid, NameOf(files, pid), device.Key, device.Value)));
        }
        return holders;
    }

    /// <summary>The device after <c>iff:</c>; null when the descriptor has none yet.</summary>
    internal static string? AttachedTo(IEnumerable<string> information) =>
        information.FirstOrDefault(line => line.StartsWith("iff:", StringComparison.Ordinal))?[4..].Trim() is { Length: > 0 } name
            ? name
            : null;

    private static string NameOf(SystemFiles files, int pid) => files.Read($"proc/{pid}/comm")?.TrimEnd() ?? "?";
}
