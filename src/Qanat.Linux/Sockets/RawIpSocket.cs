using Microsoft.Win32.SafeHandles;
using Qanat.Packets;
using static Qanat.Linux.Interop.In;

namespace Qanat.Linux.Sockets;

/// <summary>A raw IPv4 socket: whole packets of one protocol, their IP header included, in both directions.</summary>
/// <remarks>
/// The kernel hands over every packet of the protocol that reaches this host, reassembled, also those that the host sends to
/// itself; and for as long as the socket is open it sends no ICMP protocol-unreachable for them. On the way out the
/// destination, and so the route, comes from each packet's header, the interface from <see cref="PacketInfo.Link"/> when it
/// is not 0; the kernel fills in total length and header checksum, and source and identification where they are zero. It
/// refuses what is longer than the link's MTU: fragmentation is the sender's. Source: raw(7), net/ipv4/raw.c.
/// </remarks>
public sealed unsafe partial class RawIpSocket : SocketPort
{
    private readonly bool _receiveLink, _namesProtocol;

    private RawIpSocket(SafeFileHandle handle, bool receiveLink, bool namesProtocol)
        : base(handle, headerLength: 0, receiveLink) => (_receiveLink, _namesProtocol) = (receiveLink, namesProtocol);

    private protected override SendPosition Prepare(
        int descriptor, PacketBatch batch, SendPosition from, int end, SendPosition* positions)
    {
        var messages = Outgoing;
        for (; from.Packet < end && !messages.IsFull; from = new(from.Packet + 1, 0))
        {
            positions[messages.Count] = from;
            messages.Begin();
            var packet = batch.Bytes(from.Packet);
            messages.AddPiece(batch.Address(from.Packet), packet.Length);
            // The kernel refuses a packet without a header (EINVAL), wherever it is to go.
            var whole = packet.Length >= IPv4Header.MinSize;
            messages.SetDestination(whole ? IPv4Address.Read(packet[16..]) : default);
            // Rules and routes do not see the header's source.
            messages.AddRoute(batch[from.Packet].Link, whole ? IPv4Address.Read(packet[12..]) : default);
            messages.AddMark(batch[from.Packet].Mark);
            if (whole && _namesProtocol)
                messages.AddControl(IPPROTO_IP, IP_PROTOCOL, (int)packet[9]);
        }

        return from;
    }

    private protected override void Complete(PacketBatch batch, int index, MessageVector messages, int message) =>
        batch[index].Link = _receiveLink ? new Arrival(messages, message).Link : 0;
}
