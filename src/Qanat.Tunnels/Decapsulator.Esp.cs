using Qanat.Ipsec;

namespace Qanat.Tunnels;

/// <content>What arrives through IPsec (net/ipv4/ip_vti.c: vti_rcv, vti_rcv_cb).</content>
internal sealed partial class Decapsulator
{
    // Nobody is told of a packet that is for no tunnel: to whom it is for is IPsec's secret.
    private void DecapsulateEsp(in OuterPacket outer, bool inUdp)
    {
        var group = outer.IsIPv6 ? TunnelGroup.Vti6 : TunnelGroup.Vti;
        var tunnel = tunnels.Find(group, outer.Destination, outer.Source, key: null, outer.Link);
        if (tunnel?.Device is null)
        {
            Unclaimed++;
            return;
        }
        // It is opened in place, and observers are to see it sealed.
        var seen = tunnel.Journeys.Any ? outer.Bytes.ToArray() : outer.Bytes;
        if ((outer.IsWhole ? Open(tunnel, outer, seen, inUdp) : DropReason.OuterHeader) is { } reason)
            Drop(tunnel, seen, reason);
    }

    // Beside ESP, port 4500 has IKE's messages and keepalives, which are not for a tunnel (RFC 3948, 2).
    private void DecapsulateEspInUdp(in OuterPacket outer)
    {
        if (UdpEncapsulation.Classify(outer.Payload) == UdpPayload.Esp)
            DecapsulateEsp(outer, inUdp: true);
    }

    // Returns why the packet was not let in, or null.
    private DropReason? Open(Tunnel tunnel, in OuterPacket outer, ReadOnlySpan<byte> seen, bool inUdp)
    {
        var mark = tunnel.Parameters.Gre.InputKey ?? 0;
        if (ipsec.FindState(outer.Destination, outer.Payload, mark) is not { } state)
            return outer.Payload.Length < EspHeader.Size ? DropReason.TunnelHeader : DropReason.UnknownSpi;
        var failures = state.IntegrityFailures;
        if (!ipsec.TryOpen(state, outer.Payload, inUdp, out var payload, out var reason))
            return state.IntegrityFailures > failures ? DropReason.NotAuthentic : ReasonOf(reason);
        var inner = outer.Payload.Slice(payload.Offset, payload.Length);
        if (!TryTrim(ref inner, out var tos))
            return DropReason.InnerHeader;
        SetTos(inner, tos, OuterFields.Restore(state.Parameters, outer.TypeOfService, tos));
        if (!ipsec.Admits(state, inner, mark))
            return DropReason.PolicyRefused;
        Enter(tunnel, outer, seen, inner, InnerPacket.ProtocolOf(inner[0]));
        return null;
    }

    // A dummy (RFC 4303, 2.6) has nothing in it, which is no fault of its own.
    private static DropReason? ReasonOf(XfrmReason reason) => reason switch
    {
        XfrmReason.Dummy => null,
        XfrmReason.XfrmInStateSeqError => DropReason.Replayed,
        XfrmReason.XfrmInStateProtoError => DropReason.TunnelHeader, // too short, or its trailer is wrong
        _ => DropReason.IpsecRefused,
    };
}
