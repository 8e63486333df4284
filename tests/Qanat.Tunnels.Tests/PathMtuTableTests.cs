using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

public class PathMtuTableTests
{
    private static readonly OuterRoute s_route = new(true, 2, 1500, false, default);
    private readonly ManualTime _time = new();
    private readonly PathMtuTable _table;

    public PathMtuTableTests() => _table = new(_time);

    [Fact]
    public void A_smaller_mtu_is_believed_for_ten_minutes()
    {
        Assert.True(_table.Learn(Ip("192.0.2.1"), 1400, 1500));
        Assert.Equal(1400, MtuTo("192.0.2.1"));
        Assert.Equal(1500, MtuTo("192.0.2.9"));

        _time.Advance(PathMtuTable.Lifetime);
        Assert.Equal(1500, MtuTo("192.0.2.1"));
    }

    [Fact]
    public void A_larger_mtu_is_not_believed()
    {
        _table.Learn(Ip("192.0.2.1"), 1400, 1500);
        Assert.False(_table.Learn(Ip("192.0.2.1"), 1450, 1500));
        Assert.False(_table.Learn(Ip("192.0.2.9"), 1500, 1500));
        Assert.Equal(1400, MtuTo("192.0.2.1"));
    }

    [Fact]
    public void A_tiny_mtu_becomes_the_minimum_and_gives_up_df()
    {
        _table.Learn(Ip("192.0.2.1"), 68, 1500);
        var route = _table.Apply(Ip("192.0.2.1"), s_route);
        Assert.Equal((PathMtuTable.Minimum, true), (route.Mtu, route.MtuLocked));
    }

    [Fact]
    public void What_is_learnt_and_what_expires_changes_the_generation()
    {
        var before = _table.Generation;
        _table.Learn(Ip("192.0.2.1"), 1400, 1500);
        var learnt = _table.Generation;
        _time.Advance(PathMtuTable.Lifetime);
        MtuTo("192.0.2.1");
        Assert.True(before < learnt && learnt < _table.Generation);
    }

    [Fact]
    public void Forged_messages_about_many_destinations_stay_bounded()
    {
        for (var i = 0u; i < 100_000; i++)
            _table.Learn(new IPv4Address(0x0A000000 + i), 1400, 1500);
        Assert.Equal(1400, _table.Apply(new IPv4Address(0x0A000000 + 99_999), s_route).Mtu);
        Assert.InRange(Enumerable.Range(0, 100_000).Count(i => IsLearnt((uint)i)), 1, 4096);
    }

    private bool IsLearnt(uint host) => _table.Apply(new IPv4Address(0x0A000000 + host), s_route).Mtu == 1400;

    private int MtuTo(string destination) => _table.Apply(Ip(destination), s_route).Mtu;
}
