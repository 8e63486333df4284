using Qanat.Packets;

namespace Qanat.Hosts;

/// <summary>
/// The way out of a host: makes packets into frames where there is Ethernet, and fragments of what the link cannot take
/// whole. As a port it stands around the real one, so that fragments get their frames on the way.
/// </summary>
internal sealed class Outlet : IPort
{
    // A packet whose atomic fragment header has gone is the longest that is answered at the same length.
    private const int MaxAnswer = IPv6Header.Size + ushort.MaxValue;

    private readonly IPort _port;
    private readonly HostOptions _options;
    private readonly PacketBatch _batch = new(PacketBatch.DefaultCapacity, 1 << 20);
    private readonly PacketQueue _queue;
    private readonly byte[] _scratch = new byte[MaxAnswer];
    private MacAddress _next;
    private uint _identification = 1;

    public Outlet(IPort port, HostOptions options)
    {
        (_port, _options, Mtu) = (port, options, options.Mtu);
        _queue = new(this, _batch);
    }

    /// <summary>Where an answer may be made, of the largest size, before it is given to a Send method.</summary>
    public Span<byte> Scratch => _scratch;

    /// <summary>Bytes of the longest packet that leaves whole.</summary>
    public int Mtu { get; set; }

    /// <summary>Packets that the port has refused.</summary>
    public long Refused => _queue.Refused;

    /// <summary>A number for the next IPv4 packet that may be cut.</summary>
    public ushort NextIdentification() => (ushort)_identification++;

    /// <summary>Sends a packet as it is.</summary>
    public void Send(ReadOnlySpan<byte> packet, EtherType type, MacAddress next)
    {
        GoTo(next);
        var index = _queue.Add(packet.Length);
        if (index < 0)
            return;
        packet.CopyTo(_batch.Bytes(index));
        _batch[index].Protocol = type;
    }

    /// <summary>Sends an IPv4 packet, in fragments if need be.</summary>
    public void SendIPv4(ReadOnlySpan<byte> packet, MacAddress next)
    {
        GoTo(next);
        IPv4Fragmenter.Fragment(packet, Mtu, _queue);
    }

    /// <summary>Sends an IPv6 packet, in fragments if need be.</summary>
    public void SendIPv6(ReadOnlySpan<byte> packet, MacAddress next)
    {
        GoTo(next);
        IPv6Fragmenter.Fragment(packet, Mtu, packet.Length > Mtu ? _identification++ : 0, _queue);
    }

    /// <summary>Lets what was sent leave.</summary>
    public void Flush() => _queue.Flush();

    int IPort.Receive(PacketBatch batch) => 0;

    int IPort.Send(PacketBatch batch)
    {
        for (var i = 0; _options.Link == HostLink.Ethernet && i < batch.Count; i++)
        {
            ref var packet = ref batch[i];
            var type = packet.Protocol != 0 ? packet.Protocol : batch.Bytes(i)[0] >> 4 == 4 ? EtherType.IPv4 : EtherType.IPv6;
            batch.TryMoveStart(i, -EthernetHeader.MinSize);
            EthernetHeader.Write(batch.Bytes(i), _next, _options.MacAddress, type);
        }
        return _port.Send(batch);
    }

    public void Dispose() => _batch.Dispose();

    // A batch goes to one neighbour: most often there is only one.
    private void GoTo(MacAddress next)
    {
        if (_next != next)
            Flush();
        _next = next;
    }
}
