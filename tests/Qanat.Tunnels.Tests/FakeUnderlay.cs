using Qanat.Packets;

namespace Qanat.Tunnels.Tests;

/// <summary>An underlay of one interface, with what a test says of it.</summary>
internal sealed class FakeUnderlay : IUnderlay
{
    public int Generation { get; set; }

    public OuterRoute Default { get; set; } = new(true, Interface: 2, Mtu: 1500, MtuLocked: false, Source: new(0xC0000202));

    public Dictionary<IPv4Address, OuterRoute> Routes { get; } = [];

    public Dictionary<IPv4Address, IPv4Address> Gateways { get; } = [];

    public HashSet<IPv4Address> Own { get; } = [];

    public int Asked { get; private set; }

    public OuterRoute Route(IPv4Address destination, IPv4Address source, byte tos, int link)
    {
        Asked++;
        return Routes.GetValueOrDefault(destination, Default);
    }

    public IPv4Address NextHop(int device, IPv4Address innerSource, IPv4Address innerDestination) =>
        Gateways.GetValueOrDefault(innerDestination, innerDestination);

    public bool IsLocal(IPv4Address address) => Own.Contains(address);
}
