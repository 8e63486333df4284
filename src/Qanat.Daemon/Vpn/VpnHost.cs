using Qanat.Daemon.WireGuard;
using Qanat.Daemon.WireGuard.Up;
using Qanat.Linux.Namespaces;
using Qanat.Linux.Netlink;
using Qanat.Vpn;
using Qanat.Vpn.Storage;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.Vpn;

/// <summary>The life of a network's hub: its interface, and what surrounds it.</summary>
public static class VpnHost
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Brings the hub up, and keeps it until SIGTERM, SIGINT or <paramref name="cancellation"/>, or until its device or the file of
    /// its socket is removed. In every ending what was done is undone. It belongs to the network namespace of the calling thread.
    /// </summary>
    /// <param name="directory">The network's directory.</param>
    /// <param name="level">How much it says on standard error.</param>
    /// <param name="ready">Called when the hub is up.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The exit code: 0, or 1 when it could not begin, or not go on; one line on standard error says why.</returns>
    /// <exception cref="VpnException">There is no such network, it is up already, or its name is another device's.</exception>
    /// <exception cref="Linux.LinuxException">The directory cannot be read or written.</exception>
    public static async Task<int> RunAsync(VpnDirectory directory, LogLevel level, Action ready, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(directory);
        using var only = directory.TakeHub();
        using var where = NetworkNamespace.Current();
        RefuseOtherDevice(directory.Name);
        using var network = directory.Expire();
        using var gate = new HubGate(HubScope.Of(network), where, RecordOf(network.Name));
        using var follower = new DirectoryFollower(directory, network, TimeProvider.System);
        var run = new InterfaceRun
        {
            Name = network.Name,
            Config = new()
            {
                Change = WireGuardChange.Between(new(), VpnInterface.Of(network, TimeProvider.System.GetUtcNow()).Config),
                Addresses = network.Addresses,
                Mtu = network.Mtu,
                Table = RoutingTable.Off, // all peers are in the subnets, to which there is a route with the addresses
            },
            Companions = [gate, follower],
            Level = level,
            Ready = ready,
        };
        return await InterfaceHost.RunAsync(run, cancellation).ConfigureAwait(false);
    }

    /// <summary>Takes the hub down, and what one has left that was killed.</summary>
    /// <returns>False when there was neither.</returns>
    /// <exception cref="VpnException">The hub runs in another network namespace, or does not end.</exception>
    /// <exception cref="IOException">What is left cannot be taken back.</exception>
    public static async Task<bool> EndAsync(VpnDirectory directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        using var where = NetworkNamespace.Current();
        var record = RecordOf(directory.Name);
        var wasUp = directory.Exists && directory.IsRun;
        if (wasUp)
            await StopAsync(directory).ConfigureAwait(false);
        var wasLeft = File.Exists(record);
        await HubGate.TakeBackAsync(directory.Name, where, record).ConfigureAwait(false);
        return wasUp || wasLeft;
    }

    private static string RecordOf(string name)
    {
        var paths = DaemonPaths.ForThisNamespace();
        return Path.Combine(paths.Directory, $"{paths.Inode}.vpn-{name}.json");
    }

    private static void RefuseOtherDevice(string name)
    {
        using var netlink = new RouteNetlink();
        if (netlink.Links.Find(name) is not null)
            throw new VpnException($"there is a device {name} already, and the network's has the same name; remove that one: ip link del {name}");
    }

    // It ends with its device, as every WireGuard interface does.
    private static async Task StopAsync(VpnDirectory directory)
    {
        using (var netlink = new RouteNetlink())
        {
            if (netlink.Links.Find(directory.Name) is { } link)
                netlink.Links.Delete(link.Index);
            else
                throw new VpnException($"the network {directory.Name} is up in another network namespace; take it down there");
        }
        for (var end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds; directory.IsRun; await Task.Delay(20).ConfigureAwait(false))
            if (Environment.TickCount64 > end)
                throw new VpnException($"the hub of {directory.Name} has not ended within {s_patience.TotalSeconds:0} s");
    }
}
