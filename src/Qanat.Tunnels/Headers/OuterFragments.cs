using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// Outer packets larger than their path, which are made here and cut on their way into the queue: a raw socket takes nothing larger
/// than the link.
/// </summary>
internal sealed class OuterFragments(PacketQueue wire) : IDisposable
{
    private readonly PacketBatch _whole = new(capacity: 1);

    /// <summary>Room for one outer packet, until the next is asked for. No IP packet is longer than it can be.</summary>
    public Span<byte> Make(int length)
    {
        _whole.Clear();
        _whole.TryAdd(length, PacketBatch.DefaultHeadroom, out _);
        return _whole.Bytes(0);
    }

    /// <summary>Sends it in fragments of at most <paramref name="mtu"/> bytes.</summary>
    public void Send(Tunnel tunnel, ReadOnlySpan<byte> packet, int mtu)
    {
        var (link, mark) = (tunnel.Parameters.Link, tunnel.Parameters.Mark);
        if (InnerPacket.ProtocolOf(packet[0]) == EtherType.IPv6)
            IPv6Fragmenter.Fragment(packet, mtu, tunnel.NextId++, wire, link, mark);
        else
            IPv4Fragmenter.Fragment(packet, mtu, wire, link, mark);
    }

    public void Dispose() => _whole.Dispose();
}
