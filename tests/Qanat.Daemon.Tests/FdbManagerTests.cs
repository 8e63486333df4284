using System.Text.Json;
using Qanat.Daemon.Api;
using Qanat.Daemon.Control;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Linux;
using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.Tests;

public sealed class FdbManagerTests : IAsyncLifetime
{
    private const string Host = "02:00:00:00:00:01", Group = "01:00:5e:00:00:01", Zero = "00:00:00:00:00:00";
    private readonly SettingsBench _bench = new();

    public async ValueTask InitializeAsync() => await AddVxlan("x1", 42);

    public ValueTask DisposeAsync()
    {
        _bench.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(Host, nameof(FdbVerb.Add), Errno.EEXIST)]
    [InlineData(Group, nameof(FdbVerb.Add), Errno.EEXIST)]
    [InlineData(Zero, nameof(FdbVerb.Replace), Errno.EOPNOTSUPP)]
    [InlineData(Group, nameof(FdbVerb.Replace), Errno.EOPNOTSUPP)]
    public async Task An_entry_that_may_not_be_is_refused(string mac, string verb, int errno)
    {
        await Add(mac, "192.0.2.3");
        Assert.Equal(errno, await Bench.ErrorOf(() => Add(mac, "192.0.2.4", Enum.Parse<FdbVerb>(verb))));
        Assert.Equal(["192.0.2.3"], await Destinations(mac));
    }

    [Theory]
    [InlineData(Host, nameof(FdbVerb.Replace), "192.0.2.4")]
    [InlineData(Host, nameof(FdbVerb.Append), "192.0.2.3")] // taken, and of no effect
    [InlineData(Group, nameof(FdbVerb.Append), "192.0.2.3 192.0.2.4")]
    [InlineData(Zero, nameof(FdbVerb.Append), "192.0.2.3 192.0.2.4")]
    public async Task A_second_destination_comes_beside_or_in_place_of_the_first(string mac, string verb, string expected)
    {
        await Add(mac, "192.0.2.3");
        await Add(mac, "192.0.2.4", Enum.Parse<FdbVerb>(verb));
        Assert.Equal(expected.Split(' '), await Destinations(mac));
        await Add(mac, "192.0.2.4", FdbVerb.Append);
        Assert.Equal(expected.Split(' '), await Destinations(mac));
    }

    [Fact]
    public async Task A_destination_of_the_other_family_is_refused() =>
        Assert.Equal(97, await Bench.ErrorOf(() => Add(Host, "2001:db8::1"))); // EAFNOSUPPORT

    [Fact]
    public async Task A_table_has_a_limit()
    {
        await AddVxlan("x2", 43, limit: 1);
        await Add(Host, "192.0.2.3", device: "x2");
        Assert.Equal(Errno.ENOSPC, await Bench.ErrorOf(() => Add("02:00:00:00:00:02", "192.0.2.3", device: "x2")));
    }

    [Fact]
    public async Task A_tunnel_of_another_mode_has_no_table()
    {
        await _bench.Tunnels.AddAsync("t1");
        Assert.Equal(Errno.EOPNOTSUPP, await Bench.ErrorOf(() => Add(Host, "192.0.2.3", device: "t1")));
    }

    [Fact]
    public async Task The_remote_of_a_tunnel_is_its_first_entry()
    {
        await AddVxlan("x2", 43, remote: "192.0.2.1");
        var entry = Assert.Single(await _bench.Fdb.ListAsync("x2"));
        Assert.Equal((Zero, "192.0.2.1", "permanent"), (entry.Mac, entry.Dst, entry.State));
        Assert.Equal(Errno.EBUSY, await Bench.ErrorOf(() => _bench.Fdb.RemoveAsync("x2", Zero, _ => null)));
        Assert.Single(await _bench.Fdb.ListAsync("x2"));
    }

    [Fact]
    public async Task Port_and_identifier_of_the_tunnel_go_without_saying()
    {
        await _bench.Fdb.AddAsync("x1", new() { Mac = Host, Dst = "192.0.2.3", Port = 4789, Vni = 42, Via = "lo" }, FdbVerb.Add);
        var entry = Assert.Single(await _bench.Fdb.ListAsync("x1"));
        Assert.Equal((null, null, "lo"), (entry.Port, entry.Vni, entry.Via));
    }

    [Fact]
    public async Task One_destination_or_all_of_them_are_removed()
    {
        await Add(Zero, "192.0.2.3");
        await Add(Zero, "192.0.2.4", FdbVerb.Append);
        await Add(Zero, "192.0.2.5", FdbVerb.Append);
        await Remove(Zero, "192.0.2.4");
        await Remove(Zero, "192.0.2.99"); // no error
        Assert.Equal(["192.0.2.3", "192.0.2.5"], await Destinations(Zero));
        await Remove(Zero, null);
        Assert.Equal(Errno.ENOENT, await Bench.ErrorOf(() => Remove(Zero, null)));
    }

    [Fact]
    public async Task Entries_come_back_after_a_restart_and_go_with_their_tunnel()
    {
        await AddVxlan("x2", 43);
        await Add(Host, "192.0.2.3");
        await Add(Zero, "192.0.2.3", device: "x2");
        await Add(Zero, "192.0.2.4", FdbVerb.Append, "x2");
        await Remove(Zero, "192.0.2.3", "x2");
        await _bench.RestartAsync();
        Assert.Equal(["192.0.2.3"], await Destinations(Host));
        Assert.Equal(["192.0.2.4"], await Destinations(Zero, "x2"));

        await _bench.Tunnels.Tunnels.RemoveAsync("x2");
        await _bench.Fdb.TendAsync();
        Assert.Equal(1, _bench.Fdb.Count);
    }

    [Theory]
    [InlineData("""{}""", "")]
    [InlineData("""{"states":["permanent"]}""", "02 03 05")]
    [InlineData("""{"states":["static","dynamic"]}""", "01 04")]
    [InlineData("""{"states":[]}""", "01 02 03 04 05")]
    [InlineData("""{"sticky":true}""", "01 02 03 04")]
    [InlineData("""{"externLearn":false}""", "03")]
    [InlineData("""{"dst":"192.0.2.4"}""", "01 03 04 05")]
    [InlineData("""{"port":5000}""", "01 02 04 05")]
    [InlineData("""{"port":4789}""", "03")]
    [InlineData("""{"vni":99}""", "01 02 03 05")]
    [InlineData("""{"vni":42,"states":["permanent"]}""", "04 02 03 05")]
    public async Task A_filter_says_what_is_flushed(string filter, string left)
    {
        FdbEntry[] entries =
        [
            new() { Mac = "02:00:00:00:00:01", Dst = "192.0.2.3" },
            new() { Mac = "02:00:00:00:00:02", Dst = "192.0.2.4", State = "dynamic" },
            new() { Mac = "02:00:00:00:00:03", Dst = "192.0.2.3", Port = 5000, ExternLearn = true, State = "static" },
            new() { Mac = "02:00:00:00:00:04", Dst = "192.0.2.3", Vni = 99 },
            new() { Mac = "02:00:00:00:00:05", Dst = "192.0.2.3", Sticky = true, State = "static" },
        ];
        foreach (var entry in entries)
            await _bench.Fdb.AddAsync("x1", entry, FdbVerb.Add);
        await _bench.Fdb.FlushAsync("x1", JsonSerializer.Deserialize(filter, RequestJson.Default.FdbFilter)!);
        var expected = left.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order();
        Assert.Equal(expected, await Endings());
        await _bench.RestartAsync();
        Assert.Equal(expected, await Endings());

        async Task<IEnumerable<string>> Endings() => (await _bench.Fdb.ListAsync("x1")).Select(entry => entry.Mac[^2..]).Order();
    }

    [Fact]
    public async Task What_is_learnt_is_flushed_and_the_tunnels_remote_stays()
    {
        await AddVxlan("x2", 43, remote: "192.0.2.1");
        await Add(Zero, "192.0.2.2", FdbVerb.Append, "x2");
        await Add(Host, "192.0.2.2");
        await _bench.Tables.AddAsync(_bench.Tunnels.Tunnels.GetRunning("x2"),
            new(FdbRecords.Mac("", Host), new(IpAddress.From(System.Net.IPAddress.Parse("192.0.2.3"))), FdbState.Dynamic));
        await _bench.Fdb.FlushAsync("x2", new());
        Assert.Equal("192.0.2.1", Assert.Single(await _bench.Fdb.ListAsync("x2")).Dst);
        Assert.Equal(["192.0.2.2"], await Destinations(Host)); // the other tunnel's
    }

    [Theory]
    [InlineData("""{"states":["learnt"]}""")]
    [InlineData("""{"dst":"x"}""")]
    public async Task A_filter_that_makes_no_sense_flushes_nothing(string filter)
    {
        await Add(Host, "192.0.2.3");
        var wrong = JsonSerializer.Deserialize(filter, RequestJson.Default.FdbFilter)!;
        Assert.Equal(Errno.EINVAL, await Bench.ErrorOf(() => _bench.Fdb.FlushAsync("x1", wrong)));
        Assert.Equal(["192.0.2.3"], await Destinations(Host));
    }

    private Task Add(string mac, string dst, FdbVerb verb = FdbVerb.Add, string device = "x1") =>
        _bench.Fdb.AddAsync(device, new() { Mac = mac, Dst = dst }, verb);

    private Task Remove(string mac, string? dst, string device = "x1") => _bench.Fdb.RemoveAsync(
        device, mac, _ => dst is null ? null : new FdbDestination(IpAddress.From(System.Net.IPAddress.Parse(dst))));

    private async Task<IEnumerable<string>> Destinations(string mac, string device = "x1") =>
        from entry in await _bench.Fdb.ListAsync(device) where entry.Mac == mac select entry.Dst;

    private Task<TunnelReport> AddVxlan(string name, uint id, int limit = 0, string remote = "any") => _bench.Tunnels.Tunnels.AddAsync(
        new() { Name = name, Mode = "vxlan", Remote = remote, Vxlan = new() { Id = id, Port = 4789, MaxAddresses = limit } });
}
