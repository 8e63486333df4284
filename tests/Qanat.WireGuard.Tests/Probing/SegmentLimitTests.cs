using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Qanat.Packets;
using Xunit;

namespace Qanat.WireGuard.Tests.Probing;

public class SegmentLimitTests
{
    private static readonly byte[] s_mss = [2, 4, 0x05, 0xB4]; // 1460

    [Theory]
    [InlineData(false, 0, 1400, 1360)]
    [InlineData(false, 1, 1400, 1360)] // at an odd place
    [InlineData(true, 0, 1400, 1340)]
    [InlineData(true, 3, 1400, 1340)]
    [InlineData(false, 0, 1500, 1460)] // enough already
    [InlineData(false, 0, 9000, 1460)]
    public void A_SYN_names_no_more_than_arrives(bool isIPv6, int padding, int mtu, int mss)
    {
        var packet = Syn(isIPv6, TcpFlags.Syn, [.. Enumerable.Repeat((byte)1, padding), .. s_mss, .. new byte[4 - padding]]);
        SegmentLimit.Apply(packet, mtu);
        var tcp = packet.AsSpan(isIPv6 ? 40 : 20);
        Assert.Equal(mss, BinaryPrimitives.ReadUInt16BigEndian(tcp[(22 + padding)..]));
        Assert.True(InternetChecksum.IsValid(Sum(packet)));
    }

    [Theory]
    [InlineData(TcpFlags.Ack, new byte[] { 2, 4, 5, 180 })]
    [InlineData(TcpFlags.Syn, new byte[] { 0, 2, 4, 5 })] // behind the end
    [InlineData(TcpFlags.Syn, new byte[] { 2, 3, 5, 180 })]
    [InlineData(TcpFlags.Syn, new byte[] { 8, 0, 2, 4 })]
    [InlineData(TcpFlags.Syn, new byte[] { 8, 200, 2, 4 })]
    [InlineData(TcpFlags.Syn, new byte[] { 1, 1, 1, 2 })]
    public void What_names_none_stays(TcpFlags flags, byte[] options)
    {
        var packet = Syn(isIPv6: false, flags, options);
        var before = packet.ToArray();
        SegmentLimit.Apply(packet, 1000);
        Assert.Equal(before, packet);
    }

    [Fact]
    public void Whatever_it_is_given_it_ends_well() => Prop.ForAll<byte[], int>((bytes, seed) =>
    {
        var packet = Syn((seed & 1) != 0, TcpFlags.Syn, new byte[40]);
        bytes.AsSpan(0, Math.Min(bytes.Length, 40)).CopyTo(packet.AsSpan((seed & 1) != 0 ? 60 : 40));
        new Random(seed).NextBytes(packet.AsSpan(new Random(seed).Next(packet.Length)));
        SegmentLimit.Apply(packet, 1280);
        SegmentLimit.Apply(bytes, 1280);
    }).QuickCheckThrowOnFailure();

    private static byte[] Syn(bool isIPv6, TcpFlags flags, byte[] options)
    {
        var segment = new byte[20 + options.Length];
        segment[12] = (byte)(segment.Length / 4 << 4);
        segment[13] = (byte)flags;
        options.CopyTo(segment.AsSpan(20));
        byte[] packet = [.. new byte[isIPv6 ? 40 : 20], .. segment];
        if (isIPv6)
            IPv6Header.Write(packet, 0, 0, segment.Length, IpProtocol.Tcp, 64, new(1), new(2));
        else
            IPv4Header.Write(packet, 0, packet.Length, 0, true, 64, IpProtocol.Tcp, new(1), new(2));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan((isIPv6 ? 40 : 20) + 16), InternetChecksum.Finish(Sum(packet)));
        return packet;
    }

    private static uint Sum(ReadOnlySpan<byte> packet)
    {
        var isIPv6 = packet[0] >> 4 == 6;
        var segment = packet[(isIPv6 ? 40 : 20)..];
        var pseudo = isIPv6
            ? InternetChecksum.PseudoHeader(new Qanat.Packets.IPv6Address(1), new(2), IpProtocol.Tcp, segment.Length)
            : InternetChecksum.PseudoHeader(new Qanat.Packets.IPv4Address(1), new(2), IpProtocol.Tcp, segment.Length);
        return InternetChecksum.Fold(pseudo) + (uint)InternetChecksum.Fold(InternetChecksum.Sum(segment));
    }
}
