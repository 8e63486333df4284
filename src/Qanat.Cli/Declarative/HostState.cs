using Qanat.Cli.Client;
using Qanat.Cli.Declarative.Keys;
using Qanat.Cli.Iproute2;
using Qanat.Daemon.Api;
using Qanat.Linux;

namespace Qanat.Cli.Declarative;

/// <summary>Qanat's tunnels as they are, with their devices' addresses and routes.</summary>
internal sealed class HostState
{
    private readonly Dictionary<string, HostTunnel> _byName;

    private HostState(HostDocument document) =>
        (Document, _byName) = (document, document.Tunnels.ToDictionary(tunnel => tunnel.Name));

    /// <summary>Everything, in the order in which it was made.</summary>
    public HostDocument Document { get; }

    /// <summary>The tunnel of a name; null when there is none.</summary>
    public HostTunnel? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Asks the daemon and the kernel.</summary>
    /// <exception cref="ApiException">The daemon refused.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static HostState Read(IQanatClient client, IDeviceNetwork network)
    {
        var reports = client.List();
        var tunnels = new List<HostTunnel>(reports.Count);
        var byIndex = new Dictionary<int, HostTunnel>(reports.Count);
        foreach (var report in reports.Where(report => !FallbackDevices.Has(report.Spec.Name)).OrderBy(report => report.Index))
        {
            var tunnel = Describe(report);
            tunnels.Add(tunnel);
            byIndex.Add(report.Index, tunnel);
        }
        if (tunnels.Count > 0)
        {
            foreach (var address in network.Addresses(byIndex.Keys))
                if (byIndex.TryGetValue(address.InterfaceIndex, out var tunnel) &&
                    HostAddress.FromKernel(address, tunnel.Name) is { } found)
                    tunnel.Addresses.Add(found);
            foreach (var route in network.Routes())
                if (byIndex.TryGetValue(route.OutputInterface, out var tunnel) && HostRoute.FromKernel(route) is { } found)
                    tunnel.Routes.Add(found);
            foreach (var tunnel in tunnels.Where(tunnel => tunnel.Mode == ModeSet.Vxlan))
                tunnel.Forwarding.AddRange(Forwarding(client, tunnel));
        }
        return new(new() { FouPorts = [.. client.ListFouPorts().Reverse()], L2tpTunnels = client.ListL2tpTunnels(), Tunnels = tunnels });
    }

    private static HostTunnel Describe(TunnelReport report) => new() { Spec = report.Spec, Mtu = report.Mtu, Up = report.Up };

    // Not what was learnt, nor what a routing protocol put there, nor the tunnel's own remote.
    private static IEnumerable<FdbEntry> Forwarding(IQanatClient client, HostTunnel tunnel)
    {
        try
        {
            return
            [
                .. client.ListFdb(tunnel.Name)
                    .Where(entry => entry is { State: not "dynamic", ExternLearn: false } && !ForwardingKeys.IsDefault(entry, tunnel.Spec))
                    .Select(entry => entry with { Used = 0, Updated = 0 }),
            ];
        }
        catch (ApiException gone) when (gone.Errno is Errno.ENODEV or Errno.EAGAIN) // deleted meanwhile, or waiting for its device
        {
            return [];
        }
    }
}
