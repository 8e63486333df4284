using Qanat.Linux;
using Qanat.Linux.Sockets;
using Qanat.Linux.Netlink;
using Qanat.Packets;

namespace Qanat.Cli.Capture;

/// <summary>The packets of a device, or of all of them.</summary>
internal sealed class DeviceSource : ICaptureSource
{
    private readonly string _name;
    private readonly CaptureFilters _filters;
    private readonly CaptureRequest _request;
    private readonly CaptureSocket _socket;
    private readonly RouteNetlink _netlink = new();
    private readonly Dictionary<int, CaptureInterface> _interfaces = [];

    /// <summary>Opens the device.</summary>
    /// <exception cref="LinuxException">It cannot be captured on.</exception>
    public DeviceSource(Link? device, CaptureRequest request, CaptureFilters filters)
    {
        (_name, _filters, _request) = (device?.Name ?? "any", filters, request);
        // The kernel sees no tags where it has taken them out, so filters that may speak of them are run here alone.
        var inKernel = device is not null && !filters.MentionTags && CaptureSocket.LinkTypeOf(device.Type) is { } type
            ? filters.For(type)
            : null;
        _socket = CaptureSocket.Open(device?.Index ?? 0, inKernel, request.Promiscuous);
    }

    /// <inheritdoc/>
    public ulong Dropped { get; private set; }

    /// <inheritdoc/>
    public void Run(ICaptureSource.Taker take)
    {
        try
        {
            while (true)
            {
                if (!_socket.TryReceive(out var frame, out var bytes))
                {
                    Dropped += _socket.TakeStatistics().Dropped;
                    _socket.Wait(TimeSpan.FromSeconds(1));
                    continue;
                }

                if (!_filters.Accept(frame.LinkType, bytes, frame.OriginalLength))
                    continue;
                var packet = new CapturedPacket
                {
                    Timestamp = frame.Timestamp,
                    OriginalLength = frame.OriginalLength,
                    Direction = frame.Direction,
                };
                if (!take(InterfaceOf(frame), packet, bytes))
                    return;
            }
        }
        catch (PortClosedException)
        {
            // We were told to end.
        }
        catch (LinuxException fault) when (fault.Error is Errno.ENETDOWN or Errno.ENODEV or Errno.ENXIO)
        {
            throw _netlink.Links.Find(_name) is null
                ? new LinuxException($"capture on {_name}", Errno.ENODEV, "the device has gone")
                : new LinuxException($"capture on {_name}", Errno.ENETDOWN, "the device went down", $"ip link set {_name} up");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _netlink.Dispose();
    }

    private CaptureInterface InterfaceOf(in CapturedFrame frame)
    {
        if (_interfaces.TryGetValue(frame.Link, out var known))
            return known;
        var name = _name != "any" ? _name : _netlink.Links.Find(frame.Link)?.Name ?? $"#{frame.Link}";
        return _interfaces[frame.Link] =
            new(name, frame.LinkType, _request.SnapLength, Filter: _request.Expression.Length > 0 ? _request.Expression : null);
    }
}
