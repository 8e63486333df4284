using static Qanat.Linux.Interop.Resource;

namespace Qanat.Linux.Privileges;

/// <summary>How many files a process may have open (RLIMIT_NOFILE, <c>ulimit -n</c>).</summary>
public static unsafe class DescriptorLimit
{
    /// <summary>The limit that is in force.</summary>
    public static ulong Current => Read().rlim_cur;

    /// <summary>Raises the limit to the most that this process may have without asking root; where it may not, it stays.</summary>
    public static void Raise()
    {
        var limit = Read();
        if (limit.rlim_cur >= limit.rlim_max)
            return;
        limit.rlim_cur = limit.rlim_max;
        _ = setrlimit64(RLIMIT_NOFILE, &limit);
    }

    private static rlimit64 Read()
    {
        rlimit64 limit = default;
        _ = getrlimit64(RLIMIT_NOFILE, &limit);
        return limit;
    }
}
