using Qanat.Tunnels;

namespace Qanat.Daemon;

/// <summary>
/// The part of the daemon that moves packets, as the control plane sees it. Its work happens on a worker's own thread;
/// each call here is queued to that thread and completes when the worker has done it.
/// </summary>
public interface IDataPlane : IAsyncDisposable
{
    /// <summary>
    /// The device of a tunnel was deleted underneath us (its index). Raised on any thread, on which handlers do not
    /// linger. The control plane answers with <see cref="RemoveAsync"/>.
    /// </summary>
    event Action<int>? DeviceGone;

    /// <summary>
    /// The device of a tunnel has a new name (its index, the name). Raised on any thread, on which handlers do not linger.
    /// </summary>
    event Action<int, string>? DeviceRenamed;

    /// <summary>
    /// The device of a tunnel has come up, or was up when the tunnel was attached to it (its index). Raised on any thread, on which
    /// handlers do not linger.
    /// </summary>
    event Action<int>? DeviceReady;

    /// <summary>The offloads and fast paths that were found, each with <c>on</c> or <c>off</c> and why; for people.</summary>
    IReadOnlyDictionary<string, string> Features { get; }

    /// <summary>Outer packets that no tunnel is charged with.</summary>
    StrayPackets Strays { get; }

    /// <summary>Attaches to the persistent TUN device <paramref name="name"/> and starts to move its packets.</summary>
    /// <exception cref="Qanat.Linux.LinuxException">The device or a socket could not be opened; nothing is kept then.</exception>
    Task<Tunnel> AddAsync(int index, string name, TunnelParameters parameters);

    /// <summary>Gives a running tunnel new parameters, between two packets.</summary>
    Task ChangeAsync(Tunnel tunnel, TunnelParameters parameters);

    /// <summary>Stops moving the packets of a tunnel and lets go of its device, which stays.</summary>
    Task RemoveAsync(Tunnel tunnel);

    /// <summary>True when it can move the packets of such tunnels.</summary>
    bool Carries(TunnelMode mode);
}

/// <summary>Outer packets that came in and belong to no tunnel, since the daemon began.</summary>
/// <param name="NoTunnel">Those that no tunnel wanted; each was answered with port unreachable, within the limits of ICMP.</param>
/// <param name="Malformed">Those that were no IPv4 packets.</param>
public readonly record struct StrayPackets(long NoTunnel, long Malformed);
