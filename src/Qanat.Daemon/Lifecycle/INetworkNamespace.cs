namespace Qanat.Daemon.Lifecycle;

/// <summary>What keeps this process's network namespace in being, the process itself aside.</summary>
internal interface INetworkNamespace : IDisposable
{
    /// <summary>The number that the kernel gave it, and gives no other until the next boot; 0 where kernels have none yet.</summary>
    ulong Cookie { get; }

    /// <summary>Its name, or <c>net:[inode]</c>.</summary>
    string Display { get; }

    /// <summary>Whether it is the one of process 1, which never ends before the machine.</summary>
    bool IsInitial { get; }

    /// <summary>Whether it has a name (<c>ip netns add</c>).</summary>
    bool HasName { get; }

    /// <summary>Whether another process is in it. True also when that cannot be seen.</summary>
    bool HasOtherProcesses { get; }
}
