using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Qanat.Testing;

/// <summary>The calls that .NET has no name for.</summary>
internal static partial class Native
{
    public const int SIGINT = 2, SIGKILL = 9, SIGTERM = 15;
    public const int CLONE_NEWNET = 0x40000000;
    public const int F_SETFD = 2;

    [LibraryImport("libc")]
    public static partial int kill(int pid, int signal);

    [LibraryImport("libc")]
    public static partial int setns(SafeFileHandle fd, int nstype);

    [LibraryImport("libc")]
    public static partial uint geteuid();

    [LibraryImport("libc")]
    public static partial int fcntl(int fd, int cmd, int arg);
}
