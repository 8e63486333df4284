namespace Qanat.Linux;

/// <summary>A system call failed, or the kernel refused a netlink request.</summary>
/// <param name="operation">What was being done, as a user would say it: <c>open /dev/net/tun</c>.</param>
/// <param name="errno">The kernel's error number, positive.</param>
/// <param name="detail">The kernel's own words (netlink's extended ack), or what is missing, if that is known.</param>
public sealed class LinuxException(string operation, int errno, string? detail = null)
    : IOException($"{operation}: {Errno.Text(errno)}{(detail is null ? "" : $" ({detail})")}")
{
    /// <summary>What was being done.</summary>
    public string Operation { get; } = operation;

    /// <summary>The error number, positive.</summary>
    public int Error { get; } = errno;

    /// <summary>The kernel's own words, or what is missing, if that is known.</summary>
    public string? Detail { get; } = detail;
}
