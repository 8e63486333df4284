using System.Buffers.Binary;
using System.Net;

namespace Qanat.EndToEnd.Tests;

/// <summary>An IPv4 packet read field by field (RFC 791), apart from the library under test.</summary>
/// <param name="Bytes">The packet.</param>
internal readonly record struct IPv4Fields(ReadOnlyMemory<byte> Bytes)
{
    public const int HeaderLengthWithoutOptions = 20;
    public const int Icmp = 1, IPv4InIPv4 = 4;

    public byte Tos => Bytes.Span[1];
    public int TotalLength => Word(2);
    public bool DontFragment => (Word(6) & 0x4000) != 0;
    public bool MoreFragments => (Word(6) & 0x2000) != 0;
    public int FragmentOffset => (Word(6) & 0x1FFF) * 8;
    public byte Ttl => Bytes.Span[8];
    public byte Protocol => Bytes.Span[9];
    public IPAddress Source => new(Bytes.Span.Slice(12, 4));
    public IPAddress Destination => new(Bytes.Span.Slice(16, 4));
    public int HeaderLength => (Bytes.Span[0] & 15) * 4;
    public ReadOnlyMemory<byte> Payload => Bytes[HeaderLength..];
    public IPv4Fields Inner => new(Payload);

    /// <summary>True when the header's words, its checksum among them, add up to 0xffff (RFC 1071).</summary>
    public bool ChecksumHolds
    {
        get
        {
            var sum = 0;
            for (var at = 0; at < HeaderLength; at += 2)
                sum += Word(at);
            return sum % 0xFFFF == 0;
        }
    }

    /// <summary>True for an echo request that is the first or only fragment.</summary>
    public bool IsEchoRequest => Protocol == Icmp && FragmentOffset == 0 && Payload.Length > 0 && Payload.Span[0] == 8;

    /// <summary>
    /// The header in hexadecimal, without what two hosts cannot have in common: identification, checksum, addresses.
    /// </summary>
    public string Comparable
    {
        get
        {
            var header = Bytes[..HeaderLength].ToArray();
            header.AsSpan(4, 2).Clear();
            header.AsSpan(10, 10).Clear();
            return Convert.ToHexString(header);
        }
    }

    private int Word(int at) => BinaryPrimitives.ReadUInt16BigEndian(Bytes.Span[at..]);
}
