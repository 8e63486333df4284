using Qanat.Packets;

namespace Qanat.Tunnels.Modes;

/// <summary>
/// Virtual extensible local area networks (RFC 7348; drivers/net/vxlan): Ethernet frames in UDP, sent to where the forwarding
/// table says that their address is, or to all far ends when it does not.
/// </summary>
internal sealed class Vxlan(bool isOverIPv6) : Mode
{
    private const int Overhead = UdpHeader.Size + VxlanHeader.Size;
    private const byte DefaultTtl = 64, GroupTtl = 1; // a host's own, and what the kernel gives to a group

    public override string Name => "vxlan";

    public override TunnelGroup Group => TunnelGroup.Vxlan;

    public override bool IsOverIPv6 => isOverIPv6;

    public override bool CarriesFrames => true;

    public override IReadOnlyList<IpProtocol> Receives => [];

    public override bool Carries(EtherType protocol) => true;

    public override IpProtocol OuterProtocol(EtherType inner) => IpProtocol.Udp;

    public override Place[] PlacesOf(TunnelParameters parameters) =>
        [Place.OfKey(isOverIPv6, KeyOf(parameters.Vxlan!.Port, parameters.Vxlan.Id))];

    /// <summary>The key of a network at a port, by which arriving frames find their tunnel.</summary>
    public static ulong KeyOf(ushort port, uint identifier) => (ulong)port << 32 | identifier;

    public override int HeaderLength(TunnelParameters parameters) => Overhead;

    public override bool WantsUdpChecksum(TunnelParameters parameters) =>
        isOverIPv6 ? !parameters.Vxlan!.NoChecksum6Tx : parameters.Vxlan!.Checksum;

    public override bool DontFragment(TunnelParameters parameters, in InnerPacket inner) => false;

    // The entry of the address; without one the default entry, where the tunnel's own remote is.
    public override int SelectFarEnds(Tunnel tunnel, in InnerPacket inner)
    {
        var forwarding = tunnel.Forwarding!;
        var ageing = TimeSpan.FromSeconds(tunnel.Parameters.Vxlan!.Ageing);
        var address = MacAddress.Read(inner.Bytes);
        var found = forwarding.Table.Find(address, ageing);
        if (found.IsEmpty)
            found = forwarding.Table.Find(ForwardingTable.Default, ageing);
        tunnel.Flow = FlowHash.Of(inner);
        return forwarding.Select(found);
    }

    public override IpAddress FarEnd(Tunnel tunnel, in InnerPacket inner, IUnderlay underlay) => tunnel.Forwarding!.Current.Address;

    public override byte OuterTos(TunnelParameters parameters, byte inner) => parameters.Tos == 1 ? inner : parameters.Tos;

    public override OuterHeader Outer(
        Tunnel tunnel, in InnerPacket inner, in OuterRoute route, IpAddress remote, byte tos, bool dontFragment)
    {
        var parameters = tunnel.Parameters;
        var ttl = parameters.Vxlan!.InheritTtl ? inner.TimeToLive
            : parameters.Ttl != 0 ? parameters.Ttl
            : remote.IsMulticast ? GroupTtl : DefaultTtl;
        var outerTos = EcnPropagation.Encapsulate(tos, inner.TypeOfService);
        var local = parameters.Local.IsAny ? route.Source : parameters.Local;
        return isOverIPv6
            ? OuterHeader.IPv6(outerTos, parameters.IPv6.FlowLabel, ttl, IpProtocol.Udp, encapLimit: null, local.IPv6, remote.IPv6)
            : OuterHeader.IPv4(outerTos, dontFragment: false, ttl, IpProtocol.Udp, local.IPv4, remote.IPv4);
    }

    public override void WriteHeader(Tunnel tunnel, EtherType inner, Span<byte> payload)
    {
        var vxlan = tunnel.Parameters.Vxlan!;
        var destination = tunnel.Forwarding!.Current;
        var source = tunnel.SourcePort is var port and not 0 ? port
            : vxlan.HasSourcePorts ? SourcePort.Of(tunnel.Flow, vxlan.SourcePortMin, vxlan.SourcePortMax - 1)
            : SourcePort.Of(tunnel.Flow);
        UdpHeader.Write(payload, source, destination.Port != 0 ? destination.Port : vxlan.Port, payload.Length);
        VxlanHeader.Write(payload[UdpHeader.Size..], destination.Vni ?? vxlan.Id);
    }

    // A frame from an address that a user has put elsewhere is not to be believed.
    public override DropReason? Refuses(
        Tunnel tunnel, in TunnelHeader header, in OuterPacket outer, ReadOnlySpan<byte> inner, IUnderlay underlay)
    {
        var vxlan = tunnel.Parameters.Vxlan!;
        return !vxlan.Learning ||
            tunnel.Forwarding!.Table.Learn(MacAddress.Read(inner[MacAddress.Size..]), outer.Source, vxlan.MaxAddresses)
            ? null
            : DropReason.MovedAddress;
    }
}
