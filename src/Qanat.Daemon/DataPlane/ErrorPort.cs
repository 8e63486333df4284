using Qanat.Linux.Sockets;
using Qanat.Packets;

namespace Qanat.Daemon.DataPlane;

/// <summary>
/// Where the ICMP errors that we owe leave. The kernel fills the source in by itself, and counts them among the host's own.
/// </summary>
internal sealed class ErrorPort : IPort
{
    private const int BufferLength = 1 << 18;

    private readonly RawIpSocket _ipv4 = RawIpSocket.Open(new() { Protocol = RawIpOptions.IPPROTO_RAW, BufferLength = BufferLength });
    private RawIpv6Socket? _ipv6;

    private RawIpv6Socket IPv6 => _ipv6 ??= RawIpv6Socket.Open(
        new() { Protocol = RawIpOptions.IPPROTO_ICMPV6, KernelHeader = true, BufferLength = BufferLength });

    /// <summary>Nothing arrives this way.</summary>
    public int Receive(PacketBatch batch) => 0;

    public int Send(PacketBatch batch)
    {
        var sent = 0;
        for (var i = 0; i < batch.Count; i++)
            sent += batch.Bytes(i)[0] >> 4 == 6 ? IPv6.Send(batch, i, 1) : _ipv4.Send(batch, i, 1);
        return sent;
    }

    public void Dispose()
    {
        _ipv4.Dispose();
        _ipv6?.Dispose();
    }
}
