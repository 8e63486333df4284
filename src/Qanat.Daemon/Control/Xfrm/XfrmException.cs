using Qanat.Linux;

namespace Qanat.Daemon.Control.Xfrm;

/// <summary>A request about states or policies was refused, as the kernel would have refused it.</summary>
/// <param name="error">The kernel's error number, positive.</param>
/// <param name="explanation">The kernel's own sentence about it (netlink's extended ack), where it has one.</param>
public sealed class XfrmException(int error, string? explanation = null) : Exception(explanation ?? Errno.Text(error))
{
    /// <summary>The error number, positive.</summary>
    public int Error { get; } = error;

    /// <summary>The kernel's own sentence about it; null when the number's text is all.</summary>
    public string? Explanation { get; } = explanation;

    internal static XfrmException Invalid(string explanation) => new(Errno.EINVAL, explanation);
}
