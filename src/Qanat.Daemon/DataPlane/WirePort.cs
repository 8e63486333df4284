using Qanat.Linux;
using Qanat.Linux.Sockets;
using Qanat.Packets;

namespace Qanat.Daemon.DataPlane;

/// <summary>
/// Outer packets out and in. Out by the cheapest way: runs to one next hop whose Ethernet address is known go through the
/// packet ring; all others, and now and then one of those so that the kernel keeps its neighbour entry fresh, through the
/// raw socket, which routes them.
/// </summary>
internal sealed class WirePort : IPort
{
    private const int DestinationOffset = 16;

    /// <summary>What fits a 2 KiB frame of the ring. Larger packets, of links with jumbo frames, go by the socket.</summary>
    private const int MaxRingPacket = 1982;

    private readonly RawIpSocket _raw;
    private readonly NextHops _hops;
    private readonly PacketRing? _ring;

    public WirePort(RawIpSocket raw, NextHops hops, bool useRing)
    {
        (_raw, _hops) = (raw, hops);
        try
        {
            _ring = useRing ? PacketRing.Open(MaxRingPacket) : null;
            RingState = "on";
        }
        catch (LinuxException e)
        {
            RingState = $"off ({e.Message})";
        }
    }

    /// <summary>Whether there is a ring, for people.</summary>
    public string RingState { get; }

    public int Receive(PacketBatch batch) => _raw.Receive(batch);

    public int Send(PacketBatch batch)
    {
        if (_ring is null)
            return _raw.Send(batch);
        var sent = 0;
        for (int first = 0, count; first < batch.Count; first += count)
        {
            count = RunAt(batch, first);
            sent += FitsRing(batch, first) && _hops.TryGet(DestinationOf(batch, first), batch[first].Link, out var hop)
                ? _ring.Send(batch, first, count, hop.Interface, hop.Destination, hop.Source)
                : _raw.Send(batch, first, count);
        }
        return sent;
    }

    public void Dispose()
    {
        _ring?.Dispose();
        _raw.Dispose();
    }

    private static int RunAt(PacketBatch batch, int first)
    {
        var (destination, link, fits) = (DestinationOf(batch, first), batch[first].Link, FitsRing(batch, first));
        var end = first + 1;
        while (end < batch.Count && batch[end].Link == link && DestinationOf(batch, end) == destination && FitsRing(batch, end) == fits)
            end++;
        return end - first;
    }

    private static bool FitsRing(PacketBatch batch, int index) => batch[index].Length <= MaxRingPacket;

    private static IPv4Address DestinationOf(PacketBatch batch, int index) => IPv4Address.Read(batch.Bytes(index)[DestinationOffset..]);
}
