using System.Net;
using Qanat.Cli.Doctor.Facts;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Doctor;

/// <summary>The devices that a question is about: those named, those on the way to a destination, and what these stand on.</summary>
internal sealed class Scope
{
    private readonly HashSet<string>? _devices;

    private Scope(HashSet<string>? devices) => _devices = devices;

    /// <summary>The scope of what was asked; everything when nothing was named.</summary>
    public static Scope Of(Machine machine)
    {
        if (machine.Asked.Everything)
            return new(null);
        HashSet<string> devices = [];
        foreach (var name in machine.Asked.Devices)
            Add(machine, machine.Find(name), devices);
        foreach (var address in machine.Asked.Destinations)
            foreach (var device in WaysTo(machine, address))
                Add(machine, device, devices);
        return new(devices);
    }

    /// <summary>Whether a device is in it.</summary>
    public bool Has(string device) => _devices is null || _devices.Contains(device);

    // The device that packets leave by, and each that has a route for the address, though it may be down.
    private static IEnumerable<Device?> WaysTo(Machine machine, IPAddress address)
    {
        if (machine.Routing.Find(new RouteQuery(address)).Route is { } route)
            yield return machine.Find(route.OutputInterface);
        foreach (var device in machine.Devices)
            if (device.Addresses.Any(own => own.PrefixLength > 0 && Prefixes.Of(own).Contains(address)))
                yield return device;
    }

    private static void Add(Machine machine, Device? device, HashSet<string> devices)
    {
        if (device is null || !devices.Add(device.Name))
            return;
        Add(machine, machine.Find(device.Link.Master), devices);
        if (device.Link.ParentNamespace is null)
            Add(machine, machine.Find(device.Link.Parent), devices);
        if (machine.TunnelOf(device.Index) is { } tunnel)
            Add(machine, machine.UnderlayOf(tunnel), devices);
    }
}
