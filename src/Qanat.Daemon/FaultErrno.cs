using Qanat.Linux;

namespace Qanat.Daemon;

/// <summary>The kernel's error number in .NET's exceptions.</summary>
internal static class FaultErrno
{
    /// <summary>
    /// The error number of a failed call. .NET keeps it in <see cref="Exception.HResult"/> of an <see cref="IOException"/>,
    /// and turns EACCES and EPERM into an <see cref="UnauthorizedAccessException"/> around one. EIO when there is none.
    /// </summary>
    public static int Errno(this Exception fault) => fault switch
    {
        LinuxException own => own.Error,
        FileNotFoundException or DirectoryNotFoundException => Linux.Errno.ENOENT,
        IOException { HResult: > 0 and < 4096 } raw => raw.HResult,
        UnauthorizedAccessException { InnerException: { } inner } => inner.Errno(),
        UnauthorizedAccessException => Linux.Errno.EACCES,
        _ => Linux.Errno.EIO,
    };
}
