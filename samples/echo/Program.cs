// A host behind a TUN device: it answers the pings to every address of 10.9.8.0/24 but our own, 10.9.8.1.
using System.Buffers.Binary;
using System.Net;
using Qanat.Linux.Devices;
using Qanat.Linux.Netlink;
using Qanat.Packets;

using var device = TunDevice.Open("echo%d");
using var netlink = new RouteNetlink();
netlink.Addresses.Add(new() { InterfaceIndex = device.Index, Address = IPAddress.Parse("10.9.8.1"), PrefixLength = 24 });
netlink.Links.SetMtu(device.Index, PacketBatch.MaxPacketLength); // so that a large ping comes in one piece
netlink.Links.SetUp(device.Index);
Console.WriteLine($"{device.Name} is up. Try: ping 10.9.8.2");

var buffer = new byte[PacketBatch.MaxPacketLength];
while (true)
{
    var packet = buffer.AsSpan(0, device.Read(buffer));
    if (!IPv4Header.TryParse(packet, out var ip) || ip.IsFragment || ip.Protocol != IpProtocol.Icmp ||
        !IcmpHeader.TryParse(ip.Payload, out var icmp) || icmp.Type != IcmpType.EchoRequest)
        continue;
    Console.WriteLine($"{ip.Source} pings {ip.Destination}: number {icmp.SequenceNumber}, {packet.Length} bytes");

    // An answer is the request with its addresses exchanged and another type. No sum changes by the exchange.
    var (source, destination, checksum) = (ip.Source, ip.Destination, icmp.Checksum);
    destination.Write(packet[12..]);
    source.Write(packet[16..]);
    var message = packet[ip.HeaderLength..];
    message[0] = (byte)IcmpType.EchoReply;
    BinaryPrimitives.WriteUInt16BigEndian(message[2..], InternetChecksum.Update(checksum, (ushort)((byte)IcmpType.EchoRequest << 8), 0));
    device.Write(packet);
}
