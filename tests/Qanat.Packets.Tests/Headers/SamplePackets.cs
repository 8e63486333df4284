using System.Buffers.Binary;

namespace Qanat.Packets.Tests.Headers;

/// <summary>Packets of every kind that the views know, made by hand.</summary>
internal static class SamplePackets
{
    public static readonly IPv4Address Here = new(0xC0000202), There = new(0xC0000201);
    public static readonly IPv6Address Here6 = Parse6("2001:db8:1::2"), There6 = Parse6("2001:db8:1::1");

    /// <summary>An IPv4 packet with the payload, and with options when given (a multiple of 4 bytes).</summary>
    public static byte[] IPv4(IpProtocol protocol, byte[] payload, byte[]? options = null, ushort id = 7, bool df = false, byte tos = 0,
        bool more = false, int offset = 0, IPv4Address? source = null, IPv4Address? destination = null)
    {
        options ??= [];
        var packet = new byte[IPv4Header.MinSize + options.Length + payload.Length];
        IPv4Header.Write(packet, tos, packet.Length, id, df, 64, protocol, source ?? Here, destination ?? There, more, offset);
        packet[0] = (byte)(0x45 + options.Length / 4);
        options.CopyTo(packet, IPv4Header.MinSize);
        payload.CopyTo(packet, IPv4Header.MinSize + options.Length);
        IPv4Header.UpdateChecksum(packet);
        return packet;
    }

    /// <summary>An IPv6 packet with what follows its fixed header.</summary>
    public static byte[] IPv6(IpProtocol next, byte[] payload, IPv6Address? source = null, IPv6Address? destination = null)
    {
        var packet = new byte[IPv6Header.Size + payload.Length];
        IPv6Header.Write(packet, 0xB8, 0x12345, payload.Length, next, 64, source ?? Here6, destination ?? There6);
        payload.CopyTo(packet, IPv6Header.Size);
        return packet;
    }

    /// <summary>An extension header of the common form, 8 bytes and <paramref name="units"/> times 8 more.</summary>
    public static byte[] Extension(IpProtocol next, int units = 0)
    {
        var header = new byte[8 + units * 8];
        header[0] = (byte)next;
        header[1] = (byte)units;
        return header;
    }

    /// <summary>A fragment header (RFC 8200, 4.5).</summary>
    public static byte[] FragmentHeader(IpProtocol next, int offset, bool more, uint id)
    {
        var header = new byte[8];
        header[0] = (byte)next;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)(offset | (more ? 1 : 0)));
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), id);
        return header;
    }

    public static byte[] Udp(byte[] payload)
    {
        var datagram = new byte[UdpHeader.Size + payload.Length];
        UdpHeader.Write(datagram, 5555, 53, datagram.Length);
        payload.CopyTo(datagram, UdpHeader.Size);
        return datagram;
    }

    /// <summary>A SYN with MSS, SACK permitted, timestamps and window scale, as Linux sends it.</summary>
    public static byte[] TcpSyn => Convert.FromHexString(
        "d43101bb499602d200000000a002faf000000000" + "020405b4" + "0402" + "080a1122334400000000" + "01" + "030307");

    public static byte[] IcmpEcho(int length = 56) => [8, 0, 0, 0, 0x04, 0x6D, 0, 1, .. Noise(length)];

    public static byte[] Ethernet(EtherType type, byte[] payload, params VlanTag[] tags)
    {
        var frame = new byte[EthernetHeader.MinSize + tags.Length * EthernetHeader.TagSize + payload.Length];
        EthernetHeader.Write(frame, new(0x525400870001), new(0x525400870002), type);
        var at = 12;
        foreach (var tag in tags)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(at), (ushort)tag.Type);
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(at + 2), tag.Control);
            at += EthernetHeader.TagSize;
        }
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(at), (ushort)type);
        payload.CopyTo(frame, at + 2);
        return frame;
    }

    public static byte[] Noise(int length, int seed = 1)
    {
        var noise = new byte[length];
        new Random(seed).NextBytes(noise);
        return noise;
    }

    private static IPv6Address Parse6(string text) =>
        IPv6Address.TryParse(text, out var address) ? address : throw new FormatException(text);
}
