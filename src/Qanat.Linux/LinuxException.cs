namespace Qanat.Linux;

/// <summary>
/// A system call failed, or the kernel refused a netlink request. The message is one line:
/// <c>attach to tun0: Device or resource busy (EBUSY): another program holds it</c>.
/// </summary>
/// <param name="operation">What was being done, as a user would say it: <c>open /dev/net/tun</c>.</param>
/// <param name="errno">The kernel's error number, positive.</param>
/// <param name="detail">The kernel's own words (netlink's extended ack), or what is missing, if that is known.</param>
/// <param name="hint">What to do about it, if that is known.</param>
public sealed class LinuxException(string operation, int errno, string? detail = null, string? hint = null)
    : IOException($"{operation}: {Errno.Text(errno)} ({Errno.Name(errno)}){After(": ", detail)}{After("; ", hint)}")
{
    /// <summary>What was being done.</summary>
    public string Operation { get; } = operation;

    /// <summary>The error number, positive.</summary>
    public int Error { get; } = errno;

    /// <summary>The error number's name: <c>EBUSY</c>.</summary>
    public string ErrorName => Errno.Name(Error);

    /// <summary>The kernel's own words, or what is missing, if that is known.</summary>
    public string? Detail { get; } = detail;

    /// <summary>What to do about it, if that is known.</summary>
    public string? Hint { get; } = hint;

    private static string After(string mark, string? words) => words is null ? "" : mark + words;
}
