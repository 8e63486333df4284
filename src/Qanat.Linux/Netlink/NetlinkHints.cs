namespace Qanat.Linux.Netlink;

/// <summary>What to do about a refusal, where its number alone tells.</summary>
internal static class NetlinkHints
{
    /// <summary>The advice; null where there is none.</summary>
    internal static string? For(int errno) => errno switch
    {
        Errno.EPERM => "it needs CAP_NET_ADMIN: run as root",
        Errno.EEXIST => "replace the one that is there, or delete it first",
        Errno.ENODEV => "see `ip link` for the devices of this network namespace",
        Errno.ENETUNREACH => "first give a device an address or a route that reaches it, or mark the gateway as onlink",
        Errno.EOPNOTSUPP => "this kernel lacks it, or its module: try modprobe, or another kernel",
        _ => null,
    };
}
