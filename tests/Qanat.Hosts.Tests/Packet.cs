using System.Buffers.Binary;
using Qanat.Packets;

namespace Qanat.Hosts.Tests;

/// <summary>Makes packets by hand.</summary>
internal static class Packet
{
    public static readonly MacAddress OurMac = new(0x0200_0A12_0003), TheirMac = new(0x0201_0203_0405);
    public static readonly IPv4Address Our4 = new(0x0A12_0003), Their4 = new(0x0A12_0001);
    public static readonly IPv6Address Our6 = Address6("fd18::3"), Their6 = Address6("fd18::1");

    public static IPv6Address Address6(string text) =>
        IPv6Address.TryParse(text, out var address) ? address : throw new ArgumentException(text);

    public static IPv4Address Address4(string text) =>
        IPv4Address.TryParse(text, out var address) ? address : throw new ArgumentException(text);

    public static byte[] Frame(EtherType type, byte[] payload, MacAddress? destination = null, MacAddress? source = null,
        byte[]? tag = null)
    {
        var header = new byte[EthernetHeader.MinSize];
        EthernetHeader.Write(header, destination ?? OurMac, source ?? TheirMac, type);
        return [.. header[..12], .. tag ?? [], .. header[12..], .. payload];
    }

    public static byte[] Arp(IPv4Address target, IPv4Address? sender = null, ArpOperation operation = ArpOperation.Request,
        MacAddress? hardware = null)
    {
        var message = new byte[ArpHeader.Size];
        ArpHeader.Write(message, operation, hardware ?? TheirMac, sender ?? Their4, default, target);
        return message;
    }

    public static byte[] IPv4(IpProtocol protocol, byte[] payload, IPv4Address? source = null, IPv4Address? destination = null,
        byte[]? options = null, bool more = false, int offset = 0, byte tos = 0, ushort id = 7)
    {
        options ??= [];
        var header = new byte[20];
        IPv4Header.Write(header, tos, 20 + options.Length + payload.Length, id, false, 1, protocol, source ?? Their4,
            destination ?? Our4, more, offset);
        byte[] packet = [.. header, .. options, .. payload];
        packet[0] = (byte)(0x40 | (20 + options.Length) / 4);
        IPv4Header.UpdateChecksum(packet);
        return packet;
    }

    public static byte[] IPv6(IpProtocol protocol, byte[] payload, IPv6Address? source = null, IPv6Address? destination = null,
        byte hopLimit = 255)
    {
        var header = new byte[40];
        IPv6Header.Write(header, 0, 0, payload.Length, protocol, hopLimit, source ?? Their6, destination ?? Our6);
        return [.. header, .. payload];
    }

    /// <summary>An ICMP message with its checksum.</summary>
    public static byte[] Icmp(IcmpType type, byte code, byte[] rest)
    {
        byte[] message = [(byte)type, code, 0, 0, .. rest];
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), InternetChecksum.Compute(message));
        return message;
    }

    public static byte[] Echo(int data = 56) => Icmp(IcmpType.EchoRequest, 0, [0x12, 0x34, 0, 9, .. Noise(data)]);

    /// <summary>An ICMPv6 message with its checksum.</summary>
    public static byte[] Icmpv6(Icmpv6Type type, byte[] rest, IPv6Address? source = null, IPv6Address? destination = null, byte code = 0)
    {
        byte[] message = [(byte)type, code, 0, 0, .. rest];
        Seal(message, 2, IpProtocol.Icmpv6, source ?? Their6, destination ?? Our6);
        return message;
    }

    public static byte[] Echo6(int data = 56, IPv6Address? source = null, IPv6Address? destination = null) =>
        Icmpv6(Icmpv6Type.EchoRequest, [0x12, 0x34, 0, 9, .. Noise(data)], source, destination);

    /// <summary>A solicitation with options.</summary>
    public static byte[] Solicitation(IPv6Address target, IPv6Address source, IPv6Address destination, byte[] options)
    {
        var bytes = new byte[16];
        target.Write(bytes);
        return Icmpv6(Icmpv6Type.NeighborSolicitation, [0, 0, 0, 0, .. bytes, .. options], source, destination);
    }

    public static byte[] Udp(byte[] data, bool over6 = false, ushort port = 33434)
    {
        byte[] datagram = [0x30, 0x39, (byte)(port >> 8), (byte)port, 0, (byte)(8 + data.Length), 0, 0, .. data];
        SealTransport(datagram, 6, IpProtocol.Udp, over6);
        return datagram;
    }

    public static byte[] Tcp(TcpFlags flags, byte[] data, bool over6 = false)
    {
        byte[] segment = [0x30, 0x39, 0, 80, 0, 0, 0, 100, 0, 0, 0, 200, 0x50, (byte)flags, 0xFF, 0, 0, 0, 0, 0, .. data];
        SealTransport(segment, 16, IpProtocol.Tcp, over6);
        return segment;
    }

    public static byte[] Noise(int length)
    {
        var noise = new byte[length];
        new Random(length).NextBytes(noise);
        return noise;
    }

    private static void SealTransport(byte[] bytes, int at, IpProtocol protocol, bool over6)
    {
        if (over6)
            Seal(bytes, at, protocol, Their6, Our6);
        else
            Write(bytes, at, InternetChecksum.PseudoHeader(Their4, Our4, protocol, bytes.Length));
    }

    private static void Seal(byte[] bytes, int at, IpProtocol protocol, IPv6Address source, IPv6Address destination) =>
        Write(bytes, at, InternetChecksum.PseudoHeader(source, destination, protocol, bytes.Length));

    private static void Write(byte[] bytes, int at, uint pseudo) =>
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at), InternetChecksum.Finish(InternetChecksum.Sum(bytes) + pseudo));
}
