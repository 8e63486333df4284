using Qanat.Daemon.Tests.Fakes;
using Qanat.Daemon.WireGuard.Sight;
using Qanat.Packets;
using Qanat.WireGuard;

namespace Qanat.Daemon.Tests.WireGuard;

/// <summary>Who listens to an interface hears everything, or how much is missing.</summary>
public sealed class EventFeedTests : IDisposable
{
    private readonly EventFeed _feed = new("wg0", key => key == Key(2) ? "ann" : null, new FakeTime());
    private readonly PacketBatch _batch = new(4, 1 << 18);
    private readonly WireGuardDevice _device;

    public EventFeedTests() =>
        _device = new(new NoWire(), new(new NoPort(), _batch), new(WireGuardDevice.DefaultMtu), observer: _feed);

    public void Dispose()
    {
        _device.Dispose();
        _batch.Dispose();
    }

    [Fact]
    public async Task Peers_that_come_and_go_are_told_with_their_names()
    {
        using var listener = _feed.Listen()!;
        _feed.WentUp(51820);
        var first = _device.Add(Key(1))!;
        _device.Add(Key(1));
        _device.Add(Key(2));
        _device.Remove(first);
        _device.RemoveAll();
        _feed.WentDown();
        var heard = await HearAsync(listener, 7);
        Assert.Equal(["listening", "up", "peer-added", "peer-added", "peer-removed", "peer-removed", "down"],
            heard.Select(happened => happened.Event));
        Assert.Equal([null, null, Key(1).ToString(), Key(2).ToString(), Key(1).ToString(), Key(2).ToString(), null],
            heard.Select(happened => happened.Peer));
        Assert.Equal([null, null, null, "ann", null, "ann", null], heard.Select(happened => happened.Name));
        Assert.Equal((ushort)51820, heard[1].ListenPort);
        Assert.All(heard, happened => Assert.Equal("wg0", happened.Interface));
    }

    [Fact]
    public async Task Who_reads_too_slowly_is_told_how_many_are_missing()
    {
        using var listener = _feed.Listen()!;
        for (var i = 0; i < EventListener.Limit + 9; i++)
            _feed.WentUp(1);
        var heard = await HearAsync(listener, EventListener.Limit + 1);
        var lost = Assert.Single(heard, happened => happened.Event == InterfaceEvent.EventsLost);
        Assert.Equal(10, lost.Lost); // the first event had a place too
    }

    [Fact]
    public void So_many_may_listen_and_each_that_leaves_makes_room()
    {
        var listeners = Enumerable.Range(0, EventFeed.MaxListeners).Select(_ => _feed.Listen()!).ToList();
        Assert.Null(_feed.Listen());
        listeners[3].Dispose();
        listeners[3].Dispose();
        using var next = _feed.Listen();
        Assert.NotNull(next);
        Assert.Null(_feed.Listen());
    }

    private static PublicKey Key(byte number) => new([.. Enumerable.Repeat(number, PublicKey.Size)]);

    private static async Task<List<InterfaceEvent>> HearAsync(EventListener listener, int count)
    {
        List<InterfaceEvent> heard = [];
        await foreach (var happened in listener.ReadAsync(TestContext.Current.CancellationToken))
        {
            heard.Add(happened);
            if (heard.Count == count)
                break;
        }
        return heard;
    }

    private sealed class NoWire : IWire
    {
        public void Send(PacketBatch datagrams, ReadOnlySpan<Endpoint> endpoints)
        {
        }
    }

    private sealed class NoPort : IPort
    {
        public int Receive(PacketBatch batch) => 0;

        public int Send(PacketBatch batch) => batch.Count;

        public void Dispose()
        {
        }
    }
}
