using System.Net;
using Qanat.Daemon.WireGuard;
using Qanat.Daemon.WireGuard.Companions;
using Qanat.Daemon.WireGuard.Up;
using Qanat.WireGuard;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.Tests.WireGuard;

/// <summary>When names are asked for, and what becomes of the answers.</summary>
public sealed class EndpointNamesTests : IDisposable
{
    private readonly Dictionary<string, NameAnswer> _known = [];
    private readonly List<string> _said = [];
    private readonly ManualClock _time = new();
    private readonly FakeInterface _interface = new();
    private readonly EndpointNames _names;
    private int _asked;

    public EndpointNamesTests() => _names = new(AskAsync, _time, _said.Add);

    private static PublicKey Key => new([.. Enumerable.Range(1, 32).Select(number => (byte)number)]);

    public void Dispose() => _names.Dispose();

    [Fact]
    public async Task Names_become_addresses_and_addresses_stay()
    {
        Know("192.0.2.1");
        var change = await ResolveAsync(new("hub.example", "51820"), new("192.0.2.9", "7"), new("fe80::1%eth0", "7"));
        Assert.Equal(["192.0.2.1:51820", "192.0.2.9:7", "[fe80::1%eth0]:7"], change.Peers.Select(peer => $"{peer.Endpoint}"));
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task A_name_that_is_none_is_refused_at_once()
    {
        _known["hub.example"] = new([], "Name or service not known");
        var refused = await Assert.ThrowsAsync<IOException>(() => ResolveAsync(new PeerEndpoint("hub.example", "51820")));
        Assert.Equal("Name or service not known: `hub.example:51820'", refused.Message);
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task Behind_a_kill_switch_the_place_of_before_is_taken()
    {
        _known["hub.example"] = new([], "Temporary failure in name resolution", IsTemporary: true);
        _names.Places["hub.example"] = "192.0.2.5";
        var change = await ResolveAsync(new PeerEndpoint("hub.example", "51820"));
        Assert.Equal("192.0.2.5:51820", $"{change.Peers[0].Endpoint}");
    }

    [Fact]
    public async Task Who_answers_is_never_asked_for_again()
    {
        Know("192.0.2.2");
        Follow();
        for (ulong round = 1; round < 100; round++)
            await LookAsync(tx: 100 * round, rx: 100 * round);
        Assert.Equal(0, _asked);
    }

    [Fact]
    public async Task Who_is_not_sent_to_is_not_asked_for()
    {
        Know("192.0.2.2");
        Follow();
        for (var round = 0; round < 100; round++)
            await LookAsync(tx: 0, rx: 0);
        Assert.Equal(0, _asked);
    }

    [Fact]
    public async Task Who_falls_silent_is_asked_for_more_and_more_seldom()
    {
        Know("192.0.2.2", "192.0.2.3");
        Follow();
        List<int> rounds = [];
        for (var round = 1; round <= 60; round++)
        {
            var before = _asked;
            await LookAsync(tx: (ulong)round * 148, rx: 0);
            if (_asked > before)
                rounds.Add(round);
        }
        Assert.Equal(4, rounds[0]); // 15 s from the first round that saw something sent
        Assert.True(rounds.Count is >= 3 and <= 5, string.Join(", ", rounds));
        Assert.True(rounds[2] - rounds[1] > rounds[1] - rounds[0]);
        // Where one address has been in vain, the next has its turn.
        Assert.Equal(["192.0.2.2:51820", "192.0.2.3:51820", "192.0.2.2:51820"], _interface.Applied.Take(3));
    }

    private void Know(params string[] addresses) => _known["hub.example"] = new([.. addresses.Select(IPAddress.Parse)]);

    private void Follow() => _names.Follow([new(Key) { Endpoint = new("hub.example", "51820") }]);

    private Task<NameAnswer> AskAsync(string host, CancellationToken cancellation)
    {
        _asked++;
        return Task.FromResult(_known[host]);
    }

    private Task<WireGuardChange> ResolveAsync(params PeerEndpoint[] endpoints)
    {
        PeerChange[] peers = [.. endpoints.Select(endpoint => new PeerChange(Key) { Endpoint = endpoint })];
        return _names.ResolveAsync(new() { Peers = peers }, isPatient: false, default);
    }

    private async Task LookAsync(ulong tx, ulong rx)
    {
        (_interface.TxBytes, _interface.RxBytes) = (tx, rx);
        await _names.LookAsync(_interface, default);
        _time.Ticks += TimeSpan.TicksPerSecond * 5;
    }

    private sealed class ManualClock : TimeProvider
    {
        public long Ticks { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Ticks;
    }

    private sealed class FakeInterface : IRunningInterface
    {
        private PeerEndpoint _endpoint = new("192.0.2.1", "51820");

        public List<string> Applied { get; } = [];

        public ulong TxBytes { get; set; }

        public ulong RxBytes { get; set; }

        public string Name => "wg0";

        public Task ApplyAsync(WireGuardChange change)
        {
            _endpoint = Assert.Single(change.Peers).Endpoint!;
            Applied.Add($"{_endpoint}");
            return Task.CompletedTask;
        }

        public Task<InterfaceStatus> GetStatusAsync() => Task.FromResult(new InterfaceStatus
        {
            Peers = [new(new(Key) { Endpoint = _endpoint }) { TxBytes = TxBytes, RxBytes = RxBytes }],
        });

        public IDisposable Observe(IWireGuardObserver observer) => throw new NotSupportedException();

        public void Log(LogLevel level, string text)
        {
        }
    }
}
