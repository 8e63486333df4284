using Qanat.Linux;
using Qanat.Linux.Events;
using Qanat.Linux.Sockets;
using Qanat.Packets;

namespace Qanat.Daemon.DataPlane;

/// <summary>
/// Outer packets out, by the cheapest way: runs to one next hop whose Ethernet address is known go through the
/// packet ring; all others, and now and then one of those so that the kernel keeps its neighbour entry fresh, through the
/// raw socket, which routes them. All of them go that way while netfilter or IPsec wants to see them.
/// </summary>
internal sealed class WirePort : IDisposable
{
    private const int SourceOffset = 12, DestinationOffset = 16;

    /// <summary>What fits a 2 KiB frame of the ring. Larger packets, of links with jumbo frames, go by the socket.</summary>
    private const int MaxRingPacket = 1982;

    private readonly RawIpSocket _raw = RawIpSocket.Open(new() { Protocol = RawIpOptions.IPPROTO_RAW });
    private readonly NextHops _hops;
    private readonly GuardedRing? _ring;
    private readonly string _noRing = "off";

    public WirePort(NextHops hops, bool useRing, DaemonLog log)
    {
        _hops = hops;
        try
        {
            _ring = useRing ? new(MaxRingPacket, log) : null;
        }
        catch (LinuxException e)
        {
            _noRing = $"off ({e.Message})";
        }
    }

    /// <summary>Whether the ring is in use, for people. May be read on any thread.</summary>
    public string RingState => _ring?.State ?? _noRing;

    /// <summary>Begins to watch over the ring, on the worker's thread.</summary>
    public void Start(Worker worker) => _ring?.Start(worker);

    /// <summary>Sends the packets from <paramref name="start"/> on.</summary>
    /// <returns>How many were taken.</returns>
    public int Send(PacketBatch batch, int start, int total)
    {
        if (_ring?.Usable is not { } ring)
            return _raw.Send(batch, start, total);
        var sent = 0;
        for (int first = start, end = start + total, count; first < end; first += count)
        {
            count = RunAt(batch, first, end);
            var (destination, source) = AddressesOf(batch, first);
            sent += FitsRing(batch, first) && _hops.TryGet(destination, source, batch[first].Link, out var hop)
                ? ring.Send(batch, first, count, hop.Interface, hop.Destination, hop.Source)
                : _raw.Send(batch, first, count);
        }
        return sent;
    }

    public void Dispose()
    {
        _ring?.Dispose();
        _raw.Dispose();
    }

    private static int RunAt(PacketBatch batch, int first, int total)
    {
        var (addresses, link, fits) = (AddressesOf(batch, first), batch[first].Link, FitsRing(batch, first));
        var end = first + 1;
        while (end < total && batch[end].Link == link && AddressesOf(batch, end) == addresses && FitsRing(batch, end) == fits)
            end++;
        return end - first;
    }

    private static bool FitsRing(PacketBatch batch, int index) => batch[index].Length <= MaxRingPacket && batch[index].Mark == 0;

    private static (IPv4Address Destination, IPv4Address Source) AddressesOf(PacketBatch batch, int index)
    {
        var packet = batch.Bytes(index);
        return (IPv4Address.Read(packet[DestinationOffset..]), IPv4Address.Read(packet[SourceOffset..]));
    }
}
