using System.Globalization;
using Qanat.Linux.Namespaces;

namespace Qanat.Cli.Doctor.Facts;

/// <summary>The kernel's list of file locks, /proc/locks.</summary>
internal static class LockTable
{
    /// <summary>The process that holds a lock on a file; null when none does.</summary>
    public static int? HolderOf(string path, IEnumerable<string> locks) =>
        FileIdentity.Get(path, out var file) == 0 ? HolderOf(file, locks) : null;

    /// <summary>As the other. A line is <c>1: FLOCK  ADVISORY  WRITE 708 fd:01:1234 0 EOF</c>, the device in hexadecimal.</summary>
    internal static int? HolderOf(FileIdentity file, IEnumerable<string> locks)
    {
        var device = $"{file.DeviceMajor:x2}:{file.DeviceMinor:x2}:{file.Inode}";
        foreach (var line in locks)
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, "FLOCK", _, _, var pid, var where, ..] && where == device &&
                int.TryParse(pid, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var holder))
                return holder;
        return null;
    }
}
