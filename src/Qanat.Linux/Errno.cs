using System.Runtime.InteropServices;

namespace Qanat.Linux;

/// <summary>The error numbers of the kernel that Qanat looks at (asm-generic/errno.h), and their texts.</summary>
public static class Errno
{
#pragma warning disable CS1591 // the kernel's names say what they are
    public const int EPERM = 1, ENOENT = 2, ESRCH = 3, EINTR = 4, EIO = 5, ENXIO = 6, E2BIG = 7, EBADF = 9, EAGAIN = 11, ENOMEM = 12,
        EACCES = 13, EBUSY = 16, EEXIST = 17, ENODEV = 19, EINVAL = 22, ENOSPC = 28, EROFS = 30, ERANGE = 34, ENAMETOOLONG = 36,
        EBADMSG = 74, EBADFD = 77, EMSGSIZE = 90, EPROTONOSUPPORT = 93, EOPNOTSUPP = 95, EADDRINUSE = 98, EADDRNOTAVAIL = 99,
        ENETDOWN = 100, ENETUNREACH = 101, ENOBUFS = 105, ETIMEDOUT = 110, EHOSTUNREACH = 113;
#pragma warning restore CS1591

    /// <summary>The C library's text: <c>No such device</c>.</summary>
    public static string Text(int errno) => Marshal.GetPInvokeErrorMessage(errno);
}
