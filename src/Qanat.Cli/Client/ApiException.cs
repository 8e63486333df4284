using Qanat.Daemon.Api;

namespace Qanat.Cli.Client;

/// <summary>The daemon refused, or there is none and none can be started.</summary>
/// <param name="error">The error, as the daemon sends it.</param>
internal sealed class ApiException(ApiError error) : Exception(error.Error)
{
    /// <summary>An error that was found on this side.</summary>
    public ApiException(int errno, string? hint = null)
        : this(new ApiError(errno, Linux.Errno.Text(errno), hint))
    {
    }

    /// <summary>The kernel's error number.</summary>
    public int Errno { get; } = error.Errno;

    /// <summary>
    /// What to do about it, for a line of its own. The kernel's own refusals have none: their texts are iproute2's alone.
    /// </summary>
    public string? Hint { get; } = error.Errno switch
    {
        Linux.Errno.EEXIST or Linux.Errno.EINVAL or Linux.Errno.E2BIG or Linux.Errno.ENOENT or Linux.Errno.EOPNOTSUPP => null,
        _ => error.Hint,
    };
}
