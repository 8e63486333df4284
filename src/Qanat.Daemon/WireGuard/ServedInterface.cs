using Qanat.Crypto;
using Qanat.Daemon.DataPlane;
using Qanat.Daemon.Devices;
using Qanat.Linux.Devices;
using Qanat.Linux.Netlink;
using Qanat.WireGuard;

namespace Qanat.Daemon.WireGuard;

/// <summary>An interface, its device and the socket that <c>wg</c> asks it by, from their beginning to their end.</summary>
internal sealed class ServedInterface : IAsyncDisposable
{
    private readonly TunDevice _tun;
    private readonly UapiSocket _socket;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _serving;

    private ServedInterface(TunDevice tun, UapiSocket socket, WireGuardInterface running, WireGuardLog log)
    {
        (_tun, _socket, Interface) = (tun, socket, running);
        _serving = socket.RunAsync(running, log, _end.Token);
    }

    /// <summary>The interface.</summary>
    public WireGuardInterface Interface { get; }

    /// <summary>What its users are to hear of it, in a line: something that they asked for is not to be had here. Or null.</summary>
    public string? Remark { get; private init; }

    /// <summary>Makes the device, which is down, and the socket, which takes calls when this returns.</summary>
    /// <exception cref="Linux.LinuxException">The kernel refused, or the name is taken.</exception>
    /// <exception cref="CryptoException">There is no libcrypto, or not what <c>QANAT_AEAD</c> asks for.</exception>
    public static ServedInterface Open(WireGuardHostOptions options, WireGuardLog log)
    {
        _ = BatchAead.Preferred; // what is asked for in vain is said now, and not when the first peer comes
        var choices = UserDataPlaneOptions.FromEnvironment();
        choices = choices with { PostQuantum = choices.PostQuantum || options.PostQuantum };
        var tun = OpenDevice(options, choices.Offloads);
        UapiSocket? socket = null;
        try
        {
            socket = options.UapiDescriptor is { } descriptor
                ? UapiSocket.FromDescriptor(descriptor, options.Name)
                : UapiSocket.Open(options.Name);
            return new(tun, socket, new(options.Name, tun, choices, log), log)
            {
                Remark = PostQuantumKeys.Obstacle(choices.PostQuantum),
            };
        }
        catch
        {
            socket?.Dispose();
            tun.Dispose();
            throw;
        }
    }

    /// <summary>Waits until the token cancels, or the device or the socket's file is removed.</summary>
    /// <returns>What ended it; null for the token and the socket's file.</returns>
    public async Task<Exception?> WaitAsync(CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = stop.Register(stopped.SetResult);
        await Task.WhenAny(_serving, Interface.Gone, stopped.Task).ConfigureAwait(false);
        return Interface.Gone.IsCompleted ? await Interface.Gone.ConfigureAwait(false) : null;
    }

    /// <summary>Ends it; nothing is left.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _serving.ConfigureAwait(false);
        await Interface.DisposeAsync().ConfigureAwait(false);
        _socket.Dispose();
        _tun.Dispose();
        _end.Dispose();
    }

    private static TunDevice OpenDevice(WireGuardHostOptions options, TunOffloads offloads)
    {
        if (options.TunDescriptor is { } descriptor)
            return TunDevice.FromDescriptor(descriptor, offloads);
        using var netlink = new RouteNetlink();
        var isNew = netlink.Links.Find(options.Name) is null;
        var tun = TunDevice.Open(options.Name, new() { VnetHeader = true, Offloads = offloads });
        try
        {
            if (isNew)
                tun.Mtu = WireGuardDevice.DefaultMtu;
            SuperPackets.Limit(netlink.Links, tun.Index);
            return tun;
        }
        catch
        {
            tun.Dispose();
            throw;
        }
    }
}
