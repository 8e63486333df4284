using System.Net;
using Qanat.Linux.Devices;
using Qanat.Packets;

namespace Qanat.Cli.Doctor.Facts;

/// <summary>
/// Writes a super-packet to one TUN device, has the kernel send it on through another that takes no super-packets, and looks
/// at the segments that come out: their number, headers, checksums and bytes.
/// </summary>
/// <param name="left">Takes super-packets; its network is <see cref="LeftNetwork"/>.</param>
/// <param name="right">Takes none; its network is <see cref="RightNetwork"/>.</param>
internal sealed class SegmentationTrial(TunDevice left, TunDevice right)
{
    /// <summary>The host's address on the left, in a network of 24 bits; the range is for such trials (RFC 2544).</summary>
    public static readonly IPAddress LeftNetwork = new([198, 18, 0, 1]);

    /// <summary>The host's address on the right.</summary>
    public static readonly IPAddress RightNetwork = new([198, 18, 1, 1]);

    private const int SegmentSize = 1000;
    private const int Segments = 3;
    private const int TcpHeaderLength = 20;
    private const int TcpChecksumOffset = 16;

    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);
    private static readonly IPv4Address s_source = IPv4Address.From(new IPAddress([198, 18, 0, 2]));
    private static readonly IPv4Address s_destination = IPv4Address.From(new IPAddress([198, 18, 1, 2]));

    /// <summary>TCP.</summary>
    public Outcome Tcp() => Try(IpProtocol.Tcp, GsoType.TcpV4, TcpHeaderLength, TcpChecksumOffset);

    /// <summary>UDP.</summary>
    public Outcome Udp() => Try(IpProtocol.Udp, GsoType.UdpL4, UdpHeader.Size, UdpHeader.ChecksumOffset);

    private Outcome Try(IpProtocol protocol, GsoType gso, int headerLength, int checksumOffset)
    {
        using var batch = new PacketBatch(Segments + 1);
        if (!batch.TryAdd(IPv4Header.MinSize + headerLength + Segments * SegmentSize, PacketBatch.DefaultHeadroom, out var index))
            return Outcome.Untried;
        Fill(batch.Bytes(index), protocol, headerLength, checksumOffset);
        ref var packet = ref batch[index];
        packet.Gso = gso;
        packet.GsoSize = SegmentSize;
        packet.Checksum = ChecksumState.Partial;
        packet.ChecksumStart = IPv4Header.MinSize;
        packet.ChecksumOffset = (ushort)checksumOffset;
        return left.Send(batch) == 1 ? Collect(batch, protocol, headerLength) : Outcome.Refused;
    }

    private static void Fill(Span<byte> packet, IpProtocol protocol, int headerLength, int checksumOffset)
    {
        packet.Clear();
        const byte hops = 64;
        IPv4Header.Write(packet, 0, packet.Length, identification: 1, dontFragment: true, hops, protocol, s_source, s_destination);
        var transport = packet[IPv4Header.MinSize..];
        var sum = InternetChecksum.Fold(InternetChecksum.PseudoHeader(s_source, s_destination, protocol, transport.Length));
        UdpHeader.Write(transport, 9, 9, transport.Length); // TCP has its ports in the same place
        if (protocol == IpProtocol.Tcp)
        {
            transport[4..UdpHeader.Size].Clear();
            (transport[12], transport[13]) = (TcpHeaderLength / 4 << 4, (byte)TcpFlags.Ack);
        }

        (transport[checksumOffset], transport[checksumOffset + 1]) = ((byte)(sum >> 8), (byte)sum);
        for (var i = headerLength; i < transport.Length; i++)
            transport[i] = Pattern(i - headerLength);
    }

    private Outcome Collect(PacketBatch batch, IpProtocol protocol, int headerLength)
    {
        var seen = 0;
        while (seen < Segments && right.Wait(s_patience))
        {
            batch.Clear();
            right.Receive(batch);
            for (var i = 0; i < batch.Count; i++)
                if (IPv4Header.TryParse(batch.Bytes(i), out var header) && header.Protocol == protocol &&
                    !IsSegment(batch.Bytes(i), protocol, headerLength, seen++))
                    return Outcome.Wrong;
        }

        return seen == Segments ? Outcome.Works : Outcome.Untried; // late is not wrong
    }

    private static bool IsSegment(ReadOnlySpan<byte> packet, IpProtocol protocol, int headerLength, int number)
    {
        var start = IPv4Header.MinSize + headerLength;
        if (packet.Length != start + SegmentSize || !InternetChecksum.IsValid(InternetChecksum.Sum(packet[..IPv4Header.MinSize])))
            return false;
        var transport = packet[IPv4Header.MinSize..];
        var sum = InternetChecksum.PseudoHeader(s_source, s_destination, protocol, transport.Length) + InternetChecksum.Sum(transport);
        for (var i = 0; i < SegmentSize; i++)
            if (packet[start + i] != Pattern(number * SegmentSize + i))
                return false;
        return InternetChecksum.IsValid(sum);
    }

    private static byte Pattern(int position) => (byte)(position * 31 + position / 256);
}
