namespace Qanat.Cli.Commands.Vpn;

/// <summary>Who runs this program, for audit logs.</summary>
internal static class Caller
{
    /// <summary><c>uid 0</c>, or <c>uid 0, alice by sudo</c>.</summary>
    public static string Name
    {
        get
        {
            // Uid: real, effective, saved, of the file system (proc_pid_status(5)).
            var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal));
            var user = $"uid {line.Split('\t')[1]}";
            return Environment.GetEnvironmentVariable("SUDO_USER") is { Length: > 0 } before ? $"{user}, {before} by sudo" : user;
        }
    }
}
