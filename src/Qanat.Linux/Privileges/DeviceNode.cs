using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static Qanat.Linux.Interop.Fcntl;
using static Qanat.Linux.Interop.Stat;

namespace Qanat.Linux.Privileges;

/// <summary>The node that TUN and TAP devices are made through: what it is, and whether it opens.</summary>
public sealed unsafe record DeviceNode
{
    /// <summary>Where it is unless told otherwise.</summary>
    public const string TunPath = "/dev/net/tun";

    /// <summary>Its path.</summary>
    public string Path { get; init; } = TunPath;

    /// <summary>0, or why nothing can be told of it: ENOENT when it is missing.</summary>
    public int StatError { get; init; }

    /// <summary>True when it is a character device.</summary>
    public bool IsCharacterDevice { get; init; } = true;

    /// <summary>The driver's major number.</summary>
    public uint Major { get; init; } = 10;

    /// <summary>The minor number.</summary>
    public uint Minor { get; init; } = 200;

    /// <summary>Its permissions, the lower nine bits of st_mode.</summary>
    public int Mode { get; init; } = 0b110_110_110;

    /// <summary>The user that it belongs to.</summary>
    public uint Owner { get; init; }

    /// <summary>The group that it belongs to.</summary>
    public uint Group { get; init; }

    /// <summary>
    /// 0, or why it does not open for reading and writing: ENOENT missing, EACCES no right, or a file system that is mounted
    /// nodev, EPERM the device cgroup, ENODEV and ENXIO no driver.
    /// </summary>
    public int OpenError { get; init; }

    /// <summary>True when it has the numbers of the TUN driver: 10, 200 (Documentation/admin-guide/devices.txt).</summary>
    public bool IsTun => IsCharacterDevice && (Major, Minor) == (10, 200);

    /// <summary>Looks at a node, and opens and closes it, which may have the kernel load the driver.</summary>
    public static DeviceNode Read(string path = TunPath)
    {
        statx_t status;
        var error = statx(AT_FDCWD, path, 0, STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID, &status) == 0
            ? 0
            : Marshal.GetLastSystemError();
        if (error != 0)
            return new() { Path = path, StatError = error, OpenError = error };
        return new()
        {
            Path = path,
            IsCharacterDevice = (status.stx_mode & S_IFMT) == S_IFCHR,
            Major = status.stx_rdev_major,
            Minor = status.stx_rdev_minor,
            Mode = status.stx_mode & 0x1FF,
            Owner = status.stx_uid,
            Group = status.stx_gid,
            OpenError = TryOpen(path),
        };
    }

    private static int TryOpen(string path)
    {
        var descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC, 0);
        if (descriptor < 0)
            return Marshal.GetLastSystemError();
        new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
        return 0;
    }
}
