using System.Net.Sockets;
using Qanat.Cli.Client;
using Qanat.Daemon;
using Qanat.Daemon.DataPlane;
using Qanat.Linux.Devices;
using Qanat.Linux.Ethtool;
using Qanat.Linux.Namespaces;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Doctor.Facts;

/// <summary>Reads the facts of this machine and of the network namespace that the calling thread is in. It changes nothing.</summary>
/// <param name="netlink">A socket to the namespace.</param>
/// <param name="files">Where /proc and its like are.</param>
internal sealed class MachineReader(RouteNetlink netlink, SystemFiles files)
{
    /// <summary>Reads them.</summary>
    /// <param name="words">What was asked about, as words of the command line.</param>
    /// <param name="unknown">The first word that is neither a device nor an address; null when all are.</param>
    /// <exception cref="Qanat.Linux.LinuxException">The kernel has no netlink.</exception>
    public Machine Read(IEnumerable<string> words, out string? unknown)
    {
        var links = netlink.Links.List();
        var asked = Asked.Parse(words, name => links.Any(link => link.Name == name), out unknown);
        var kernel = KernelFacts.Read(files);
        var paths = DaemonPaths.ForThisNamespace();
        var daemon = DaemonFacts.Read(files, paths, new QanatClient(paths, new NoLauncher(), _ => false));
        var rights = RightsFacts.Read(files);
        var machine = new Machine
        {
            Asked = asked,
            Namespace = $"net:[{paths.Inode}]",
            Node = NodeFacts.Read(files, kernel.Release),
            Rights = rights,
            Kernel = kernel,
            Trial = TrialFacts.Run(files, rights),
            Routes = [.. RoutesOf(AddressFamily.InterNetwork), .. RoutesOf(AddressFamily.InterNetworkV6)],
            Neighbours = netlink.Neighbours.List(),
            Routing = new KernelRouting(netlink),
            Sysctls = new(path => files.Read($"proc/sys/{path}")),
            Counters = ProtocolCounters.Parse(
                [.. files.Lines("proc/thread-self/net/snmp"), .. files.Lines("proc/thread-self/net/netstat")]),
            Daemon = daemon,
            WireGuard = WireGuardFacts.Read(new(), paths.Inode),
            Firewall = FirewallFacts.Read(files),
            Disabled = Environment.GetEnvironmentVariable(UserDataPlaneOptions.Variable),
        };
        machine = machine with { Devices = Devices(links) };
        return machine with { Tunnels = Tunnels(machine) };
    }

    private IReadOnlyList<Route> RoutesOf(AddressFamily family) => netlink.Routes.List(family, RouteTableId.Unspecified);

    private List<Device> Devices(IReadOnlyList<Link> before)
    {
        using var here = NetworkNamespace.Current();
        var addresses = netlink.Addresses.List().ToLookup(address => address.InterfaceIndex);
        // Devices of one name may be in several namespaces.
        var holders = TunHolder.List().Distinct().Where(holder => here.Holds(holder.ProcessId)).ToLookup(holder => holder.Device);
        var earlier = before.ToLookup(link => link.Index, link => link.Statistics.TxDropped);
        List<Device> devices = [];
        foreach (var link in netlink.Links.List())
        {
            var dropped = link.Statistics.TxDropped;
            devices.Add(new()
            {
                Link = link,
                Addresses = [.. addresses[link.Index]],
                Holders = [.. holders[link.Name]],
                DroppedMeanwhile = dropped - Math.Min(dropped, earlier[link.Index].FirstOrDefault(dropped)),
                Offloads = DeviceOffloads.Of(link.Name),
            });
        }
        return devices;
    }

    private static List<Tunnel> Tunnels(Machine machine)
    {
        List<Tunnel> tunnels = [.. machine.Devices.Select(Tunnel.Of).OfType<Tunnel>()];
        foreach (var report in machine.Daemon.Tunnels)
            if (machine.Find(report.Index) is { IsTun: true } device)
                tunnels.Add(Tunnel.Of(report, name => machine.Find(name)?.Index ?? 0) with { Name = device.Name });
        return tunnels;
    }

    // An examination starts nothing.
    private sealed class NoLauncher : IDaemonLauncher
    {
        public void Start() => throw new ApiException(Linux.Errno.EAGAIN, "The daemon has just ended.");
    }
}
