using Microsoft.Win32.SafeHandles;
using Qanat.Linux.Netlink;
using Qanat.Testing;
using static Qanat.Linux.Tests.Netlink.Parsing;

namespace Qanat.Linux.Tests.Netlink;

public sealed class NetworkMonitorStreamTests : IDisposable
{
    private readonly TestNamespace _host = new();
    private readonly RouteNetlink _netlink;
    private readonly CancellationTokenSource _limit = new(Wait.Limit);

    public NetworkMonitorStreamTests() => _netlink = _host.Netlink();

    public void Dispose()
    {
        _netlink.Dispose();
        _host.Dispose();
        _limit.Dispose();
    }

    [Fact]
    public async Task Events_come_while_somebody_awaits_them_and_in_their_order()
    {
        using var monitor = _host.Monitor(MonitorGroups.Links | MonitorGroups.IPv4Addresses);
        await using var events = monitor.ReadAllAsync(_limit.Token).GetAsyncEnumerator(_limit.Token);
        var first = events.MoveNextAsync();
        Assert.False(first.IsCompleted);
        _netlink.Links.AddVeth("v0", "v1");
        var index = _netlink.Links.Get("v0").Index;
        _netlink.Addresses.Add(new() { InterfaceIndex = index, Address = Ip("10.0.0.1"), PrefixLength = 24 });
        _netlink.Links.Delete(index);

        List<NetworkEvent> seen = [];
        for (var more = await first; more; more = await events.MoveNextAsync())
        {
            seen.Add(events.Current);
            if (seen.OfType<LinkRemoved>().Count() == 2)
                break;
        }

        var added = seen.FindIndex(e => e is LinkChanged { Link.Name: "v0" });
        var addressed = seen.FindIndex(e => e is AddressChanged changed && changed.Address.Address.Equals(Ip("10.0.0.1")));
        var removed = seen.FindIndex(e => e is LinkRemoved { Link.Name: "v0" });
        Assert.True(added >= 0 && added < addressed && addressed < removed, string.Join('\n', seen));
    }

    [Fact]
    public async Task A_cancelled_stream_loses_nothing_and_another_goes_on()
    {
        using var monitor = _host.Monitor(MonitorGroups.Links);
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token);
        await using (var events = monitor.ReadAllAsync(soon.Token).GetAsyncEnumerator(soon.Token))
        {
            var waiting = events.MoveNextAsync();
            await soon.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
        }

        _netlink.Links.AddBridge("br0");
        await foreach (var happened in monitor.ReadAllAsync(_limit.Token))
        {
            Assert.IsType<LinkChanged>(happened);
            break;
        }
    }

    [Fact]
    public async Task Disposing_the_monitor_ends_the_stream()
    {
        var monitor = _host.Monitor(MonitorGroups.Links);
        await using var events = monitor.ReadAllAsync(_limit.Token).GetAsyncEnumerator(_limit.Token);
        var waiting = events.MoveNextAsync();
        monitor.Dispose();
        Assert.False(await waiting);
        await foreach (var happened in monitor.ReadAllAsync(_limit.Token))
            Assert.Fail($"A disposed monitor told of {happened}.");
    }

    [Fact]
    public async Task Events_that_were_lost_are_an_event_and_those_after_arrive()
    {
        using var networkNamespace = _host.Open();
        using var monitor = networkNamespace.Run(() => new NetworkMonitor(MonitorGroups.Links, receiveBuffer: 8192));
        _netlink.Links.AddVeth("v0", "v1");
        var index = _netlink.Links.Get("v0").Index;
        for (var i = 0; i < 200; i++)
            _netlink.Links.SetMtu(index, 1300 + i);
        await using var events = monitor.ReadAllAsync(_limit.Token).GetAsyncEnumerator(_limit.Token);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(EventsLost.Instance, events.Current);
        _netlink.Links.SetMtu(index, 1280);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(1280, Assert.IsType<LinkChanged>(events.Current).Link.Mtu);
    }

    [Fact]
    public async Task Nobody_but_the_kernel_is_heard()
    {
        using var monitor = _host.Monitor(MonitorGroups.Links);
        _host.Enter(Forge);
        Assert.True(IsReadable(monitor), "The forgery did not get here.");
        _netlink.Links.AddBridge("br0");
        await foreach (var happened in monitor.ReadAllAsync(_limit.Token))
        {
            Assert.Equal("br0", Assert.IsType<LinkChanged>(happened).Link.Name);
            break;
        }
    }

    private static unsafe bool IsReadable(NetworkMonitor monitor)
    {
        var waited = new Interop.Poll.pollfd { fd = (int)monitor.Handle.DangerousGetHandle(), events = Interop.Poll.POLLIN };
        return Interop.Poll.poll(&waited, 1, 0) == 1;
    }

    // Tells the group of devices, as a user may who has CAP_NET_ADMIN, of a device that is none.
    private static unsafe void Forge()
    {
        var writer = new NetlinkWriter(new byte[256], Interop.Rtnetlink.RTM_NEWLINK);
        writer.Append(new Interop.Rtnetlink.ifinfomsg { ifi_index = 4711 });
        writer.Add(Interop.Rtnetlink.IFLA_IFNAME, "forged0");
        writer.Add(Interop.Rtnetlink.IFLA_MTU, 1500);
        var message = writer.Complete(0, 0);
        Assert.True(NetlinkMessage.TryParse(message, out var parsed, out _) && NetworkEvent.TryParse(parsed, out _));
        var socket = Interop.Socket.socket(Interop.Socket.AF_NETLINK, Interop.Socket.SOCK_RAW, 0);
        using var handle = new SafeFileHandle(socket, ownsHandle: true);
        // Nobody has that port, so that only the group gets it.
        var group = new Interop.Netlink.sockaddr_nl { nl_family = Interop.Socket.AF_NETLINK, nl_pid = 0x7FFF_FFF0, nl_groups = 1 };
        fixed (byte* bytes = message)
            _ = Interop.Socket.sendto(socket, bytes, message.Length, 0, &group, (uint)sizeof(Interop.Netlink.sockaddr_nl));
    }
}
