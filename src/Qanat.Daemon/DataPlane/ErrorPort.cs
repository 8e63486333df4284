using System.Buffers.Binary;
using Qanat.Linux.Sockets;
using Qanat.Packets;

namespace Qanat.Daemon.DataPlane;

/// <summary>
/// Where the ICMP errors that we owe leave. IPv4's kernel fills the source in by itself; for IPv6 the route is asked, and the
/// checksum follows.
/// </summary>
internal sealed class ErrorPort(RouteCache routes) : IPort
{
    private const int SourceOffset = 8, DestinationOffset = 24;

    private readonly RawIpSocket _ipv4 = RawIpSocket.Open(new() { Protocol = RawIpOptions.IPPROTO_RAW, BufferLength = 1 << 18 });
    private RawIpv6Socket? _ipv6;

    /// <summary>Nothing arrives this way.</summary>
    public int Receive(PacketBatch batch) => 0;

    public int Send(PacketBatch batch)
    {
        var sent = 0;
        for (var i = 0; i < batch.Count; i++)
            if (batch.Bytes(i)[0] >> 4 != 6)
                sent += _ipv4.Send(batch, i, 1);
            else if (TryFillIn(batch.Bytes(i)))
                sent += (_ipv6 ??= RawIpv6Socket.Open(new() { Protocol = RawIpOptions.IPPROTO_RAW, BufferLength = 1 << 18 }))
                    .Send(batch, i, 1);
        return sent;
    }

    public void Dispose()
    {
        _ipv4.Dispose();
        _ipv6?.Dispose();
    }

    private bool TryFillIn(Span<byte> packet)
    {
        var source = packet.Slice(SourceOffset, IPv6Address.Size);
        if (!IPv6Address.Read(source).IsAny)
            return true;
        var route = routes.Route(new(IPv6Address.Read(packet[DestinationOffset..]), default, 0, 0));
        if (!route.Found || !route.Source.IsIPv6)
            return false;
        route.Source.IPv6.Write(source);
        var checksum = packet[(IPv6Header.Size + 2)..];
        var sum = (uint)(ushort)~BinaryPrimitives.ReadUInt16BigEndian(checksum) + InternetChecksum.Sum(source);
        BinaryPrimitives.WriteUInt16BigEndian(checksum, InternetChecksum.Finish(sum));
        return true;
    }
}
