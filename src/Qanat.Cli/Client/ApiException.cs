using Qanat.Daemon.Api;
using Qanat.Linux;

namespace Qanat.Cli.Client;

/// <summary>The daemon refused, or there is none and none can be started.</summary>
/// <param name="error">The error, as the daemon sends it.</param>
internal sealed class ApiException(ApiError error) : Exception(error.Error)
{
    /// <summary>An error that was found on this side.</summary>
    public ApiException(int errno, string? hint = null)
        : this(new ApiError(errno, Qanat.Linux.Errno.Text(errno), hint))
    {
    }

    /// <summary>The kernel's error number.</summary>
    public int Errno { get; } = error.Errno;

    /// <summary>
    /// What to do about it, for a line of its own. The kernel's own refusals have none: their texts are iproute2's alone.
    /// </summary>
    public string? Hint { get; } = error.Errno switch
    {
        Qanat.Linux.Errno.EEXIST or Qanat.Linux.Errno.EINVAL or Qanat.Linux.Errno.E2BIG or Qanat.Linux.Errno.ENOENT or
            Qanat.Linux.Errno.EOPNOTSUPP => null,
        _ => error.Hint,
    };
}
