using System.Buffers.Binary;
using Qanat.Packets;

namespace Qanat.Tunnels.Tests;

/// <summary>Packets made by hand.</summary>
internal static class TestPackets
{
    public static IPv4Address Ip(string text) => IPv4Address.TryParse(text, out var address) ? address : throw new FormatException(text);

    public static IPv6Address Ip6(string text) => IPv6Address.TryParse(text, out var address) ? address : throw new FormatException(text);

    /// <summary>An IPv6 packet that carries UDP, its checksum left out, of <paramref name="length"/> bytes in all.</summary>
    public static byte[] Inner6(
        int length = 100, byte tos = 0, byte hopLimit = 64, string source = "fd00::2", string destination = "fd00::1",
        IpProtocol protocol = IpProtocol.Udp)
    {
        var packet = new byte[length];
        for (var i = 40; i < length; i++)
            packet[i] = (byte)i;
        IPv6Header.Write(packet, tos, 0x12345, length - 40, protocol, hopLimit, Ip6(source), Ip6(destination));
        return packet;
    }

    /// <summary>A UDP packet, its checksum left out (0), of <paramref name="length"/> bytes in all.</summary>
    public static byte[] Inner(
        int length = 60, byte tos = 0, byte ttl = 64, bool df = false, string source = "10.0.0.2", string destination = "10.0.0.1")
    {
        var packet = new byte[length];
        for (var i = 28; i < length; i++)
            packet[i] = (byte)i;
        IPv4Header.Write(packet, tos, length, 0x1234, df, ttl, IpProtocol.Udp, Ip(source), Ip(destination));
        if (length < 28)
            return packet;
        packet[20] = 0x12;
        packet[22] = 0x34;
        packet[24] = (byte)((length - 20) >> 8);
        packet[25] = (byte)(length - 20);
        return packet;
    }

    /// <summary><paramref name="inner"/> in an outer header.</summary>
    public static byte[] Outer(byte[] inner, string source = "192.0.2.1", string destination = "192.0.2.2", byte tos = 0, byte protocol = 4)
    {
        var packet = new byte[20 + inner.Length];
        IPv4Header.Write(packet, tos, packet.Length, 0x4321, true, 64, (IpProtocol)protocol, Ip(source), Ip(destination));
        inner.CopyTo(packet, 20);
        return packet;
    }

    /// <summary>An ICMP error from <paramref name="source"/> that quotes <paramref name="quoted"/>.</summary>
    public static byte[] IcmpError(byte[] quoted, byte type, byte code, ushort mtu = 0, string source = "192.0.2.254")
    {
        var packet = new byte[28 + Math.Min(quoted.Length, 548)];
        quoted.AsSpan(0, packet.Length - 28).CopyTo(packet.AsSpan(28));
        packet[20] = type;
        packet[21] = code;
        packet[26] = (byte)(mtu >> 8);
        packet[27] = (byte)mtu;
        var sum = InternetChecksum.Compute(packet.AsSpan(20));
        packet[22] = (byte)(sum >> 8);
        packet[23] = (byte)sum;
        IPv4Header.Write(packet, 0xC0, packet.Length, 1, false, 64, IpProtocol.Icmp, Ip(source), IPv4Address.Read(quoted.AsSpan(12)));
        return packet;
    }

    /// <summary>The packet with another byte at <paramref name="offset"/>.</summary>
    public static byte[] With(byte[] packet, int offset, byte value)
    {
        packet[offset] = value;
        return packet;
    }

    /// <summary>A packet of IPv6 in an outer header.</summary>
    public static byte[] Outer6(byte[] inner, string source = "192.0.2.1", string destination = "192.0.2.2", byte tos = 0) =>
        Outer(inner, source, destination, tos, (byte)IpProtocol.IPv6);

    /// <summary><paramref name="inner"/> behind a GRE header of the flags and words, in an outer header.</summary>
    public static byte[] OuterGre(byte[] inner, ushort flags, EtherType protocol, params ReadOnlySpan<uint> fields)
    {
        var payload = new byte[4 + 4 * fields.Length + inner.Length];
        BinaryPrimitives.WriteUInt32BigEndian(payload, (uint)flags << 16 | (uint)protocol);
        for (var i = 0; i < fields.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(payload.AsSpan(4 + 4 * i), fields[i]);
        inner.CopyTo(payload, payload.Length - inner.Length);
        return Outer(payload, protocol: (byte)IpProtocol.Gre);
    }

    /// <summary>The packet with what two hosts never agree on set to zero: the id, and with it the header checksum.</summary>
    public static byte[] WithoutId(ReadOnlySpan<byte> packet)
    {
        var copy = packet.ToArray();
        copy[4] = copy[5] = copy[10] = copy[11] = 0;
        return copy;
    }
}
