using Qanat.Packets;

namespace Qanat.Tunnels.Modes;

/// <summary>Generic routing encapsulation over IPv6 (RFC 7676; net/ipv6/ip6_gre.c): packets of any kind, or Ethernet frames.</summary>
internal sealed class Ip6gre(string name, TunnelGroup group, bool carriesFrames) : ModeOverIPv6
{
    public override string Name => name;

    public override TunnelGroup Group => group;

    public override bool CarriesFrames => carriesFrames;

    public override bool CarriesAnything => !CarriesFrames;

    public override bool UsesKey => true;

    // The kernel's ip6gre sends the traffic class as it is, CE too.
    protected override bool PassesOnEcn => false;

    public override bool Carries(EtherType protocol) => CarriesFrames || protocol != 0;

    public override IpProtocol OuterProtocol(EtherType inner) => IpProtocol.Gre;

    public override int HeaderLength(TunnelParameters parameters) => GreFields.Length(parameters.Gre);

    public override void WriteHeader(Tunnel tunnel, EtherType inner, Span<byte> payload) =>
        GreFields.Write(tunnel, CarriesFrames ? EtherType.TransparentEthernet : inner, payload);

    public override DropReason? Refuses(
        Tunnel tunnel, in TunnelHeader header, in OuterPacket outer, ReadOnlySpan<byte> inner, IUnderlay underlay) =>
        GreFields.Refuse(tunnel, header);
}
