using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static Qanat.Linux.Interop.Stat;

namespace Qanat.Linux.Namespaces;

/// <summary>What tells one file from every other: two paths to one namespace have the same.</summary>
/// <param name="DeviceMajor">Major number of the device that it is on.</param>
/// <param name="DeviceMinor">Minor number of that device.</param>
/// <param name="Inode">Its number there.</param>
public readonly unsafe record struct FileIdentity(uint DeviceMajor, uint DeviceMinor, ulong Inode)
{
    /// <summary>That of an open file.</summary>
    /// <exception cref="LinuxException">It cannot be had.</exception>
    public static FileIdentity Of(SafeFileHandle file)
    {
        statx_t status;
        var error = statx((int)file.DangerousGetHandle(), "", AT_EMPTY_PATH, STATX_INO, &status) == 0 ? 0 : Marshal.GetLastSystemError();
        return error == 0 ? From(status) : throw new LinuxException("stat an open file", error);
    }

    /// <summary>That of the file at a path, links followed.</summary>
    /// <returns>0, or why it cannot be had.</returns>
    public static int Get(string path, out FileIdentity identity)
    {
        statx_t status;
        var error = statx(AT_FDCWD, path, 0, STATX_INO, &status) == 0 ? 0 : Marshal.GetLastSystemError();
        identity = error == 0 ? From(status) : default;
        return error;
    }

    private static FileIdentity From(in statx_t status) => new(status.stx_dev_major, status.stx_dev_minor, status.stx_ino);
}
