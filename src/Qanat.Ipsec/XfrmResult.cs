namespace Qanat.Ipsec;

/// <summary>What came of a change to the databases: 0, or the error number that the kernel answers (asm-generic/errno.h).</summary>
public enum XfrmCode
{
    /// <summary>It is done.</summary>
    Success = 0,

    /// <summary>There is no such policy.</summary>
    ENOENT = 2,

    /// <summary>There is no such state.</summary>
    ESRCH = 3,

    /// <summary>It is there already.</summary>
    EEXIST = 17,

    /// <summary>What was asked for makes no sense.</summary>
    EINVAL = 22,

    /// <summary>There is no such algorithm.</summary>
    ENOSYS = 38,

    /// <summary>A protocol or mode that is not carried.</summary>
    EPROTONOSUPPORT = 93,
}

/// <summary>What came of a change to the databases.</summary>
/// <param name="Code">The kernel's error number.</param>
/// <param name="Detail">What is wrong, in the kernel's own words where it has some.</param>
public readonly record struct XfrmResult(XfrmCode Code, string? Detail = null)
{
    /// <summary>It is done.</summary>
    public static XfrmResult Success => default;

    /// <summary>True when it is done.</summary>
    public bool Succeeded => Code == XfrmCode.Success;
}
