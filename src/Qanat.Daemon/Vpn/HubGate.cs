using System.Net.Sockets;
using Qanat.Daemon.Vpn.Firewall;
using Qanat.Daemon.Vpn.Forwarding;
using Qanat.Daemon.WireGuard;
using Qanat.Daemon.WireGuard.Companions;
using Qanat.Daemon.WireGuard.Up;
using Qanat.Linux;
using Qanat.Linux.Namespaces;
using Qanat.Linux.Netlink;

namespace Qanat.Daemon.Vpn;

/// <summary>
/// What lets a hub's peers through to where they may go, and nobody else: its firewall, and forwarding by the devices that
/// lead there. It follows the routes, and takes all of it back.
/// </summary>
/// <param name="scope">How far the peers reach.</param>
/// <param name="where">The network namespace.</param>
/// <param name="record">The file that remembers what was changed.</param>
/// <param name="say">Takes a line for each thing that cannot be had when it comes up.</param>
internal sealed class HubGate(HubScope scope, NetworkNamespace where, string record, Action<string> say) : ICompanion, IDisposable
{
    // Routes change many at a time, and each look at them reads them all.
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(200), s_retry = TimeSpan.FromSeconds(5);

    private readonly PacketForwarding _forwarding = new(new(), new(record));
    private readonly CancellationTokenSource _end = new();
    private readonly Bell _routesChanged = new();
    private HubFirewall? _firewall;
    private NetworkMonitor? _monitor;
    private Task _following = Task.CompletedTask;
    private IRunningInterface? _running;
    private (HashSet<string> IPv4, HashSet<string> IPv6) _closed = ([], []);

    /// <inheritdoc/>
    /// <remarks>The firewall names devices that need not be there, so it stands before its own is, and longer.</remarks>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        where.Run(_forwarding.PutBack); // what one has left that was killed
        _firewall = new(scope, where, text => say($"qanat: {scope.Device}: {text}"));
        await _firewall.StartAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task StartAsync(IRunningInterface running, CancellationToken cancellation)
    {
        _running = running;
        await WarnOfOthersAsync().ConfigureAwait(false);
        _monitor = NetworkMonitor.In(where, MonitorGroups.Links | MonitorGroups.IPv4Routes | MonitorGroups.IPv6Routes);
        await UpdateAsync().ConfigureAwait(false);
        _following = Task.WhenAll(ListenAsync(_monitor), FollowAsync());
    }

    /// <inheritdoc/>
    public async Task StopAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(false);
        _monitor?.Dispose();
        where.Run(_forwarding.PutBack);
    }

    /// <inheritdoc/>
    public async Task ReleaseAsync()
    {
        if (_firewall is not null)
            await _firewall.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _end.Dispose();

    /// <summary>Takes back what a process has left that was killed.</summary>
    /// <exception cref="IOException">It cannot be taken back.</exception>
    public static async Task TakeBackAsync(string device, NetworkNamespace where, string record)
    {
        where.Run(new PacketForwarding(new(), new(record)).PutBack);
        await HubFirewall.TakeBackAsync(device, where).ConfigureAwait(false);
    }

    private async Task WarnOfOthersAsync()
    {
        var chains = await Nft.ReadAsync(where, "-j", "list", "chains").ConfigureAwait(false);
        foreach (var chain in OtherChains.ThatDropForwarded(chains, HubRules.TableName(scope.Device)))
            say($"qanat: {scope.Device}: the chain \"{chain}\" drops what is passed on, and is not ours to change; " +
                $"let it accept iifname and oifname {scope.Device}");
    }

    private async Task ListenAsync(NetworkMonitor monitor)
    {
        try
        {
            await foreach (var _ in monitor.ReadAllAsync(_end.Token).ConfigureAwait(false))
                _routesChanged.Ring();
        }
        catch (OperationCanceledException)
        {
        }
        catch (LinuxException fault)
        {
            _running!.Log(LogLevel.Error, $"routes are followed no more: {fault.Message}");
        }
    }

    private async Task FollowAsync()
    {
        var changed = _routesChanged.WaitAsync(_end.Token).AsTask();
        for (var pause = s_settle; ;)
            try
            {
                await Task.WhenAny(changed, _firewall!.Lost).ConfigureAwait(false);
                if (_firewall.Lost.IsCompleted)
                    where.Run(_forwarding.PutBack); // without a firewall nothing may pass
                await Task.Delay(pause, _end.Token).ConfigureAwait(false);
                pause = s_retry;
                if (_firewall.Lost.IsCompleted)
                    await MakeFirewallAgainAsync().ConfigureAwait(false);
                if (changed.IsCompleted)
                    changed = _routesChanged.WaitAsync(_end.Token).AsTask();
                await UpdateAsync().ConfigureAwait(false);
                pause = s_settle;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                _running!.Log(LogLevel.Error, fault.Message);
                _routesChanged.Ring(); // so that it is tried again
            }
    }

    private async Task MakeFirewallAgainAsync()
    {
        _running!.Log(LogLevel.Error, "somebody has ended nft, and the firewall with it; it is made again");
        await _firewall!.DisposeAsync().ConfigureAwait(false);
        await _firewall.StartAsync().ConfigureAwait(false);
        _closed = ([], []);
    }

    // What opens is closed to others first, and what closes stays closed to them until it has.
    private async Task UpdateAsync()
    {
        var (wanted, closed) = where.Run(Look);
        await CloseAsync(([.. _closed.IPv4, .. closed.IPv4], [.. _closed.IPv6, .. closed.IPv6])).ConfigureAwait(false);
        where.Run(() => _forwarding.Turn(wanted));
        await CloseAsync(closed).ConfigureAwait(false);
    }

    private async Task CloseAsync((HashSet<string> IPv4, HashSet<string> IPv6) devices)
    {
        if (devices.IPv4.SetEquals(_closed.IPv4) && devices.IPv6.SetEquals(_closed.IPv6))
            return;
        await _firewall!.SetForwardedAsync(devices.IPv4, devices.IPv6).ConfigureAwait(false);
        _closed = devices;
    }

    private (IReadOnlyList<ForwardingSetting> Wanted, (HashSet<string> IPv4, HashSet<string> IPv6) Closed) Look()
    {
        using var netlink = new RouteNetlink();
        string[] hubs = [scope.Device, .. InterfaceHost.Hubs()]; // each opens its own device, and guards it
        var names = netlink.Links.List().Where(link => !hubs.Contains(link.Name) && !link.Flags.HasFlag(LinkFlags.Loopback))
            .ToDictionary(link => link.Index, link => link.Name);
        var wanted = _forwarding.Find(
            DevicesOf(isIPv6: false, netlink.Routes.List(AddressFamily.InterNetwork), names),
            DevicesOf(isIPv6: true, netlink.Routes.List(AddressFamily.InterNetworkV6), names));
        return (wanted, (Closed(false), Closed(true)));

        HashSet<string> Closed(bool isIPv6) =>
            [.. wanted.Where(setting => setting.IsIPv6 == isIPv6)
                .SelectMany(setting => setting.Device is { } device ? [device] : (IEnumerable<string>)names.Values)
                .Where(device => device != scope.Device)];
    }

    private IEnumerable<string> DevicesOf(bool isIPv6, IReadOnlyList<Route> routes, Dictionary<int, string> names) =>
        !scope.SubnetsOf(isIPv6).Any() ? [] :
        [
            scope.Device,
            .. Uplinks.To(scope.NetworksOf(isIPv6), routes).Select(names.GetValueOrDefault).OfType<string>(),
        ];
}
