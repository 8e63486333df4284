using Qanat.Daemon.Api;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Linux;
using Qanat.Packets;

namespace Qanat.Daemon.Tests;

public sealed class FouManagerTests : IDisposable
{
    private readonly SettingsBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_port_is_opened_listed_and_closed()
    {
        await _bench.Fou.AddAsync(new() { Port = 5555, Protocol = 4 });
        await _bench.Fou.AddAsync(new() { Port = 6080, Gue = true, Family = "inet6", Local = "2001:DB8::1" });
        Assert.Equal([6080, 5555], _bench.Fou.List().Select(port => port.Port));
        Assert.Equal("2001:db8::1", _bench.Fou.List()[0].Local);
        Assert.Equal(IpAddress.Any(false), _bench.Ports.Open[0].Local);

        await _bench.Fou.RemoveAsync(new() { Port = 5555 });
        Assert.Equal([6080], _bench.Ports.Open.Select(port => (int)port.Port));
        Assert.Equal(1, _bench.Fou.Count);
    }

    [Theory]
    [InlineData("inet", "any", Errno.EADDRINUSE)]
    [InlineData("inet", "192.0.2.1", Errno.EADDRINUSE)]
    [InlineData("inet", "192.0.2.2", 0)]
    [InlineData("inet6", "any", 0)]
    public async Task A_port_has_one_owner_for_each_family_and_address(string family, string local, int errno)
    {
        await _bench.Fou.AddAsync(new() { Port = 5555, Protocol = 4, Local = "192.0.2.1" });
        var second = _bench.Fou.AddAsync(new() { Port = 5555, Gue = true, Family = family, Local = local });
        Assert.Equal(errno, errno == 0 ? await Succeeds(second) : await Bench.ErrorOf(() => second));
        Assert.Equal(errno == 0 ? 2 : 1, _bench.Fou.Count);
    }

    [Theory]
    [InlineData(0, 4, false, "any", 0)]
    [InlineData(70000, 4, false, "any", 0)]
    [InlineData(5555, null, false, "any", 0)]
    [InlineData(5555, 0, false, "any", 0)]
    [InlineData(5555, 4, true, "any", 0)]
    [InlineData(5555, 4, false, "192.0.2.1", 0)]
    [InlineData(5555, 4, false, "any", 7)]
    [InlineData(5555, 4, false, "2001:db8::1", 7)]
    public async Task What_makes_no_sense_is_refused(int port, int? protocol, bool gue, string peer, int peerPort)
    {
        var wanted = new FouPort { Port = port, Protocol = (byte?)protocol, Gue = gue, Peer = peer, PeerPort = peerPort };
        Assert.Equal(Errno.EINVAL, await Bench.ErrorOf(() => _bench.Fou.AddAsync(wanted)));
        Assert.Empty(_bench.Ports.Open);
    }

    [Fact]
    public async Task A_port_that_is_not_there_is_not_closed() =>
        Assert.Equal(Errno.EINVAL, await Bench.ErrorOf(() => _bench.Fou.RemoveAsync(new() { Port = 1 })));

    [Fact]
    public async Task What_the_kernel_refuses_is_not_kept()
    {
        _bench.Ports.Fault = new("bind", Errno.EADDRNOTAVAIL);
        Assert.Equal(Errno.EADDRNOTAVAIL, await Bench.ErrorOf(() => _bench.Fou.AddAsync(new() { Port = 5555, Gue = true })));
        Assert.Equal(0, _bench.Fou.Count);
        Assert.False(File.Exists(_bench.Tunnels.Paths.Fou));
    }

    [Fact]
    public async Task What_cannot_be_saved_is_not_open()
    {
        _bench.Tunnels.Disk.WriteFault = new IOException("full", Errno.ENOSPC);
        Assert.Equal(Errno.ENOSPC, await Bench.ErrorOf(() => _bench.Fou.AddAsync(new() { Port = 5555, Gue = true })));
        Assert.Empty(_bench.Ports.Open);
        Assert.Equal(0, _bench.Fou.Count);
    }

    [Fact]
    public async Task Ports_come_back_after_a_restart()
    {
        await _bench.Fou.AddAsync(new() { Port = 5555, Protocol = 4 });
        await _bench.Fou.AddAsync(new() { Port = 6080, Gue = true });
        var before = _bench.Fou.List();
        await _bench.RestartAsync();
        Assert.Equal(before, _bench.Fou.List());
        Assert.Equal([5555, 6080], _bench.Ports.Open.Select(port => (int)port.Port));
    }

    [Fact]
    public async Task What_cannot_be_opened_is_tried_again()
    {
        await _bench.Fou.AddAsync(new() { Port = 5555, Protocol = 4, Dev = "lo" });
        var gone = _bench.Tunnels.Devices.Find("lo")!;
        _bench.Tunnels.Devices.Remove(gone.Index);
        await _bench.RestartAsync();
        Assert.Empty(_bench.Ports.Open);
        Assert.Contains(_bench.Log, line => line.Contains("fou port 5555", StringComparison.Ordinal));

        _bench.Tunnels.Devices.AddForeign("lo", index: gone.Index);
        await _bench.Fou.TendAsync();
        Assert.Single(_bench.Ports.Open);
    }

    [Fact]
    public async Task A_file_that_was_taken_away_is_put_back()
    {
        await _bench.Fou.AddAsync(new() { Port = 5555, Protocol = 4 });
        File.Delete(_bench.Tunnels.Paths.Fou);
        await _bench.Fou.TendAsync();
        await _bench.RestartAsync();
        Assert.Equal(1, _bench.Fou.Count);
    }

    [Fact]
    public async Task A_file_that_makes_no_sense_is_moved_aside()
    {
        await File.WriteAllTextAsync(_bench.Tunnels.Paths.Fou, "{}", TestContext.Current.CancellationToken);
        await _bench.RestartAsync();
        Assert.Equal(0, _bench.Fou.Count);
        Assert.True(File.Exists(_bench.Tunnels.Paths.Fou + ".bad"));
    }

    private static async Task<int> Succeeds(Task task)
    {
        await task;
        return 0;
    }
}
