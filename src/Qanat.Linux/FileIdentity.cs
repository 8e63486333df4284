using Microsoft.Win32.SafeHandles;
using static Qanat.Linux.Interop.Session;

namespace Qanat.Linux;

/// <summary>What tells one file from another, whatever their names: the device that it is on and its inode.</summary>
/// <param name="Device">The device's number, major in the upper half.</param>
/// <param name="Inode">The inode.</param>
public readonly record struct FileIdentity(ulong Device, ulong Inode)
{
    /// <summary>The file of that name, links followed (those of /proc too); null when it cannot be looked at.</summary>
    public static FileIdentity? Of(string path) => Look(AT_FDCWD, path, 0);

    /// <summary>The file that is open.</summary>
    public static FileIdentity? Of(SafeFileHandle file) => Look((int)file.DangerousGetHandle(), "", AT_EMPTY_PATH);

    private static unsafe FileIdentity? Look(int folder, string path, int flags)
    {
        statx_t stat;
        return statx(folder, path, flags, STATX_INO, &stat) == 0
            ? new((ulong)stat.stx_dev_major << 32 | stat.stx_dev_minor, stat.stx_ino)
            : null;
    }
}
