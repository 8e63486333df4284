using System.Net;
using Qanat.Cli.Doctor.Facts;
using Qanat.Linux;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Tests.Doctor.Support;

/// <summary>Routes as the kernel does, without rules: own addresses, then the longest prefix, then the smallest metric.</summary>
internal sealed class FakeRouting(IReadOnlyList<Device> devices, IReadOnlyList<Route> routes) : IRouting
{
    public Way Find(in RouteQuery query)
    {
        var (destination, bound) = (query.Destination, query.OutputInterface);
        if (devices.Any(device => device.Addresses.Any(own => own.Address.Equals(destination))))
            return new(new Route { Destination = new(destination, 32), Type = RouteType.Local, Table = RouteTableId.Local }, 0);
        var found = routes
            .Where(route => route.Destination.Contains(destination))
            .Where(route => bound == 0 || route.OutputInterface == bound || route.OutputInterface == 0)
            .OrderByDescending(route => route.Destination.PrefixLength).ThenBy(route => route.Metric).FirstOrDefault();
        return found?.Type switch
        {
            null => new(null, Errno.ENETUNREACH),
            RouteType.Prohibit => new(null, Errno.EACCES),
            RouteType.Blackhole => new(null, Errno.EINVAL),
            RouteType.Unreachable => new(null, Errno.EHOSTUNREACH),
            _ => new(found with { PreferredSource = SourceOn(found.OutputInterface) }, 0),
        };
    }

    private IPAddress? SourceOn(int index) =>
        devices.FirstOrDefault(device => device.Index == index) is { Addresses: [var own, ..] } ? own.Address : null;
}
