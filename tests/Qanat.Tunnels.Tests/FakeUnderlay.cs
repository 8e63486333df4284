using Qanat.Packets;

namespace Qanat.Tunnels.Tests;

/// <summary>An underlay of one interface, with what a test says of it.</summary>
internal sealed class FakeUnderlay : IUnderlay
{
    public int Generation { get; set; }

    public OuterRoute Default { get; set; } = new(true, Interface: 2, Mtu: 1500, MtuLocked: false, Source: new IPv4Address(0xC0000202));

    public Dictionary<IpAddress, OuterRoute> Routes { get; } = [];

    public Dictionary<IpAddress, IpAddress> Gateways { get; } = [];

    public HashSet<IpAddress> Own { get; } = [];

    public int Asked { get; private set; }

    public OuterRoute Route(in OuterRouteQuery query)
    {
        Asked++;
        return Routes.GetValueOrDefault(query.Destination, Default);
    }

    public IpAddress NextHop(int device, IpAddress innerSource, IpAddress innerDestination) =>
        Gateways.GetValueOrDefault(innerDestination, innerDestination);

    public bool IsLocal(IpAddress address) => Own.Contains(address);
}
