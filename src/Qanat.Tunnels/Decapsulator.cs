using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// The way in: outer packets find their tunnel and give up the inner ones, as net/ipv4/ip_tunnel.c's ip_tunnel_rcv does,
/// joined into super-packets for the device.
/// </summary>
internal sealed class Decapsulator(TunnelTable tunnels, IcmpReporter reporter)
{
    private Coalescer? _coalescer;
    private Tunnel? _current;

    /// <summary>Outer packets that no tunnel wanted.</summary>
    public long Unclaimed { get; private set; }

    /// <summary>Outer packets that were no IPv4 packets at all.</summary>
    public long Malformed { get; private set; }

    /// <summary>Decapsulates what came off the wire, and hands it to the tunnels' devices.</summary>
    public void Decapsulate(PacketBatch outer)
    {
        for (var i = 0; i < outer.Count; i++)
            Decapsulate(outer.Bytes(i), in outer[i]);
        FlushDevice();
        reporter.Flush();
    }

    private void Decapsulate(Span<byte> packet, in PacketInfo info)
    {
        if (!IPv4Header.TryParseQuoted(packet, out var outer))
        {
            Malformed++;
            return;
        }
        var tunnel = tunnels.Find(outer.Destination, outer.Source, info.Link);
        if (tunnel?.Device is null || tunnel.Mode.Protocol != outer.Protocol)
        {
            Unclaimed++;
            reporter.PortUnreachable(packet);
            return;
        }
        if (outer.TotalLength > packet.Length || outer.IsFragment)
        {
            Drop(tunnel, packet, DropReason.OuterHeader);
            return;
        }
        var payload = packet[outer.HeaderLength..outer.TotalLength];
        if (payload.Length > 0 && !tunnel.Mode.Carries(payload[0]))
        {
            Drop(tunnel, packet, DropReason.InnerProtocol);
            return;
        }
        if (!IPv4Header.TryParseQuoted(payload, out var inner) || inner.TotalLength > payload.Length)
        {
            Drop(tunnel, packet, DropReason.InnerHeader);
            return;
        }
        if (!EcnPropagation.TryDecapsulate(outer.TypeOfService, inner.TypeOfService, out var tos))
        {
            Drop(tunnel, packet, DropReason.EcnError);
            return;
        }
        tunnel.Journeys.Begin(JourneySide.Outer, packet);
        payload = payload[..inner.TotalLength];
        if (tos != inner.TypeOfService)
            IPv4Header.SetTypeOfService(payload, tos);
        tunnel.Counters.CountRx(payload.Length);
        tunnel.Journeys.Continue(JourneySide.Inner, payload);
        Deliver(tunnel, payload, in info);
    }

    private static void Drop(Tunnel tunnel, ReadOnlySpan<byte> packet, DropReason reason)
    {
        tunnel.Counters.DropRx(reason);
        tunnel.Journeys.Begin(JourneySide.Outer, packet, reason);
    }

    private void Deliver(Tunnel tunnel, ReadOnlySpan<byte> packet, in PacketInfo info)
    {
        if (tunnel != _current)
        {
            FlushDevice();
            _current = tunnel;
            _coalescer ??= new(tunnel.Device!, tunnel.Coalescing);
            _coalescer.Attach(tunnel.Device!, tunnel.Coalescing);
        }
        _coalescer!.Add(packet, in info);
    }

    private void FlushDevice()
    {
        if (_current is null)
            return;
        var device = _current.Device!;
        var refused = device.Refused;
        _coalescer!.Flush();
        _current.Counters.Refuse(DropReason.DeviceRefused, device.Refused - refused);
        _current = null;
    }
}
