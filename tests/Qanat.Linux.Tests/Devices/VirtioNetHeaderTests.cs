using Qanat.Linux.Devices;
using Qanat.Packets;

namespace Qanat.Linux.Tests.Devices;

public class VirtioNetHeaderTests
{
    [Theory]
    [InlineData(GsoType.None, false, ChecksumState.Unknown)]
    [InlineData(GsoType.None, false, ChecksumState.Valid)]
    [InlineData(GsoType.None, false, ChecksumState.Partial)]
    [InlineData(GsoType.TcpV4, false, ChecksumState.Partial)]
    [InlineData(GsoType.TcpV4, true, ChecksumState.Partial)]
    [InlineData(GsoType.TcpV6, true, ChecksumState.Partial)]
    [InlineData(GsoType.UdpL4, false, ChecksumState.Partial)]
    public void Facts_survive_the_way_there_and_back(GsoType gso, bool ecn, ChecksumState checksum)
    {
        var partial = checksum == ChecksumState.Partial;
        var facts = new PacketInfo
        {
            Gso = gso,
            GsoEcn = ecn,
            GsoSize = (ushort)(gso == GsoType.None ? 0 : 1448),
            Checksum = checksum,
            ChecksumStart = (ushort)(partial ? 20 : 0),
            ChecksumOffset = (ushort)(!partial ? 0 : gso == GsoType.UdpL4 ? 6 : 16),
        };
        var back = new PacketInfo();
        Assert.True(VirtioNetHeader.TryDecode(VirtioNetHeader.Encode(facts, new byte[60]), ref back));
        Assert.Equal(facts, back);
    }

    [Theory]
    [InlineData(16, 0x80, 52)] // TCP with 12 bytes of options
    [InlineData(16, 0x50, 40)]
    [InlineData(6, 0x00, 28)] // UDP
    public void The_header_length_reaches_to_the_payload(ushort checksumOffset, byte dataOffset, int expected)
    {
        var packet = new byte[4000];
        packet[20 + 12] = dataOffset;
        var facts = new PacketInfo
        {
            Gso = GsoType.TcpV4,
            Checksum = ChecksumState.Partial,
            ChecksumStart = 20,
            ChecksumOffset = checksumOffset,
        };
        Assert.Equal(expected, VirtioNetHeader.Encode(facts, packet).hdr.hdr_len);
    }

    [Fact]
    public void The_header_length_never_passes_the_packets_end()
    {
        var facts = new PacketInfo { Gso = GsoType.TcpV4, Checksum = ChecksumState.Partial, ChecksumStart = 60000, ChecksumOffset = 16 };
        Assert.Equal(5, VirtioNetHeader.Encode(facts, new byte[5]).hdr.hdr_len);
    }

    [Theory]
    [InlineData(3)] // UFO
    [InlineData(0x80)] // ECN of nothing
    [InlineData(0x60)]
    public void A_kind_of_super_packet_that_nobody_asked_for_is_refused(byte type)
    {
        var packet = new PacketInfo();
        Assert.False(VirtioNetHeader.TryDecode(new() { hdr = new() { gso_type = type } }, ref packet));
    }
}
