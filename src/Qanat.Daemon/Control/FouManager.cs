using Qanat.Daemon.Api;
using Qanat.Daemon.Devices;
using Qanat.Daemon.State;
using Qanat.Linux;

namespace Qanat.Daemon.Control;

/// <summary>The UDP ports that receive for tunnels, by the kernel's rules and with its error numbers (net/ipv4/fou_core.c).</summary>
/// <remarks>
/// A socket ends with the process, so that a port is opened first and saved then; a daemon that is killed in between has done
/// nothing. A removal is saved first. What cannot be opened at the start is tried again each second.
/// </remarks>
/// <param name="plane">Opens the ports; null for a data plane that cannot.</param>
/// <param name="devices">The devices that ports may be bound to.</param>
/// <param name="store">The file.</param>
/// <param name="log">The log.</param>
internal sealed class FouManager(IFouPlane? plane, ITunnelDevices devices, EntryStore<FouPort> store, DaemonLog log)
    : Keeper<FouPort>(store, log)
{
    private readonly Dictionary<FouPort, FouPortParameters> _open = []; // by what is kept; the writer's alone

    /// <summary>Every port, the newest first, as the kernel lists them.</summary>
    public FouPort[] List() => [.. Entries.Reverse()];

    /// <summary>Opens a port.</summary>
    /// <exception cref="LinuxException">
    /// EINVAL: it makes no sense. EADDRINUSE: the port is taken. EOPNOTSUPP: this data plane has no such ports. Others: the socket's.
    /// </exception>
    public Task AddAsync(FouPort port) => Alone(async () =>
    {
        var parameters = FouPorts.Parse("add fou port", port, devices);
        if (!port.Gue && parameters.Protocol == 0)
            throw new LinuxException("add fou port", Errno.EINVAL, "protocol: 1 to 255 is expected, or gue");
        if (port.Gue && port.Protocol is not null)
            throw new LinuxException("add fou port", Errno.EINVAL, "protocol and gue exclude each other");
        if (_open.Values.Any(open => open.Collides(parameters)))
            throw new LinuxException("add fou port", Errno.EADDRINUSE, $"UDP port {port.Port} receives for tunnels already");
        await Plane.OpenAsync(parameters).ConfigureAwait(false);
        var kept = FouPorts.Describe(parameters, port.Dev);
        try
        {
            Keep([.. Entries, kept]);
        }
        catch
        {
            await Plane.CloseAsync(parameters).ConfigureAwait(false);
            throw;
        }
        _open[kept] = parameters;
    });

    /// <summary>Closes a port.</summary>
    /// <exception cref="LinuxException">EINVAL: there is none that matches.</exception>
    public Task RemoveAsync(FouPort port) => Alone(async () =>
    {
        var wanted = FouPorts.Identity("delete fou port", port);
        var kept = Entries.FirstOrDefault(kept => FouPorts.Identity("delete fou port", kept) == wanted)
            ?? throw new LinuxException("delete fou port", Errno.EINVAL, $"UDP port {port.Port} does not receive for tunnels");
        Keep([.. Entries.Where(other => other != kept)]);
        await ReleaseAsync(kept).ConfigureAwait(false);
    });

    /// <inheritdoc/>
    protected override async Task EnforceAsync(bool tell)
    {
        foreach (var port in Entries.Where(port => !_open.ContainsKey(port)))
        {
            try
            {
                var parameters = FouPorts.Parse("open fou port", port, devices);
                await Plane.OpenAsync(parameters).ConfigureAwait(false);
                _open[port] = parameters;
            }
            catch (LinuxException fault)
            {
                if (tell)
                    Log.Write($"fou port {port.Port}: cannot be opened, and will be tried again: {fault.Message}");
            }
        }
    }

    /// <inheritdoc/>
    protected override Task ReleaseAsync(FouPort entry) =>
        _open.Remove(entry, out var parameters) ? Plane.CloseAsync(parameters) : Task.CompletedTask;

    private IFouPlane Plane =>
        plane ?? throw new LinuxException("fou", Errno.EOPNOTSUPP, "this data path receives no foo over UDP");
}
