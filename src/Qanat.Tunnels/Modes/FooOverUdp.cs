using Qanat.Packets;

namespace Qanat.Tunnels.Modes;

/// <summary>
/// A mode whose packets travel in UDP: foo over UDP, or generic UDP encapsulation (net/ipv4/fou_core.c;
/// draft-ietf-intarea-gue). All else is that mode's own.
/// </summary>
internal sealed class FooOverUdp(Mode inside) : Mode
{
    public override string Name => inside.Name;

    public override TunnelGroup Group => inside.Group;

    public override bool IsOverIPv6 => inside.IsOverIPv6;

    public override bool CarriesFrames => inside.CarriesFrames;

    public override bool CarriesAnything => inside.CarriesAnything;

    public override bool UsesKey => inside.UsesKey;

    public override int LeastMtu => inside.LeastMtu;

    public override bool InsistsOnHost => inside.InsistsOnHost;

    public override bool TellsOfNoRoute => inside.TellsOfNoRoute;

    public override IReadOnlyList<IpProtocol> Receives => inside.Receives;

    /// <summary>The mode, in UDP if <paramref name="encap"/> says so.</summary>
    public static Mode Around(Mode mode, EncapParameters? encap) => encap is null ? mode : new FooOverUdp(mode);

    public override bool DontFragment(TunnelParameters parameters, in InnerPacket inner) => inside.DontFragment(parameters, inner);

    public override Place[] PlacesOf(TunnelParameters parameters) => inside.PlacesOf(parameters);

    public override bool Carries(EtherType protocol) => inside.Carries(protocol);

    public override IpProtocol OuterProtocol(EtherType inner) => IpProtocol.Udp;

    public override int HeaderLength(TunnelParameters parameters) => Length(parameters.Encap!) + inside.HeaderLength(parameters);

    public override int HeaderLength(TunnelParameters parameters, in InnerPacket inner, IpAddress source) =>
        Length(parameters.Encap!, Leaves(parameters, inner)) + inside.HeaderLength(parameters);

    public override bool WantsUdpChecksum(TunnelParameters parameters) =>
        IsOverIPv6 ? parameters.Encap!.Checksum6 : parameters.Encap!.Checksum;

    public override IpAddress FarEnd(Tunnel tunnel, in InnerPacket inner, IUnderlay underlay)
    {
        tunnel.Flow = FlowHash.Of(inner);
        tunnel.RemoteChecksum = Leaves(tunnel.Parameters, inner);
        return inside.FarEnd(tunnel, inner, underlay);
    }

    public override byte OuterTos(TunnelParameters parameters, byte inner) => inside.OuterTos(parameters, inner);

    public override OuterHeader Outer(
        Tunnel tunnel, in InnerPacket inner, in OuterRoute route, IpAddress remote, byte tos, bool dontFragment) =>
        inside.Outer(tunnel, inner, route, remote, tos, dontFragment).With(IpProtocol.Udp);

    public override void WriteHeader(Tunnel tunnel, EtherType inner, Span<byte> payload)
    {
        var encap = tunnel.Parameters.Encap!;
        inside.WriteHeader(tunnel, inner, payload[Length(encap, tunnel.RemoteChecksum)..]);
        var source = encap.SourcePort != 0 ? encap.SourcePort : SourcePort.Of(tunnel.Flow);
        UdpHeader.Write(payload, source, encap.DestinationPort, payload.Length);
        if (encap.Type == EncapType.Gue)
            Gue.Write(payload[UdpHeader.Size..], inside.OuterProtocol(inner), tunnel.RemoteChecksum);
    }

    public override DropReason? Complete(Tunnel tunnel, ReadOnlySpan<byte> payload, ref TunnelHeader header) =>
        inside.Complete(tunnel, payload, ref header);

    public override DropReason? Refuses(
        Tunnel tunnel, in TunnelHeader header, in OuterPacket outer, ReadOnlySpan<byte> inner, IUnderlay underlay) =>
        inside.Refuses(tunnel, header, outer, inner, underlay);

    private static int Length(EncapParameters encap, RemoteChecksum? checksum = null) =>
        UdpHeader.Size + (encap.Type == EncapType.Gue ? Gue.LengthOf(checksum) : 0);

    // The checksum that is left to the far end, if the user wants that.
    private RemoteChecksum? Leaves(TunnelParameters parameters, in InnerPacket inner)
    {
        if (parameters.Encap is not { Type: EncapType.Gue, RemoteChecksum: true })
            return null;
        var inGre = inside.OuterProtocol(inner.Protocol) == IpProtocol.Gre && parameters.Gre.OutputChecksum;
        return RemoteChecksum.Of(inner, inside.HeaderLength(parameters), inGre);
    }
}
