using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>What the datagrams that arrive at a UDP port are.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Protocol">For <see cref="UdpServiceKind.Fou"/>: the protocol of what they carry.</param>
/// <param name="Peer">The one far end that is heard; any for all.</param>
/// <param name="PeerPort">Its port; 0 for any.</param>
public readonly record struct UdpService(UdpServiceKind Kind, IpProtocol Protocol = 0, IpAddress Peer = default, ushort PeerPort = 0)
{
    /// <summary>Whether a datagram from there is taken, as a connected socket would.</summary>
    public bool Hears(IpAddress source, ushort port) => (Peer.IsAny || Peer == source) && (PeerPort == 0 || PeerPort == port);
}

/// <summary>A kind of datagrams.</summary>
public enum UdpServiceKind
{
    /// <summary>A packet of one IP protocol at once (<c>ip fou add port P ipproto N</c>).</summary>
    Fou,

    /// <summary>A GUE header first (<c>ip fou add port P gue</c>).</summary>
    Gue,

    /// <summary>A VXLAN header, then an Ethernet frame.</summary>
    Vxlan,

    /// <summary>Messages of L2TPv3.</summary>
    L2tp,

    /// <summary>ESP in UDP (RFC 3948).</summary>
    Esp,
}

/// <summary>
/// The UDP ports that tunnels receive at, each with what arrives there: at one address of this host or at any of an IP version, by
/// one device or by any.
/// </summary>
internal sealed class UdpServices
{
    private readonly Dictionary<(IpAddress Local, ushort Port, int Link), (UdpService Service, int Users)> _services = [];

    /// <summary>Says what arrives at a port, once more. False when something else does already.</summary>
    public bool TryOpen(IpAddress local, ushort port, int link, UdpService service)
    {
        var isOpen = _services.TryGetValue((local, port, link), out var open);
        if (isOpen && open.Service != service)
            return false;
        _services[(local, port, link)] = (service, open.Users + 1);
        return true;
    }

    /// <summary>One of those who said so needs it no more.</summary>
    public void Close(IpAddress local, ushort port, int link)
    {
        if (!_services.TryGetValue((local, port, link), out var open))
            return;
        if (open.Users > 1)
            _services[(local, port, link)] = open with { Users = open.Users - 1 };
        else
            _services.Remove((local, port, link));
    }

    /// <summary>The ports of IPv4 where one thing arrives, for whatever address, by whatever device and from whomever.</summary>
    public IEnumerable<KeyValuePair<ushort, UdpService>> Unbound =>
        from port in _services.GroupBy(open => open.Key.Port)
        where port.All(open => open.Key is { Local: { IsAny: true }, Link: 0 } && open.Value.Service is { Peer.IsAny: true, PeerPort: 0 })
        from open in port
        where !open.Key.Local.IsIPv6
        select KeyValuePair.Create(port.Key, open.Value.Service);

    /// <summary>What arrives at a port for an address by a device; null when that is not known.</summary>
    public UdpService? Find(IpAddress local, ushort port, int link) => Bound(local, port, link) ?? Bound(local, port, link: 0);

    private UdpService? Bound(IpAddress local, ushort port, int link) =>
        _services.TryGetValue((local, port, link), out var open) ||
        _services.TryGetValue((IpAddress.Any(local.IsIPv6), port, link), out open)
            ? open.Service
            : null;
}
