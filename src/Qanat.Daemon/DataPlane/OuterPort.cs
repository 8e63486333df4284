using Qanat.Linux;
using Qanat.Linux.Sockets;
using Qanat.Packets;

namespace Qanat.Daemon.DataPlane;

/// <summary>Where outer packets leave, each by the sockets of its kind: UDP, other IPv4, other IPv6.</summary>
internal sealed class OuterPort(WirePort ipv4) : IPort
{
    private const int IPv4ProtocolOffset = 9;

    private RawIpv6Socket? _ipv6;
    private UdpPorts? _udp;

    /// <summary>The sockets that UDP goes by.</summary>
    public UdpPorts Udp { set => _udp = value; }

    /// <summary>Has the way out over IPv6 open.</summary>
    /// <exception cref="LinuxException">It could not be opened; EAFNOSUPPORT: the kernel has no IPv6.</exception>
    public void OpenIPv6() => _ipv6 ??= RawIpv6Socket.Open(new() { Protocol = RawIpOptions.IPPROTO_RAW });

    /// <summary>Nothing arrives this way.</summary>
    public int Receive(PacketBatch batch) => 0;

    public int Send(PacketBatch batch)
    {
        var sent = 0;
        for (int first = 0, next; first < batch.Count; first = next)
        {
            var kind = KindOf(batch, first);
            for (next = first + 1; next < batch.Count && KindOf(batch, next) == kind;)
                next++;
            sent += kind switch
            {
                { IsUdp: true } => _udp?.Senders(kind.IsIPv6).Send(batch, first, next - first) ?? 0,
                { IsIPv6: true } => _ipv6?.Send(batch, first, next - first) ?? 0,
                _ => ipv4.Send(batch, first, next - first),
            };
        }
        return sent;
    }

    public void Dispose()
    {
        ipv4.Dispose();
        _ipv6?.Dispose();
    }

    // A packet that was cut into fragments is past its UDP header, and goes as it is.
    private static (bool IsIPv6, bool IsUdp) KindOf(PacketBatch batch, int index)
    {
        var packet = batch.Bytes(index);
        if (packet[0] >> 4 == 6)
        {
            var next = (IpProtocol)packet[IPv6Header.NextHeaderOffset];
            if (next == IpProtocol.DestinationOptions) // an encapsulation limit
                next = (IpProtocol)packet[IPv6Header.Size];
            return (true, next == IpProtocol.Udp);
        }
        return (false,
            packet[IPv4ProtocolOffset] == (byte)IpProtocol.Udp && IPv4Header.TryParseQuoted(packet, out var ip) && !ip.IsFragment);
    }
}
