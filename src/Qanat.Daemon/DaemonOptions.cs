using Qanat.Daemon.Control.Xfrm;
using Qanat.Daemon.DataPlane;

namespace Qanat.Daemon;

/// <summary>How a daemon is to run: the words of <c>qanat daemon</c>.</summary>
public sealed record DaemonOptions
{
    /// <summary>How long a daemon that a command started stays when it keeps no tunnel.</summary>
    public static TimeSpan DefaultIdleExit { get; } = TimeSpan.FromSeconds(3);

    /// <summary>Where its files are.</summary>
    public DaemonPaths Paths { get; init; } = DaemonPaths.ForThisNamespace();

    /// <summary>
    /// Started by a command: once it is ready it leaves the terminal, logs to <see cref="DaemonPaths.Log"/>, and ends after
    /// <see cref="DefaultIdleExit"/> unless <see cref="IdleExit"/> says otherwise. Until then failures go to standard error.
    /// </summary>
    public bool Background { get; init; }

    /// <summary>Removes the devices at the end, which otherwise stay for the next daemon to take up.</summary>
    public bool RemoveDevices { get; init; }

    /// <summary>Ends by itself after so long without a tunnel or a request; null leaves that to <see cref="Background"/>.</summary>
    public TimeSpan? IdleExit { get; init; }

    /// <summary>Makes the plane of IPsec states and policies.</summary>
    public Func<IXfrmPlane> XfrmPlane { get; init; } = () => new IdleXfrmPlane(TimeProvider.System);

    /// <summary>Makes the data plane.</summary>
    public Func<DaemonLog, IDataPlane> DataPlane { get; init; } = log => new UserDataPlane(log);
}
