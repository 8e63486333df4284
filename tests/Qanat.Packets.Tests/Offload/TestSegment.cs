using System.Buffers.Binary;
using Qanat.Packets.Tests.Checksums;

namespace Qanat.Packets.Tests.Offload;

/// <summary>A TCP or UDP packet written field by field with naive checksums: what the offloads are held against.</summary>
internal sealed record TestSegment
{
    public bool IsV4 { get; init; } = true;
    public bool IsTcp { get; init; } = true;
    public byte TrafficClass { get; init; }
    public uint FlowLabel { get; init; } = 0x12345;
    public ushort Identification { get; init; } = 100;
    public ushort FlagsAndOffset { get; init; } = 0x4000;
    public byte TimeToLive { get; init; } = 64;
    public byte Host { get; init; } = 1;
    public byte[] IpOptions { get; init; } = [];
    public byte[] ExtensionHeader { get; init; } = [];
    public ushort SourcePort { get; init; } = 40000;
    public ushort DestinationPort { get; init; } = 443;
    public uint SequenceNumber { get; init; } = 1000;
    public uint AcknowledgmentNumber { get; init; } = 2000;
    public TcpFlags Flags { get; init; } = TcpFlags.Ack;
    public ushort Window { get; init; } = 512;
    public byte[] TcpOptions { get; init; } = [];
    public byte[] Payload { get; init; } = [];

    public int TransportOffset => IsV4 ? 20 + IpOptions.Length : 40 + ExtensionHeader.Length;
    public int HeaderLength => TransportOffset + (IsTcp ? 20 + TcpOptions.Length : 8);
    private IpProtocol Protocol => IsTcp ? IpProtocol.Tcp : IpProtocol.Udp;

    /// <summary>The segment of the same flow that follows this one, its payload of <paramref name="length"/> bytes.</summary>
    public TestSegment Next(int length) => this with
    {
        SequenceNumber = SequenceNumber + (uint)Payload.Length,
        Identification = (ushort)(Identification + 1),
        Payload = Bytes(length, (int)SequenceNumber + Payload.Length),
    };

    /// <summary>The packets that this one stands for when it is cut at <paramref name="size"/> payload bytes.</summary>
    public List<byte[]> Cut(int size)
    {
        List<byte[]> segments = [];
        for (var at = 0; at == 0 || at < Payload.Length; at += size)
        {
            var flags = Flags;
            if (at != 0)
                flags &= ~TcpFlags.Cwr;
            if (at + size < Payload.Length)
                flags &= ~(TcpFlags.Fin | TcpFlags.Psh);
            segments.Add((this with
            {
                Flags = flags,
                SequenceNumber = SequenceNumber + (uint)at,
                Identification = (ushort)(Identification + segments.Count),
                Payload = Payload[at..Math.Min(Payload.Length, at + size)],
            }).Build());
        }
        return segments;
    }

    /// <summary>The facts that go with <see cref="Build"/> when it leaves its checksum, and its segmentation, to others.</summary>
    public PacketInfo Offloaded(int gsoSize) => new()
    {
        Gso = gsoSize == 0 ? GsoType.None : !IsTcp ? GsoType.UdpL4 : IsV4 ? GsoType.TcpV4 : GsoType.TcpV6,
        GsoSize = (ushort)gsoSize,
        Checksum = ChecksumState.Partial,
        ChecksumStart = (ushort)TransportOffset,
        ChecksumOffset = (ushort)(IsTcp ? 16 : 6),
    };

    public byte[] Build(bool partial = false)
    {
        byte[] transport = [.. TransportHeader(), .. Payload];
        var packet = (byte[])[.. IpHeader(transport.Length), .. transport];
        var pseudoHeader = PseudoHeader(packet, transport.Length);
        var checksum = partial ? NaiveChecksum.Sum(pseudoHeader) : NaiveChecksum.Compute([.. pseudoHeader, .. transport]);
        if (checksum == 0 && !IsTcp)
            checksum = 0xFFFF;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(TransportOffset + (IsTcp ? 16 : 6)), checksum);
        return packet;
    }

    public static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Looks at every length and checksum of a whole packet, naively.</summary>
    public static bool IsRight(ReadOnlySpan<byte> packet)
    {
        var isV4 = packet[0] >> 4 == 4;
        var offset = isV4 ? (packet[0] & 15) * 4 : 40;
        var protocol = isV4 ? packet[9] : packet[6];
        var length = BinaryPrimitives.ReadUInt16BigEndian(packet[(isV4 ? 2 : 4)..]);
        if (packet.Length != (isV4 ? length : length + 40) || isV4 && NaiveChecksum.Sum(packet[..offset]) != 0xFFFF)
            return false;
        if (protocol is 0 or 60)
        {
            protocol = packet[40];
            offset += 8 * (packet[41] + 1);
        }
        var transport = packet[offset..];
        if (protocol == 17 && BinaryPrimitives.ReadUInt16BigEndian(transport[4..]) != transport.Length)
            return false;
        var addresses = isV4 ? packet[12..20] : packet[8..40];
        byte[] covered = [.. addresses, 0, protocol, (byte)(transport.Length >> 8), (byte)transport.Length, .. transport];
        return NaiveChecksum.Sum(covered) == 0xFFFF;
    }

    private byte[] IpHeader(int transportLength)
    {
        var header = new byte[TransportOffset];
        if (IsV4)
        {
            header[0] = (byte)(0x40 | TransportOffset / 4);
            header[1] = TrafficClass;
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)(TransportOffset + transportLength));
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), Identification);
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(6), FlagsAndOffset);
            header[8] = TimeToLive;
            header[9] = (byte)Protocol;
            byte[] addresses = [192, 0, 2, Host, 198, 51, 100, 7];
            addresses.CopyTo(header, 12);
            IpOptions.CopyTo(header, 20);
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), NaiveChecksum.Compute(header));
            return header;
        }
        BinaryPrimitives.WriteUInt32BigEndian(header, 6u << 28 | (uint)TrafficClass << 20 | FlowLabel);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), (ushort)(ExtensionHeader.Length + transportLength));
        header[6] = (byte)(ExtensionHeader.Length == 0 ? Protocol : IpProtocol.DestinationOptions);
        header[7] = TimeToLive;
        byte[] both = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Host, 0x20, 1, 0xd, 0xb8, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];
        both.CopyTo(header, 8);
        ExtensionHeader.CopyTo(header, 40);
        if (ExtensionHeader.Length != 0)
            header[40] = (byte)Protocol;
        return header;
    }

    private byte[] TransportHeader()
    {
        var header = new byte[HeaderLength - TransportOffset];
        BinaryPrimitives.WriteUInt16BigEndian(header, SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), DestinationPort);
        if (!IsTcp)
        {
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), (ushort)(8 + Payload.Length));
            return header;
        }
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), SequenceNumber);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(8), AcknowledgmentNumber);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(12), (ushort)(header.Length / 4 << 12 | (int)Flags));
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(14), Window);
        TcpOptions.CopyTo(header, 20);
        return header;
    }

    private byte[] PseudoHeader(byte[] packet, int length)
        => [.. IsV4 ? packet[12..20] : packet[8..40], 0, (byte)Protocol, (byte)(length >> 8), (byte)length];
}

/// <summary>A port that keeps what it is sent.</summary>
internal sealed class KeepingPort : IPort
{
    public List<(byte[] Packet, PacketInfo Info)> Sent { get; } = [];

    public int Receive(PacketBatch batch) => 0;

    public int Send(PacketBatch batch)
    {
        for (var i = 0; i < batch.Count; i++)
            Sent.Add((batch.Bytes(i).ToArray(), batch[i]));
        return batch.Count;
    }

    public void Dispose() => Sent.Clear();
}
