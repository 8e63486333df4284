using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static Qanat.Linux.Interop.Fcntl;
using static Qanat.Linux.Interop.Unistd;

namespace Qanat.Linux;

/// <summary>What a program does that is to live on when the command that started it has ended (daemon(7)).</summary>
public static class Daemonizer
{
    /// <summary>
    /// Leaves the session and its terminal, reads nothing more, and sends what is written to standard output and standard
    /// error to the end of <paramref name="log"/> (made with mode 0600).
    /// </summary>
    /// <param name="log">The file.</param>
    /// <param name="keepError">True to leave standard error where it is.</param>
    /// <exception cref="LinuxException">The log cannot be opened; nothing was changed then.</exception>
    public static void Detach(string log, bool keepError = false)
    {
        using var nothing = Open("/dev/null", O_RDONLY);
        using var end = Open(log, O_RDWR | O_CREAT | O_APPEND);
        _ = setsid(); // fails for the leader of a process group, whom a terminal's hang-up reaches all the same
        Replace(STDIN_FILENO, nothing);
        Replace(STDOUT_FILENO, end);
        if (!keepError)
            Replace(STDERR_FILENO, end);
    }

    /// <summary>
    /// Keeps the descriptors that whoever started this program left open, locks and pipes, from those that it starts from now on. Its
    /// own have been close-on-exec from the beginning, and standard input, output and error stay as they are.
    /// </summary>
    /// <param name="but">Those that are passed on.</param>
    public static void CloseOnExec(params ReadOnlySpan<int> but)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
            if (int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var fd) &&
                fd > STDERR_FILENO && !but.Contains(fd))
                _ = fcntl(fd, F_SETFD, FD_CLOEXEC);
    }

    /// <summary>Waits until the disk has the names in a folder (fsync(2) on the folder).</summary>
    /// <exception cref="LinuxException">The folder cannot be opened or synced.</exception>
    public static void SyncDirectory(string path)
    {
        using var folder = Open(path, O_RDONLY);
        if (fsync(folder) < 0)
            throw new LinuxException($"fsync {path}", Marshal.GetLastSystemError());
    }

    private static SafeFileHandle Open(string path, int flags)
    {
        const uint ownerOnly = 0b110_000_000;
        var fd = open(path, flags | O_CLOEXEC, ownerOnly);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw new LinuxException($"open {path}", Marshal.GetLastSystemError());
    }

    private static void Replace(int fd, SafeFileHandle with)
    {
        if (dup2(with, fd) < 0)
            throw new LinuxException($"dup2 {fd}", Marshal.GetLastSystemError());
    }
}
