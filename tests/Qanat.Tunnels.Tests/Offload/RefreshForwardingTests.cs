using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests.Offload;

/// <summary>Addresses that are heard of elsewhere do not age.</summary>
public class RefreshForwardingTests
{
    private static readonly TimeSpan s_ageing = TimeSpan.FromSeconds(300);
    private static readonly MacAddress s_heard = new(0x02_00_00_00_00_01), s_silent = new(0x02_00_00_00_00_02);
    private static readonly IpAddress s_farEnd = Ip("192.0.2.1");
    private readonly ManualTime _time = new();
    private readonly ForwardingTable _table;

    public RefreshForwardingTests() => _table = new(_time);

    [Fact]
    public void An_address_that_is_heard_of_stays_and_one_that_is_not_goes()
    {
        _table.Learn(s_heard, s_farEnd, 0);
        _table.Learn(s_silent, s_farEnd, 0);
        for (var i = 0; i < 4; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(200));
            _table.Refresh(s_heard);
        }
        Assert.Equal([new(s_farEnd)], _table.Find(s_heard, s_ageing).ToArray());
        var entry = Assert.Single(_table.List(s_ageing));
        Assert.Equal((s_heard, FdbState.Dynamic, TimeSpan.Zero), (entry.Address, entry.State, entry.Updated));
    }

    [Fact]
    public void An_address_that_has_aged_is_not_brought_back()
    {
        _table.Learn(s_heard, s_farEnd, 0);
        _time.Advance(s_ageing);
        Assert.True(_table.Find(s_heard, s_ageing).IsEmpty);
        _table.Refresh(s_heard);
        Assert.Empty(_table.List(s_ageing));
    }

    [Fact]
    public void An_address_that_nobody_knows_is_not_learnt()
    {
        _table.Refresh(s_heard);
        Assert.Empty(_table.List(TimeSpan.Zero));
    }

    [Fact]
    public void What_a_user_put_there_stays_what_it_is()
    {
        FdbRecord own = new(s_heard, new(s_farEnd, Port: 8472), FdbState.Static, Sticky: true);
        _table.Add(own);
        _time.Advance(s_ageing);
        _table.Refresh(s_heard);
        Assert.Equal(own with { Used = s_ageing }, Assert.Single(_table.List(s_ageing)));
    }
}
