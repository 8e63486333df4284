// What changes in this network namespace: devices, addresses and routes, a line each, until Ctrl-C.
using Qanat.Linux.Netlink;

const MonitorGroups Groups =
    MonitorGroups.Links | MonitorGroups.IPv4Addresses | MonitorGroups.IPv6Addresses | MonitorGroups.IPv4Routes | MonitorGroups.IPv6Routes;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

using var monitor = new NetworkMonitor(Groups);
Console.WriteLine("Listening.");
try
{
    await foreach (var happened in monitor.ReadAllAsync(stop.Token))
        Console.WriteLine(Describe(happened));
}
catch (OperationCanceledException)
{
    // Ctrl-C
}

static string Describe(NetworkEvent happened) => happened switch
{
    LinkChanged { Link: var link } => $"link {link.Name}: {(link.IsUp ? "up" : "down")}, mtu {link.Mtu}",
    LinkRemoved { Link: var link, Moved: var moved } => $"link {link.Name}: {(moved ? "moved away" : "gone")}",
    AddressChanged { Address: var address } => $"address {address.Address}/{address.PrefixLength} on #{address.InterfaceIndex}",
    AddressRemoved { Address: var address } => $"address {address.Address}/{address.PrefixLength} on #{address.InterfaceIndex}: gone",
    RouteChanged { Route: var route } => $"route {route.Destination} by #{route.OutputInterface}",
    RouteRemoved { Route: var route } => $"route {route.Destination} by #{route.OutputInterface}: gone",
    EventsLost => "too much at once: some events are lost",
    _ => happened.ToString(),
};
