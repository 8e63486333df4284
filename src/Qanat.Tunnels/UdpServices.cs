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
/// The UDP ports that tunnels receive at, each with what arrives there. A port opened for one IP version says nothing of the
/// other.
/// </summary>
internal sealed class UdpServices
{
    private readonly Dictionary<(bool IsIPv6, ushort Port), UdpService> _services = [];

    /// <summary>Says what arrives at a port from now on.</summary>
    public void Open(bool isIPv6, ushort port, UdpService service) => _services[(isIPv6, port)] = service;

    /// <summary>Nothing that is ours arrives there any more.</summary>
    public void Close(bool isIPv6, ushort port) => _services.Remove((isIPv6, port));

    /// <summary>What arrives at a port; null when that is not known.</summary>
    public UdpService? Find(bool isIPv6, ushort port) => _services.TryGetValue((isIPv6, port), out var service) ? service : null;
}
