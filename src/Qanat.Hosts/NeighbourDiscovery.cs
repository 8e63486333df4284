using Qanat.Packets;

namespace Qanat.Hosts;

/// <summary>Tells where the host's IPv6 addresses are (RFC 4861), as ndisc_recv_ns in net/ipv6/ndisc.c does.</summary>
/// <remarks>
/// Solicitation and advertisement are laid out alike:
/// <code>
/// +---------------+---------------+-------------------------------+
/// |     Type      |     Code      |           Checksum            |
/// +-+-+-+---------+---------------+-------------------------------+
/// |R|S|O|                       Reserved                          |
/// +-+-+-+---------------------------------------------------------+
/// |               Target Address (16 bytes)                       |
/// +---------------+---------------+-------------------------------+
/// |     Type      |  Length (8 B) |  Link-layer address, ...      |
/// +---------------+---------------+-------------------------------+
/// </code>
/// </remarks>
internal sealed class NeighbourDiscovery(HostOptions options, LocalAddresses local, Outlet outlet)
{
    private const int MessageLength = 24, TargetAt = 8, OptionLength = 8;
    private const byte SourceLinkLayerAddress = 1, TargetLinkLayerAddress = 2;
    private const byte Solicited = 0x40, Override = 0x20;
    private const byte HopLimit = 255;

    // 33:33 and the last four bytes of ff02::1 (RFC 2464, 7).
    private static readonly MacAddress AllNodesMac = new(0x3333_0000_0001);

    /// <summary>Takes a solicitation whose checksum is right.</summary>
    public Exchange Take(in Arrival arrival, IPv6Header packet, ReadOnlySpan<byte> message, in Exchange exchange)
    {
        var isProbe = packet.Source.IsAny;
        if (message.Length < MessageLength || message[1] != 0 || packet.HopLimit != HopLimit ||
            !TryReadOptions(message[MessageLength..], out var hasSource))
            return exchange with { Event = HostEvent.NdiscInvalid };
        var target = IPv6Address.Read(message[TargetAt..]);
        var told = exchange with { Target = IpAddress.From(target) };
        if (target.IsMulticast || isProbe && (hasSource || packet.Destination != LocalAddresses.SolicitedNode(target)))
            return told with { Event = HostEvent.NdiscInvalid };
        if (!local.IsOwn(target))
            return told with { Event = HostEvent.IcmpIgnored };

        if (isProbe) // Everybody is told, for there is nobody yet to tell (RFC 4861, 7.2.4).
            Advertise(target, LocalAddresses.AllNodes, Override, true, arrival.Sender == default ? default : AllNodesMac);
        else if (packet.Destination.IsMulticast)
            Advertise(target, packet.Source, Solicited | Override, true, arrival.Sender);
        else
            Advertise(target, packet.Source, Solicited, false, arrival.Sender);
        return told with { Event = HostEvent.NeighborAdvertisement };
    }

    private void Advertise(IPv6Address target, IPv6Address destination, byte flags, bool withAddress, MacAddress next)
    {
        var length = MessageLength + (withAddress && options.Link == HostLink.Ethernet ? OptionLength : 0);
        var answer = outlet.Scratch[..(IPv6Header.Size + length)];
        var message = answer[IPv6Header.Size..];
        message.Clear();
        message[0] = (byte)Icmpv6Type.NeighborAdvertisement;
        message[4] = flags;
        target.Write(message[TargetAt..]);
        if (length > MessageLength)
        {
            message[MessageLength] = TargetLinkLayerAddress;
            message[MessageLength + 1] = 1;
            options.MacAddress.Write(message[(MessageLength + 2)..]);
        }
        Icmpv6.WriteChecksum(message, target, destination);
        IPv6Header.Write(answer, 0, 0, length, IpProtocol.Icmpv6, HopLimit, target, destination);
        outlet.SendIPv6(answer, next);
    }

    // Options that are not known are passed over; each says its length in units of 8 bytes, never 0.
    private bool TryReadOptions(ReadOnlySpan<byte> rest, out bool hasSource)
    {
        hasSource = false;
        while (!rest.IsEmpty)
        {
            if (rest.Length < 2 || rest[1] == 0 || rest[1] * 8 > rest.Length)
                return false;
            if (rest[0] == SourceLinkLayerAddress && options.Link == HostLink.Ethernet)
            {
                if (rest[1] != 1)
                    return false;
                hasSource = true;
            }
            rest = rest[(rest[1] * 8)..];
        }
        return true;
    }
}
