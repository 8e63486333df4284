using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// Sends ISATAP's router solicitations, which the kernel leaves to a daemon (isatapd): each to one router, since the IPv4
/// network has no multicast for it. The answer goes into the device like any other packet, and the host's own IPv6 makes of it
/// what it makes of every router advertisement. Without default routers on its list a tunnel asks nobody.
/// </summary>
internal sealed class RouterSolicitor(Encapsulator encapsulator, TimeProvider time) : IDisposable
{
    private const int MessageSize = 8; // RFC 4861, 4.1, without options
    private const byte HopLimit = 255;

    private readonly List<Tunnel> _tunnels = [];
    private readonly PacketBatch _solicitation = new(capacity: 1, size: PacketBatch.DefaultHeadroom + 128);

    /// <summary>Takes over what a tunnel's parameters say now.</summary>
    public void Follow(Tunnel tunnel)
    {
        if (tunnel.Parameters.Mode != TunnelMode.Isatap)
            return;
        tunnel.Solicitations ??= new(time);
        tunnel.Solicitations.Follow(tunnel.Parameters.Sit.Routers);
        _tunnels.Remove(tunnel);
        if (!tunnel.Solicitations.IsEmpty)
            _tunnels.Add(tunnel);
    }

    /// <summary>Forgets a tunnel.</summary>
    public void Remove(Tunnel tunnel) => _tunnels.Remove(tunnel);

    /// <summary>Sends what is due.</summary>
    public void Solicit()
    {
        foreach (var tunnel in _tunnels)
            if (!tunnel.Up)
                tunnel.Solicitations!.Restart();
            else if (!tunnel.Parameters.Local.IsAny) // whose link-local address is where the answer goes
                while (tunnel.Solicitations!.TryTakeDue(out var router))
                    Send(tunnel, IsatapAddress.LinkLocal(tunnel.Parameters.Local.IPv4), IsatapAddress.LinkLocal(router));
    }

    public void Dispose() => _solicitation.Dispose();

    private void Send(Tunnel tunnel, IPv6Address source, IPv6Address destination)
    {
        _solicitation.Clear();
        _solicitation.TryAdd(IPv6Header.Size + MessageSize, PacketBatch.DefaultHeadroom, out _);
        var packet = _solicitation.Bytes(0);
        packet.Clear();
        IPv6Header.Write(packet, 0, 0, MessageSize, IpProtocol.Icmpv6, HopLimit, source, destination);
        var message = packet[IPv6Header.Size..];
        message[0] = (byte)Icmpv6Type.RouterSolicitation;
        var checksum = InternetChecksum.Finish(
            InternetChecksum.Sum(message) + InternetChecksum.PseudoHeader(source, destination, IpProtocol.Icmpv6, MessageSize));
        (message[2], message[3]) = ((byte)(checksum >> 8), (byte)checksum);
        encapsulator.Encapsulate(tunnel, _solicitation);
    }
}
