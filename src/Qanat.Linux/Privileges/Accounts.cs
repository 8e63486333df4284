using static Qanat.Linux.Interop.Pwd;

namespace Qanat.Linux.Privileges;

/// <summary>The numbers of users and groups, wherever this machine keeps them (nsswitch.conf(5)).</summary>
public static unsafe class Accounts
{
    private static readonly Lock OneAtATime = new(); // both functions answer in memory of their own

    /// <summary>The number of a user; null when there is none of that name.</summary>
    public static uint? FindUser(string name)
    {
        lock (OneAtATime)
        {
            var found = getpwnam(name);
            return found is null ? null : found->pw_uid;
        }
    }

    /// <summary>The number of a group; null when there is none of that name.</summary>
    public static uint? FindGroup(string name)
    {
        lock (OneAtATime)
        {
            var found = getgrnam(name);
            return found is null ? null : found->gr_gid;
        }
    }
}
