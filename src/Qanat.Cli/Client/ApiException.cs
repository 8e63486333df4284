using Qanat.Daemon.Api;

namespace Qanat.Cli.Client;

/// <summary>The daemon refused, or there is none and none can be started.</summary>
internal sealed class ApiException : Exception
{
    /// <summary>The daemon's refusal.</summary>
    public ApiException(ApiError error)
        : base(error.Error)
    {
        Errno = error.Errno;
        Hint = IsKernels(Errno) ? null : error.Hint;
        Detail = error.Hint;
    }

    /// <summary>An error that was found on this side.</summary>
    public ApiException(int errno, string? hint = null)
        : base(Linux.Errno.Text(errno))
    {
        Errno = errno;
        Hint = hint;
        Detail = hint;
    }

    /// <summary>The kernel's error number.</summary>
    public int Errno { get; }

    /// <summary>What to do about it, for a line of its own, or null.</summary>
    public string? Hint { get; }

    /// <summary>What the daemon said more, for whoever does not speak iproute2's words; null when it said nothing.</summary>
    public string? Detail { get; }

    // What the kernel's own tunnels, states and policies may be refused with. To these iproute2's text is the whole answer.
    private static bool IsKernels(int errno) => errno is
        Linux.Errno.EEXIST or Linux.Errno.EINVAL or Linux.Errno.E2BIG or Linux.Errno.ENOENT or Linux.Errno.ENODEV or
        Linux.Errno.ENOBUFS or Linux.Errno.ENXIO or Linux.Errno.EOPNOTSUPP or Linux.Errno.EPERM or
        Linux.Errno.ESRCH or Linux.Errno.ENOSYS or Linux.Errno.EPROTONOSUPPORT or
        Linux.Errno.EADDRINUSE or Linux.Errno.EADDRNOTAVAIL or Linux.Errno.EAFNOSUPPORT;
}
