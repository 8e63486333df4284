using Qanat.Linux.Sockets;
using Qanat.Packets;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Sockets;

/// <summary>Two hosts with addresses of both IP versions on one wire, and UDP packets between them.</summary>
internal sealed class UdpHosts : IDisposable
{
    public const ushort Port = 4789;

    private readonly TwoHosts _hosts = new();

    public UdpHosts()
    {
        A.Do($"ip addr add {AddressOf(A, true)}/64 dev eth0 nodad");
        B.Do($"ip addr add {AddressOf(B, true)}/64 dev eth0 nodad");
    }

    public TestNamespace A => _hosts.A;

    public TestNamespace B => _hosts.B;

    public void Dispose() => _hosts.Dispose();

    public IpAddress AddressOf(TestNamespace host, bool isIPv6) => Address((host == A, isIPv6) switch
    {
        (true, false) => TwoHosts.AddressOfA,
        (false, false) => TwoHosts.AddressOfB,
        (true, true) => "fd00:50::71",
        (false, true) => "fd00:50::186",
    });

    public static IpAddress Address(string text) =>
        IpAddress.TryParse(text, out var address) ? address : throw new FormatException(text);

    /// <summary>A socket of A on a port of the kernel's choice.</summary>
    public UdpSocket OpenA(bool isIPv6 = false, bool segment = true) =>
        A.Enter(() => UdpSocket.Open(new() { Address = IpAddress.Any(isIPv6), Segment = segment }));

    /// <summary>A socket of B on the port.</summary>
    public UdpSocket OpenB(bool isIPv6 = false, bool coalesce = false) =>
        B.Enter(() => UdpSocket.Open(new() { Address = IpAddress.Any(isIPv6), Port = Port, Coalesce = coalesce }));

    /// <summary>A packet to B, whose source port says nothing and whose checksum is the kernel's to make.</summary>
    public byte[] ToB(ReadOnlySpan<byte> payload, bool isIPv6 = false, bool dontFragment = true, byte trafficClass = 0,
        byte hopLimit = 64, uint flowLabel = 0, ushort port = Port, IpAddress? source = null, IpAddress? destination = null,
        ushort checksum = 1)
    {
        var from = source ?? AddressOf(A, isIPv6);
        var to = destination ?? AddressOf(B, isIPv6);
        var headerLength = isIPv6 ? IPv6Header.Size : IPv4Header.MinSize;
        var packet = new byte[headerLength + UdpHeader.Size + payload.Length];
        var length = UdpHeader.Size + payload.Length;
        if (isIPv6)
            IPv6Header.Write(packet, trafficClass, flowLabel, length, IpProtocol.Udp, hopLimit, from.IPv6, to.IPv6);
        else
            IPv4Header.Write(packet, trafficClass, packet.Length, 7, dontFragment, hopLimit, IpProtocol.Udp, from.IPv4, to.IPv4);
        UdpHeader.Write(packet.AsSpan(headerLength), 9, port, length, checksum);
        payload.CopyTo(packet.AsSpan(headerLength + UdpHeader.Size));
        return packet;
    }

    /// <summary>Bytes that differ with the number.</summary>
    public static byte[] Payload(int number, int length)
    {
        var content = new byte[length];
        new Random(number).NextBytes(content);
        return content;
    }

    /// <summary>The packet's bytes behind its headers.</summary>
    public static byte[] PayloadOf(PacketBatch batch, int index) =>
        batch.Bytes(index)[((batch.Bytes(index)[0] >> 4 == 6 ? IPv6Header.Size : IPv4Header.MinSize) + UdpHeader.Size)..].ToArray();
}
