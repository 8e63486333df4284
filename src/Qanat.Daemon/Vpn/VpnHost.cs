using Qanat.Crypto;
using Qanat.Daemon.Vpn.Forwarding;
using Qanat.Daemon.WireGuard;
using Qanat.Daemon.WireGuard.Up;
using Qanat.Linux.Namespaces;
using Qanat.Vpn;
using Qanat.Vpn.Storage;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.Vpn;

/// <summary>The life of a network's hub: its interface, and what surrounds it, in the namespace of the calling thread.</summary>
public static class VpnHost
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20), s_patience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Brings the hub up, and keeps it until it is told to end, by command, SIGTERM, SIGINT, SIGHUP or <paramref name="cancellation"/>,
    /// or until its device or the file of its socket is removed. In every ending what was done is undone.
    /// </summary>
    /// <param name="directory">The network's directory.</param>
    /// <param name="postQuantum">Whether it makes post-quantum preshared keys, though the network does not say so.</param>
    /// <param name="say">Takes each step before it is done, and in a line why something cannot be done.</param>
    /// <param name="ready">Called when the hub is up.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The exit code: 0, or 1 when it could not begin, or not go on.</returns>
    public static async Task<int> RunAsync(
        VpnDirectory directory, bool postQuantum, Action<string> say, Action ready, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(say);
        try
        {
            using var hold = new HubHold(directory);
            using var where = NetworkNamespace.Current();
            using var network = directory.Expire();
            if (directory.Warning is { } warning)
                say(warning);
            using var will = LastWill.Make(network.Name, where);
            using var gate = new HubGate(HubScope.Of(network), where, ForwardingRecord.PathOf(network.Name), say);
            using var follower = new DirectoryFollower(directory, hold, network, TimeProvider.System);
            var run = new InterfaceRun
            {
                Name = network.Name,
                Config = ConfigOf(network),
                Companions = [gate, follower],
                PostQuantum = postQuantum || network.PostQuantum,
                Level = WireGuardHostOptions.FromEnvironment(network.Name).Level,
                Say = say,
                Ready = ready,
            };
            return await InterfaceHost.RunAsync(run, cancellation).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptoException)
        {
            say($"qanat: {fault.Message}");
            return 1;
        }
    }

    /// <summary>Takes the hub down, and what one has left that was killed.</summary>
    /// <param name="directory">The network's directory.</param>
    /// <param name="say">Takes each step, and in a line why something cannot be done.</param>
    /// <returns>The exit code: 0, or 1 when it was not up, or something could not be undone.</returns>
    /// <exception cref="VpnException">
    /// The hub is up in another network namespace; or an interface is up that a file gave its name.
    /// </exception>
    /// <exception cref="IOException">What is left cannot be taken back.</exception>
    public static async Task<int> DownAsync(VpnDirectory directory, Action<string> say)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(say);
        directory.Demand();
        using var where = NetworkNamespace.Current();
        var (name, record) = (directory.Name, ForwardingRecord.PathOf(directory.Name));
        var isHere = await IsHereAsync(directory).ConfigureAwait(false);
        if (!isHere && directory.Exists && directory.IsRun)
            throw new VpnException($"the network {name} is up in another network namespace; take it down there");
        var wasLeft = File.Exists(record);
        if (!isHere && !wasLeft && InterfaceHost.FileOf(name) is { } file)
            throw new VpnException($"the network {name} is not up: the interface {name} is that of {file}; " +
                $"qanat down {name} takes it down");
        var exitCode = isHere || !wasLeft ? await InterfaceHost.DownAsync(name, say).ConfigureAwait(false) : 0;
        if (isHere || wasLeft)
            await HubGate.TakeBackAsync(name, where, record).ConfigureAwait(false);
        for (var tries = 0; tries < 100 && directory.Exists && directory.IsRun; tries++)
            await Task.Delay(s_look).ConfigureAwait(false); // it lets go of the directory last; then there may be a next one
        return exitCode;
    }

    /// <summary>
    /// Puts the host's settings back that a hub has left which was killed, unless there is another by now. That it was up stays
    /// noted, for <see cref="DownAsync"/>.
    /// </summary>
    /// <exception cref="IOException">It cannot be taken back.</exception>
    public static async Task PutBackAsync(VpnDirectory directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        using var where = NetworkNamespace.Current();
        if (!directory.IsRun)
            await HubGate.TakeBackAsync(directory.Name, where, ForwardingRecord.PathOf(directory.Name)).ConfigureAwait(false);
    }

    // One that has just begun has noted nothing yet; whose interface answers has.
    private static async Task<bool> IsHereAsync(VpnDirectory directory)
    {
        for (var end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds; ; await Task.Delay(s_look).ConfigureAwait(false))
        {
            var isServed = UapiSocket.IsServed(directory.Name);
            if (InterfaceHost.Hubs().Contains(directory.Name))
                return true;
            if (isServed || Environment.TickCount64 >= end || !directory.Exists || !directory.IsRun)
                return false;
        }
    }

    // All peers are in the subnets, to which there is a route with the addresses.
    private static WgQuickConfig ConfigOf(VpnNetwork network) => new()
    {
        Change = WireGuardChange.Between(new(), VpnInterface.Of(network, TimeProvider.System.GetUtcNow()).Config),
        Addresses = network.Addresses,
        Mtu = network.Mtu,
        Table = RoutingTable.Off,
    };
}
