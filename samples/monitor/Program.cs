// What changes in this network namespace: devices, addresses and routes, a line each, until Ctrl-C.
using Qanat.Linux.Events;
using Qanat.Linux.Netlink;

const MonitorGroups Groups =
    MonitorGroups.Links | MonitorGroups.IPv4Addresses | MonitorGroups.IPv6Addresses | MonitorGroups.IPv4Routes | MonitorGroups.IPv6Routes;

var stop = new TaskCompletionSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.TrySetResult();
};

using var monitor = new NetworkMonitor(Groups);
using var worker = new Worker("monitor"); // its thread sleeps until the kernel has news
await worker.InvokeAsync(() => worker.Register(monitor.Handle, new Printer(monitor, stop)));
Console.WriteLine("Listening.");
await stop.Task;

internal sealed class Printer(NetworkMonitor monitor, TaskCompletionSource stop) : IEventHandler
{
    private readonly List<NetworkEvent> _events = [];

    public void OnReady(Readiness ready)
    {
        monitor.Receive(_events);
        foreach (var happened in _events)
            Console.WriteLine(Describe(happened));
        _events.Clear();
    }

    public void OnFault(Exception fault) => stop.TrySetException(fault);

    private static string Describe(NetworkEvent happened) => happened switch
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
}
