using System.Security.Cryptography;
using Qanat.Packets;

namespace Qanat.Tunnels.Modes;

/// <summary>A static session of L2TPv3 (RFC 3931; net/l2tp/l2tp_core.c): Ethernet frames over IP or UDP.</summary>
internal sealed class L2tp(bool isOverIPv6, bool overUdp) : Mode
{
    private const byte SocketTtl = 64; // a socket's own: frames pass on neither TTL nor TOS

    public override string Name => "l2tp";

    public override TunnelGroup Group => TunnelGroup.L2tp;

    public override bool IsOverIPv6 => isOverIPv6;

    public override bool CarriesFrames => true;

    public override IReadOnlyList<IpProtocol> Receives => overUdp ? [] : [IpProtocol.L2tp];

    public override bool Carries(EtherType protocol) => true;

    public override IpProtocol OuterProtocol(EtherType inner) => overUdp ? IpProtocol.Udp : IpProtocol.L2tp;

    // Over UDP the tunnel's socket finds its sessions, and that is bound to an address and a port.
    public override Place[] PlacesOf(TunnelParameters parameters)
    {
        var (l2tp, any) = (parameters.L2tp!, IpAddress.Any(isOverIPv6));
        return overUdp
            ? [new(parameters.Local.IsAny ? any : parameters.Local, any, KeyOf(l2tp.SourcePort, l2tp.SessionId))]
            : [Place.OfKey(isOverIPv6, KeyOf(0, l2tp.SessionId))];
    }

    /// <summary>The key of a session: its identifier, which over UDP is its port's alone.</summary>
    public static ulong KeyOf(ushort port, uint session) => (ulong)port << 32 | session;

    public override int HeaderLength(TunnelParameters parameters)
    {
        var l2tp = parameters.L2tp!;
        return (overUdp ? UdpHeader.Size + L2tpHeader.UdpPrefixSize : 0) + L2tpHeader.SessionSize + l2tp.Cookie.Length +
            (l2tp.L2SpecificSublayer ? L2tpHeader.SublayerSize : 0);
    }

    public override bool WantsUdpChecksum(TunnelParameters parameters) => overUdp && parameters.L2tp!.UdpChecksum;

    public override bool DontFragment(TunnelParameters parameters, in InnerPacket inner) => false;

    public override byte OuterTos(TunnelParameters parameters, byte inner) => 0;

    public override OuterHeader Outer(
        Tunnel tunnel, in InnerPacket inner, in OuterRoute route, IpAddress remote, byte tos, bool dontFragment)
    {
        var local = tunnel.Parameters.Local.IsAny ? route.Source : tunnel.Parameters.Local;
        var protocol = OuterProtocol(inner.Protocol);
        return isOverIPv6
            ? OuterHeader.IPv6(tos, flowLabel: 0, SocketTtl, protocol, encapLimit: null, local.IPv6, remote.IPv6)
            : OuterHeader.IPv4(tos, dontFragment: false, SocketTtl, protocol, local.IPv4, remote.IPv4);
    }

    public override void WriteHeader(Tunnel tunnel, EtherType inner, Span<byte> payload)
    {
        var l2tp = tunnel.Parameters.L2tp!;
        if (overUdp)
        {
            UdpHeader.Write(payload, l2tp.SourcePort, l2tp.DestinationPort, payload.Length);
            payload = payload[UdpHeader.Size..];
        }
        payload = payload[L2tpHeader.Write(payload, overUdp, l2tp.PeerSessionId)..];
        l2tp.Cookie.Span.CopyTo(payload);
        if (l2tp.L2SpecificSublayer)
            L2tpHeader.WriteSublayer(payload[l2tp.Cookie.Length..], l2tp.SendSequence ? tunnel.NextOutput++ : null);
    }

    // What follows the session's identifier is as its parameters say.
    public override DropReason? Complete(Tunnel tunnel, ReadOnlySpan<byte> payload, ref TunnelHeader header)
    {
        var l2tp = tunnel.Parameters.L2tp!;
        var cookie = l2tp.PeerCookie.Span;
        var rest = payload[header.Length..];
        var length = cookie.Length + (l2tp.L2SpecificSublayer ? L2tpHeader.SublayerSize : 0);
        if (rest.Length < length)
            return DropReason.TunnelHeader;
        if (!CryptographicOperations.FixedTimeEquals(rest[..cookie.Length], cookie))
            return DropReason.WrongCookie;
        header = header with
        {
            Length = header.Length + length,
            Sequence = l2tp.L2SpecificSublayer ? L2tpHeader.ReadSublayer(rest[cookie.Length..]) : null,
        };
        return null;
    }

    // A number may jump, but not back; 24 bits of it count in a circle.
    public override DropReason? Refuses(
        Tunnel tunnel, in TunnelHeader header, in OuterPacket outer, ReadOnlySpan<byte> inner, IUnderlay underlay)
    {
        if (!tunnel.Parameters.L2tp!.ReceiveSequence)
            return null;
        if (header.Sequence is not { } sequence || (int)(sequence - tunnel.NextInput << 8) < 0)
            return DropReason.OutOfSequence;
        tunnel.NextInput = sequence + 1 & L2tpHeader.SequenceMask;
        return null;
    }
}
