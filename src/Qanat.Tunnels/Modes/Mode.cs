using Qanat.Packets;

namespace Qanat.Tunnels.Modes;

/// <summary>
/// What sets one mode apart from another. The engine does the rest; what is virtual here is what most modes have in common.
/// Instances have no state of their own: that of a tunnel is in <see cref="Tunnel"/>.
/// </summary>
internal abstract class Mode
{
    /// <summary>The word of the command line: <c>ipip</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The tunnels that it shares the lookup with: the kernel's modules keep a table each.</summary>
    public abstract TunnelGroup Group { get; }

    /// <summary>Whether the outer header is one of IPv6.</summary>
    public virtual bool IsOverIPv6 => false;

    /// <summary>Whether it carries Ethernet frames, so that its device is a TAP.</summary>
    public virtual bool CarriesFrames => false;

    /// <summary>Whether its packets are ESP, which <see cref="IpsecEncapsulator"/> makes instead of <see cref="WriteHeaders"/>.</summary>
    public virtual bool IsSealed => false;

    /// <summary>Whether a tunnel's key decides which packets are its own.</summary>
    public virtual bool UsesKey => false;

    /// <summary>
    /// The least MTU in bytes that it must offer to inner packets: a path that is narrower is used without DF. 0 for none.
    /// </summary>
    public virtual int LeastMtu => 0;

    /// <summary>Whether the far end must be a single host.</summary>
    public virtual bool InsistsOnHost => false;

    /// <summary>Whether the sender of an inner packet hears at once that there is no route to the far end.</summary>
    public virtual bool TellsOfNoRoute => InsistsOnHost;

    /// <summary>DF of the outer IPv4 header, as far as the route does not forbid it.</summary>
    public virtual bool DontFragment(TunnelParameters parameters, in InnerPacket inner) =>
        parameters.PathMtuDiscovery || inner.DontFragment && !parameters.IgnoreDf;

    /// <summary>
    /// Where a tunnel stands in its group's table. One to a multicast group takes what comes to its own address, from whomever,
    /// and what comes to the group.
    /// </summary>
    public virtual Place[] PlacesOf(TunnelParameters parameters)
    {
        var any = IpAddress.Any(IsOverIPv6);
        var local = parameters.Local.IsAny ? any : parameters.Local;
        var remote = parameters.Remote.IsAny ? any : parameters.Remote;
        ulong? key = UsesKey ? parameters.Gre.InputKey : null;
        return remote.IsMulticast ? [new(local, any, key), new(remote, any, key)] : [new(local, remote, key)];
    }

    /// <summary>True when it carries packets of <paramref name="protocol"/>.</summary>
    public abstract bool Carries(EtherType protocol);

    /// <summary>The outer protocols that its packets may arrive by.</summary>
    public virtual IReadOnlyList<IpProtocol> Receives => [OuterProtocol(EtherType.IPv4)];

    /// <summary>Whether its device's packets may be other than IP, so that their protocol must be known beside them.</summary>
    public virtual bool CarriesAnything => false;

    /// <summary>The protocol in the outer header when it carries <paramref name="inner"/>.</summary>
    public abstract IpProtocol OuterProtocol(EtherType inner);

    /// <summary>Bytes between the outer IP header and the inner packet.</summary>
    public virtual int HeaderLength(TunnelParameters parameters) => 0;

    /// <summary>
    /// Bytes between the outer IP header and one inner packet, where they depend on that. Negative where the outer header takes the
    /// inner one's place: then so many bytes of the inner packet are written over.
    /// </summary>
    /// <param name="parameters">The tunnel's parameters.</param>
    /// <param name="inner">The inner packet.</param>
    /// <param name="source">The outer source address.</param>
    public virtual int HeaderLength(TunnelParameters parameters, in InnerPacket inner, IpAddress source) => HeaderLength(parameters);

    /// <summary>Whether its packets travel in UDP.</summary>
    public bool IsOverUdp => OuterProtocol(EtherType.IPv4) == IpProtocol.Udp;

    /// <summary>Whether a UDP header, right behind the outer IP header, is there and is to have a checksum.</summary>
    public virtual bool WantsUdpChecksum(TunnelParameters parameters) => false;

    /// <summary>Writes the outer IP header and what follows it in front of the inner packet, which is in its place.</summary>
    /// <param name="tunnel">The tunnel.</param>
    /// <param name="inner">What the inner packet is.</param>
    /// <param name="outer">The outer header.</param>
    /// <param name="headerLength">What <see cref="HeaderLength(TunnelParameters, in InnerPacket, IpAddress)"/> said.</param>
    /// <param name="packet">The whole outer packet.</param>
    public virtual void WriteHeaders(Tunnel tunnel, EtherType inner, in OuterHeader outer, int headerLength, Span<byte> packet)
    {
        WriteHeader(tunnel, inner, packet[outer.Size..]);
        outer.Write(packet, tunnel.NextId++);
    }

    /// <summary>Writes the bytes between the outer IP header and the inner packet.</summary>
    /// <param name="tunnel">The tunnel.</param>
    /// <param name="inner">What the inner packet is.</param>
    /// <param name="payload">What follows the outer IP header: room for the header, then the inner packet.</param>
    public virtual void WriteHeader(Tunnel tunnel, EtherType inner, Span<byte> payload)
    {
    }

    /// <summary>The outer IP header for one inner packet.</summary>
    public virtual OuterHeader Outer(
        Tunnel tunnel, in InnerPacket inner, in OuterRoute route, IpAddress remote, byte tos, bool dontFragment)
    {
        var parameters = tunnel.Parameters;
        return OuterHeader.IPv4(
            EcnPropagation.Encapsulate(tos, inner.TypeOfService), dontFragment && !route.MtuLocked,
            parameters.Ttl != 0 ? parameters.Ttl : inner.TimeToLive, OuterProtocol(inner.Protocol),
            (parameters.Local.IsAny ? route.Source : parameters.Local).IPv4, remote.IPv4);
    }

    /// <summary>The outer TOS or traffic class before ECN goes into it.</summary>
    public virtual byte OuterTos(TunnelParameters parameters, byte inner) => (parameters.Tos & 1) != 0 ? inner : parameters.Tos;

    /// <summary>
    /// How many far ends a packet goes to: 1, or as many as the forwarding table has for its Ethernet address. The engine turns the
    /// table to each (<see cref="Forwarding"/>) before it asks for <see cref="FarEnd"/> and writes the headers.
    /// </summary>
    public virtual int SelectFarEnds(Tunnel tunnel, in InnerPacket inner) => 1;

    /// <summary>
    /// The far end for one inner packet: the tunnel's, or the next hop of the inner route. Any when there is none.
    /// </summary>
    public virtual IpAddress FarEnd(Tunnel tunnel, in InnerPacket inner, IUnderlay underlay) =>
        !tunnel.Parameters.Remote.IsAny ? tunnel.Parameters.Remote
        : inner.IsIp ? NextHop(tunnel, inner, underlay)
        : IpAddress.Any(IsOverIPv6);

    /// <summary>
    /// Reads on where the tunnel's parameters say how long its header is. Returns why the packet cannot be its, or null.
    /// </summary>
    public virtual DropReason? Complete(Tunnel tunnel, ReadOnlySpan<byte> payload, ref TunnelHeader header) => null;

    /// <summary>Why a packet that arrived for <paramref name="tunnel"/> is not to be let in; null when it is.</summary>
    /// <param name="tunnel">The tunnel that it is for.</param>
    /// <param name="header">What stood in front of the inner packet.</param>
    /// <param name="outer">The outer packet.</param>
    /// <param name="inner">The inner packet.</param>
    /// <param name="underlay">What may be asked about addresses.</param>
    public virtual DropReason? Refuses(
        Tunnel tunnel, in TunnelHeader header, in OuterPacket outer, ReadOnlySpan<byte> inner, IUnderlay underlay) => null;

    /// <summary>
    /// The far end that the next hop of the inner route names; any when it names none. An IPv6 next hop names one over IPv4 as
    /// ::192.0.2.1 does (ip_tunnel_xmit, ipip6_tunnel_xmit: IPV6_ADDR_COMPATv4).
    /// </summary>
    protected IpAddress NextHop(Tunnel tunnel, in InnerPacket inner, IUnderlay underlay)
    {
        var hop = underlay.NextHop(tunnel.Index, inner.Source, inner.Destination);
        if (hop.IsIPv6 == IsOverIPv6)
            return hop;
        return !IsOverIPv6 && hop.IPv6.Value is var value && value >> 32 == 0 && value > 1
            ? new IPv4Address((uint)value)
            : IpAddress.Any(IsOverIPv6);
    }
}
