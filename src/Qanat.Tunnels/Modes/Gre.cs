using Qanat.Packets;

namespace Qanat.Tunnels.Modes;

/// <summary>
/// Generic routing encapsulation (RFC 2784, RFC 2890; net/ipv4/ip_gre.c): network packets of any kind, or Ethernet frames.
/// </summary>
internal class Gre(string name, TunnelGroup group, bool carriesFrames) : Mode
{
    public override string Name => name;

    public override TunnelGroup Group => group;

    public override bool CarriesFrames => carriesFrames;

    public override bool CarriesAnything => !CarriesFrames;

    public override bool UsesKey => true;

    public override bool Carries(EtherType protocol) => CarriesFrames || protocol != 0;

    public override IpProtocol OuterProtocol(EtherType inner) => IpProtocol.Gre;

    public override int HeaderLength(TunnelParameters parameters)
    {
        var gre = parameters.Gre;
        return GreHeader.SizeOf(gre.OutputChecksum, gre.OutputKey is not null, gre.OutputSequence);
    }

    public override void WriteHeader(Tunnel tunnel, EtherType inner, Span<byte> payload)
    {
        var gre = tunnel.Parameters.Gre;
        uint? sequence = gre.OutputSequence ? tunnel.NextOutput++ : null;
        GreHeader.Write(payload, CarriesFrames ? EtherType.TransparentEthernet : inner, gre.OutputChecksum, gre.OutputKey, sequence);
    }

    // As ip_tunnel_rcv: the checksum must be there if, and only if, it is asked for; a number may jump, but not back.
    public override DropReason? Refuses(Tunnel tunnel, in TunnelHeader header, in OuterPacket outer, ReadOnlySpan<byte> inner)
    {
        var gre = tunnel.Parameters.Gre;
        if (header.HasChecksum != gre.InputChecksum)
            return DropReason.ChecksumError;
        if (!gre.InputSequence)
            return null;
        if (header.Sequence is not { } sequence || tunnel.NextInput != 0 && (int)(sequence - tunnel.NextInput) < 0)
            return DropReason.OutOfSequence;
        tunnel.NextInput = sequence + 1;
        return null;
    }
}
