using Qanat.Linux.Devices;
using Qanat.Linux.Netlink;
using Qanat.Linux.Sockets;
using Qanat.Packets;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Sockets;

/// <summary>A socket that sees what passes a device.</summary>
public sealed class CaptureSocketTests : IDisposable
{
    private readonly TestNamespace _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_tag_that_the_kernel_took_out_is_back_in_its_place()
    {
        using var device = _host.Enter(() => TunDevice.Open("q0", new() { Mode = TunMode.Tap }));
        _host.Do("ip link set q0 up");
        using var capture = Open("q0");
        byte[] frame = [.. Enumerable.Repeat((byte)0xFF, 6), 2, 0, 0, 0, 0, 9, 0x81, 0x00, 0x60, 0x07, 0x88, 0xB5, .. new byte[50]];
        device.Write(frame);
        var (facts, bytes) = Next(capture, bytes => bytes.Length > 12 && bytes[12] == 0x81);
        Assert.Equal(frame, bytes);
        Assert.Equal((CaptureLinkType.Ethernet, CaptureDirection.Inbound, device.Index), (facts.LinkType, facts.Direction, facts.Link));
        Assert.InRange(facts.Timestamp, 1_700_000_000L * 1_000_000_000, long.MaxValue);
    }

    [Fact]
    public void The_kernel_runs_the_filter()
    {
        using var device = _host.Enter(() => TunDevice.Open("q0", new() { LinkType = TunOptions.ARPHRD_TUNNEL }));
        _host.Do("ip addr add 10.7.0.1/24 dev q0", "ip link set q0 up");
        using var filter = new PacketFilter("icmp and dst host 10.7.0.3", CaptureLinkType.Raw);
        using var capture = Open("q0", filter);
        _host.Run("ping -c 1 -W 0.1 10.7.0.2");
        _host.Run("ping -c 1 -W 0.1 10.7.0.3");
        var (facts, bytes) = Next(capture, _ => true);
        Assert.Equal((3, CaptureLinkType.Raw, CaptureDirection.Outbound), (bytes[19], facts.LinkType, facts.Direction));
        Assert.False(capture.TryReceive(out _, out _));
        Assert.True(filter.Accepts(bytes, bytes.Length));
        bytes[19] = 2;
        Assert.False(filter.Accepts(bytes, bytes.Length));
    }

    [Fact]
    public void A_packet_to_the_host_itself_is_seen_once()
    {
        using var capture = Open("lo");
        _host.Do("ping -c 1 -W 5 127.0.0.1");
        var seen = 0;
        while (capture.TryReceive(out _, out _))
            seen++;
        Assert.Equal(2, seen);
        Assert.Equal(4UL, capture.TakeStatistics().Received);
    }

    [Fact]
    public void Packets_that_it_cannot_read_are_passed_over_however_many_they_are()
    {
        const ushort ARPHRD_IPGRE = 778;
        using var device = _host.Enter(() => TunDevice.Open("q0", new() { LinkType = ARPHRD_IPGRE }));
        _host.Do("ip link set q0 up");
        using var capture = _host.Enter(() => CaptureSocket.Open(link: 0));
        byte[] packet = [0x45, .. new byte[39]];
        for (var i = 0; i < 5000; i++)
            device.Write(packet);
        var found = true;
        var small = new Thread(() => found = capture.TryReceive(out _, out _), maxStackSize: 256 << 10);
        small.Start();
        small.Join();
        Assert.False(found);
    }

    [Fact]
    public void A_filter_is_compiled_for_the_link_that_it_is_for()
    {
        byte[] packet = [.. new byte[20], 0x45, .. new byte[8], 1, .. new byte[18]]; // SLL2: ICMP behind a header of 20 bytes
        packet[0] = 0x08;
        using var sll2 = new PacketFilter("icmp", CaptureLinkType.LinuxSll2);
        using var raw = new PacketFilter("icmp", CaptureLinkType.Raw);
        Assert.Equal((true, false), (sll2.Accepts(packet, packet.Length), raw.Accepts(packet, packet.Length)));
    }

    [Fact]
    public async Task Disposing_ends_the_wait()
    {
        var capture = Open("lo");
        var waiting = Task.Run(() => capture.Wait(Timeout.InfiniteTimeSpan), TestContext.Current.CancellationToken);
        capture.Dispose();
        await Assert.ThrowsAsync<PortClosedException>(() => waiting.WaitAsync(Wait.Limit, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_filter_that_makes_no_sense_is_refused_in_libpcaps_words()
        => Assert.Contains("syntax error", Assert.Throws<FormatException>(() => new PacketFilter("foo bar", CaptureLinkType.Raw)).Message,
            StringComparison.Ordinal);

    private CaptureSocket Open(string name, PacketFilter? filter = null) => _host.Enter(() =>
    {
        using var netlink = new RouteNetlink();
        return CaptureSocket.Open(netlink.Links.Get(name).Index, filter);
    });

    private static (CapturedFrame Facts, byte[] Bytes) Next(CaptureSocket capture, Func<byte[], bool> wanted)
    {
        while (true)
        {
            if (!capture.TryReceive(out var facts, out var bytes))
                Assert.True(capture.Wait(Wait.Limit), "No such packet came.");
            else if (bytes.ToArray() is var found && wanted(found))
                return (facts, found);
        }
    }
}
