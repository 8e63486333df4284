using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Qanat.Daemon.Control.Xfrm;
using Qanat.Linux;

namespace Qanat.Daemon.Api;

/// <summary>Errors, from exceptions to HTTP.</summary>
internal static class ApiErrors
{
    /// <summary>What is answered to a request that failed with this exception.</summary>
    public static (int Status, ApiError Error) From(Exception fault) => fault switch
    {
        LinuxException kernel => (Status(kernel.Error), new(kernel.Error, Errno.Text(kernel.Error), kernel.Detail ?? kernel.Operation)),
        XfrmException xfrm => (Status(xfrm.Error), new(xfrm.Error, Errno.Text(xfrm.Error), xfrm.Explanation)),
        BadHttpRequestException bad => (bad.StatusCode, Create(Errno.EINVAL, bad.Message)),
        JsonException json => (StatusCodes.Status400BadRequest, Create(Errno.EINVAL, json.Message)),
        _ => (StatusCodes.Status500InternalServerError, Create(Errno.Of(fault), "the daemon's log says more")),
    };

    /// <summary>An error with the kernel's text for its number.</summary>
    public static ApiError Create(int errno, string hint) => new(errno, Errno.Text(errno), hint);

    /// <summary>Writes an error as the answer.</summary>
    public static Task WriteAsync(HttpContext context, int status, ApiError error)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(error, ApiJson.Default.ApiError, cancellationToken: context.RequestAborted);
    }

    private static int Status(int errno) => errno switch
    {
        Errno.EINVAL or Errno.E2BIG => StatusCodes.Status400BadRequest,
        Errno.EPERM or Errno.EACCES => StatusCodes.Status403Forbidden,
        Errno.ENODEV or Errno.ENOENT or Errno.ENXIO or Errno.ESRCH => StatusCodes.Status404NotFound,
        Errno.EEXIST or Errno.ENOBUFS => StatusCodes.Status409Conflict,
        Errno.EOPNOTSUPP or Errno.EPROTONOSUPPORT or Errno.ENOSYS => StatusCodes.Status422UnprocessableEntity,
        Errno.EAGAIN => StatusCodes.Status503ServiceUnavailable,
        Errno.ENOSPC or Errno.EROFS => StatusCodes.Status507InsufficientStorage,
        _ => StatusCodes.Status500InternalServerError,
    };
}
