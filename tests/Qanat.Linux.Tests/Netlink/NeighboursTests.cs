using System.Net;
using System.Net.Sockets;
using Qanat.Linux.Netlink;
using Qanat.Testing;
using static Qanat.Linux.Tests.Netlink.Parsing;

namespace Qanat.Linux.Tests.Netlink;

public sealed class NeighboursTests : IDisposable
{
    private readonly TwoHosts _hosts = new();
    private readonly RouteNetlink _netlink;
    private readonly int _index;

    public NeighboursTests()
    {
        _netlink = _hosts.A.Netlink();
        _index = _netlink.Links.Get("eth0").Index;
    }

    public void Dispose()
    {
        _netlink.Dispose();
        _hosts.Dispose();
    }

    [Fact]
    public void A_neighbour_that_was_asked_for_is_known()
    {
        var address = Ip(TwoHosts.AddressOfB);
        Assert.Null(_netlink.Neighbours.Find(_index, address));
        _hosts.A.Do($"ping -c 1 -W 5 {address}");
        using var other = _hosts.B.Netlink();
        var neighbour = _netlink.Neighbours.Find(_index, address);
        Assert.NotNull(neighbour);
        Assert.Equal(other.Links.Get("eth0").Address, neighbour.LinkLayerAddress);
        Assert.True(neighbour.IsValid, neighbour.State.ToString());
        Assert.Contains(neighbour, _netlink.Neighbours.List(_index, AddressFamily.InterNetwork), Comparer);
    }

    [Fact]
    public void A_neighbour_that_does_not_answer_has_failed()
    {
        var address = Ip("10.10.50.99");
        _hosts.A.Run($"ping -c 1 -W 1 {address}");
        Wait.Until(() => _netlink.Neighbours.Find(_index, address)?.State == NeighbourStates.Failed, what: "the neighbour to fail");
        Assert.False(_netlink.Neighbours.Find(_index, address)!.IsValid);
    }

    [Fact]
    public void What_is_added_is_what_ip_prints()
    {
        var four = new Neighbour
        {
            InterfaceIndex = _index,
            Address = Ip("10.10.50.7"),
            LinkLayerAddress = Mac("02-00-00-00-00-07"),
        };
        var six = four with { Address = Ip("2001:db8::7"), State = NeighbourStates.NoArp, Flags = NeighbourFlags.Router };
        _netlink.Neighbours.Add(four);
        _netlink.Neighbours.Add(six);
        Assert.Equal(Errno.EEXIST, Assert.Throws<LinuxException>(() => _netlink.Neighbours.Add(four)).Error);
        _netlink.Neighbours.Replace(four with { LinkLayerAddress = Mac("02-00-00-00-00-08") });

        var printed = Assert.Single(_hosts.A.IpJson("neigh show dev eth0 10.10.50.7"));
        Assert.Equal(("02:00:00:00:00:08", "[\"PERMANENT\"]"), (printed.Text("lladdr"), printed.Text("state")));
        Assert.Equal(six, _netlink.Neighbours.Find(_index, six.Address));
        Assert.Contains(_netlink.Neighbours.List(), neighbour => neighbour == six);
        Assert.DoesNotContain(_netlink.Neighbours.List(_netlink.Links.Get("lo").Index), neighbour => neighbour.InterfaceIndex == _index);

        _netlink.Neighbours.Delete(four);
        Assert.DoesNotContain(_netlink.Neighbours.List(_index), neighbour => neighbour.Address.Equals(four.Address) && neighbour.IsValid);
    }

    [Fact]
    public void A_device_that_is_not_there_is_an_error() =>
        Assert.Equal(Errno.ENODEV, Assert.Throws<LinuxException>(() => _netlink.Neighbours.Find(4711, IPAddress.Loopback)).Error);

    // Its state may go from reachable to delay between two looks.
    private static readonly EqualityComparer<Neighbour> Comparer =
        EqualityComparer<Neighbour>.Create((one, other) => Equals(one! with { State = 0 }, other! with { State = 0 }));
}
