using Microsoft.Win32.SafeHandles;
using Qanat.Packets;

namespace Qanat.Linux.Sockets;

/// <summary>A raw IPv6 socket: whole packets of one next header, their IPv6 header included, in both directions.</summary>
/// <remarks>
/// The kernel hands over every packet that ends in the protocol and reaches this host, reassembled, but without its IPv6 and
/// extension headers. The fixed header is made again from what the kernel says of it: addresses, traffic class, flow label and
/// hop limit are the packet's own, its next header is the protocol at once. On the way out the destination, and so the route,
/// comes from each packet's header, the interface from <see cref="PacketInfo.Link"/> when it is not 0; a source must be one of
/// the host's. The kernel sends the bytes as they are (IPV6_HDRINCL) and refuses what is longer than the link's MTU.
/// With <see cref="RawIpOptions.KernelHeader"/> it makes the header itself.
/// It checks ICMPv6's checksum itself and drops what is wrong; checksums of other protocols it leaves to the receiver.
/// Source: net/ipv6/raw.c.
/// </remarks>
public sealed unsafe partial class RawIpv6Socket : SocketPort
{
    private readonly IpProtocol _protocol;
    private readonly bool _receiveLink;
    private readonly int _skipped; // bytes of a packet that the kernel makes itself

    private RawIpv6Socket(SafeFileHandle handle, RawIpOptions options)
        : base(handle, IPv6Header.Size, receiveFacts: true)
    {
        (_protocol, _receiveLink) = ((IpProtocol)options.Protocol, options.ReceiveLink);
        _skipped = options.KernelHeader ? IPv6Header.Size : 0;
    }

    private protected override SendPosition Prepare(
        int descriptor, PacketBatch batch, SendPosition from, int end, SendPosition* positions)
    {
        var messages = Outgoing;
        for (; from.Packet < end && !messages.IsFull; from = new(from.Packet + 1, 0))
        {
            positions[messages.Count] = from;
            messages.Begin();
            var packet = batch.Bytes(from.Packet);
            messages.AddPiece(batch.Address(from.Packet) + Math.Min(_skipped, packet.Length), Math.Max(0, packet.Length - _skipped));
            // The kernel refuses a packet without a header (EINVAL), wherever it is to go: so to any, which is this host.
            var whole = packet.Length >= IPv6Header.Size;
            messages.SetDestination(whole ? IPv6Address.Read(packet[24..]) : IPv6Address.Any);
            messages.AddRoute(batch[from.Packet].Link, whole ? IPv6Address.Read(packet[8..]) : IPv6Address.Any);
            messages.AddMark(batch[from.Packet].Mark);
        }

        return from;
    }

    private protected override void Complete(PacketBatch batch, int index, MessageVector messages, int message)
    {
        var arrival = new Arrival(messages, message);
        var length = batch[index].Length;
        batch.TryMoveStart(index, -IPv6Header.Size);
        batch[index].Link = _receiveLink ? arrival.Link : 0;
        IPv6Header.Write(batch.Bytes(index), arrival.TrafficClass, arrival.FlowLabel, length, _protocol, arrival.HopLimit,
            arrival.Source.IPv6, arrival.Destination.IPv6);
    }
}
