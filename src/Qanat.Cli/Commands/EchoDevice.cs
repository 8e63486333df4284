using Qanat.Cli.Iproute2;
using Qanat.Hosts;
using Qanat.Linux;
using Qanat.Linux.Devices;
using Qanat.Linux.Netlink;
using Qanat.Packets;

namespace Qanat.Cli.Commands;

/// <summary>The device that <c>qanat echo</c> is behind: made for it, or there before and there afterwards.</summary>
internal sealed class EchoDevice : IDisposable
{
    private EchoDevice(TunDevice port, bool isNew) => (Port, IsNew) = (port, isNew);

    /// <summary>The device.</summary>
    public TunDevice Port { get; }

    /// <summary>True when it was made, and will go.</summary>
    public bool IsNew { get; }

    /// <summary>What it carries.</summary>
    public HostLink Link => Port.Mode == TunMode.Tap ? HostLink.Ethernet : HostLink.Ip;

    /// <summary>Opens it: one that exists as it is, another as asked for, or as its name says. One that is made is switched on.</summary>
    /// <exception cref="CommandFailure">It cannot be, in one line.</exception>
    public static EchoDevice Open(EchoRequest request)
    {
        try
        {
            using var netlink = new RouteNetlink();
            var existing = netlink.Links.Find(request.Device);
            var device = new EchoDevice(TunDevice.Open(request.Device, Options(request, existing)), existing is null);
            try
            {
                if (device.IsNew)
                    netlink.Links.SetUp(device.Port.Index);
                foreach (var address in request.HostAddresses)
                    GiveAddress(netlink, device.Port.Index, address);
                return device;
            }
            catch
            {
                device.Dispose();
                throw;
            }
        }
        catch (LinuxException fault)
        {
            throw CommandFailure.Refusal($"echo: {fault.Message}");
        }
        catch (PortClosedException)
        {
            throw CommandFailure.Refusal($"echo: {request.Device} was deleted as soon as it was there. Try again.");
        }
    }

    /// <summary>True when the device is switched on.</summary>
    public bool IsUp
    {
        get
        {
            using var netlink = new RouteNetlink();
            return netlink.Links.Find(Port.Index) is { IsUp: true };
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Port.Dispose();

    // What exists keeps what it was made with; offloads are left out, so that what comes is finished.
    private static TunOptions Options(EchoRequest request, Link? existing)
    {
        if (existing is null)
        {
            var isTap = request.Device.StartsWith("tap", StringComparison.Ordinal);
            return new() { Mode = request.Mode ?? (isTap ? TunMode.Tap : TunMode.Tun) };
        }
        if (existing.Kind != "tun")
            throw CommandFailure.Refusal(
                $"echo: {existing.Name} is no TUN or TAP device. Give another name; one that does not exist is made.");
        var details = existing.Tun ?? new();
        var mode = existing.Tun is null && request.Mode is { } wanted ? wanted : details.Tap ? TunMode.Tap : TunMode.Tun;
        if (request.Mode is { } other && other != mode)
            throw CommandFailure.Refusal(
                $"echo: {existing.Name} exists, and is a {Text(mode)}, not a {Text(other)}. Leave \"mode\" out, or give another name.");
        return new()
        {
            Mode = mode,
            MultiQueue = details.MultiQueue,
            PacketInformation = details.PacketInformation,
            VnetHeader = details.VnetHeader,
            Offloads = TunOffloads.None,
        };
    }

    // IPv6 is not to wait a second for a duplicate that cannot be: who is behind the device is known.
    private static void GiveAddress(RouteNetlink netlink, int link, string text)
    {
        var isIPv4 = IPv4Interface.TryParse(text, out var inet);
        var isIPv6 = IPv6Interface.TryParse(text, out var inet6);
        try
        {
            netlink.Addresses.Replace(new()
            {
                InterfaceIndex = link,
                Address = isIPv6 ? inet6.Address.ToIPAddress() : inet.Address.ToIPAddress(),
                PrefixLength = (byte)(isIPv6 ? inet6.PrefixLength : inet.PrefixLength),
                Broadcast = isIPv4 && inet.PrefixLength <= 30 ? inet.Broadcast.ToIPAddress() : null,
                Flags = isIPv6 ? AddressFlags.NoDuplicateDetection : AddressFlags.None,
            });
        }
        catch (LinuxException fault) when (fault.Error == Errno.EACCES && isIPv6)
        {
            throw CommandFailure.Refusal(
                $"echo: {text}: IPv6 is off on this device. Switch it on with sysctl net.ipv6.conf.all.disable_ipv6=0.");
        }
    }

    private static string Text(TunMode mode) => mode == TunMode.Tap ? "TAP" : "TUN";
}
