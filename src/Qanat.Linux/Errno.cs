using System.Runtime.InteropServices;

namespace Qanat.Linux;

/// <summary>The error numbers of the kernel that Qanat looks at (asm-generic/errno.h), their names and their texts.</summary>
public static class Errno
{
#pragma warning disable CS1591 // the kernel's names say what they are
    public const int EPERM = 1, ENOENT = 2, ESRCH = 3, EINTR = 4, EIO = 5, ENXIO = 6, E2BIG = 7, EBADF = 9, EAGAIN = 11, ENOMEM = 12,
        EACCES = 13, EFAULT = 14, EBUSY = 16, EEXIST = 17, ENODEV = 19, EINVAL = 22, EMFILE = 24, ENOTTY = 25, ENOSPC = 28, EROFS = 30,
        EPIPE = 32, ERANGE = 34, ENAMETOOLONG = 36, ENOSYS = 38, EBADMSG = 74, EBADFD = 77, EMSGSIZE = 90, EPROTONOSUPPORT = 93,
        EOPNOTSUPP = 95, EAFNOSUPPORT = 97, EADDRINUSE = 98, EADDRNOTAVAIL = 99, ENETDOWN = 100, ENETUNREACH = 101, ENOBUFS = 105,
        ETIMEDOUT = 110, EHOSTUNREACH = 113;
#pragma warning restore CS1591

    // In order, from 1 on. A dash stands for the two numbers that Linux leaves out.
    private static readonly string[] Names = (
        "EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST EXDEV ENODEV " +
        "ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG " +
        "ENOLCK ENOSYS ENOTEMPTY ELOOP - ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH ENOCSI EL2HLT EBADE EBADR EXFULL " +
        "ENOANO EBADRQC EBADSLT - EBFONT ENOSTR ENODATA ETIME ENOSR ENONET ENOPKG EREMOTE ENOLINK EADV ESRMNT ECOMM EPROTO EMULTIHOP " +
        "EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC EILSEQ ERESTART ESTRPIPE EUSERS " +
        "ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT " +
        "EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ESHUTDOWN " +
        "ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL EISNAM " +
        "EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD ENOTRECOVERABLE " +
        "ERFKILL EHWPOISON").Split(' ');

    /// <summary>The kernel's name: <c>ENODEV</c>; the number itself when it has none.</summary>
    public static string Name(int errno) =>
        errno > 0 && errno <= Names.Length && Names[errno - 1] is { Length: > 1 } name ? name : $"errno {errno}";

    /// <summary>The C library's text: <c>No such device</c>.</summary>
    public static string Text(int errno) => Marshal.GetPInvokeErrorMessage(errno);

    /// <summary>
    /// The error number of a failed call. .NET keeps it in <see cref="Exception.HResult"/> of an <see cref="IOException"/>,
    /// and turns EACCES and EPERM into an <see cref="UnauthorizedAccessException"/> around one. EIO when there is none.
    /// </summary>
    public static int Of(Exception fault) => fault switch
    {
        LinuxException own => own.Error,
        FileNotFoundException or DirectoryNotFoundException => ENOENT,
        IOException { HResult: > 0 and < 4096 } raw => raw.HResult,
        UnauthorizedAccessException { InnerException: { } inner } => Of(inner),
        UnauthorizedAccessException => EACCES,
        ArgumentException { ParamName: "path" } => ENOENT, // an empty path, as the kernel calls it
        _ => EIO,
    };
}
