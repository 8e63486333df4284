using Qanat.Packets.Tests.Headers;
using Qanat.Testing;
using Xunit;

namespace Qanat.Packets.Tests.Fragments;

public class IPv4FragmenterTests
{
    [Fact]
    public void Fragments_are_the_largest_multiples_of_eight_that_fit()
    {
        var packet = SamplePackets.IPv4(IpProtocol.Udp, SamplePackets.Noise(3000), tos: 0xB8);
        var fragments = FragmentCollector.Fragment(packet, 1500);
        Assert.Equal([1500, 1500, 60], fragments.Select(fragment => fragment.Length));
        Assert.Equal([1476, 1476, 108], FragmentCollector.Fragment(packet, 1480).Select(fragment => fragment.Length));
        Assert.Equal([(0, true), (1480, true), (2960, false)], fragments.Select(Part));
        Assert.Equal(packet[20..], fragments.SelectMany(fragment => fragment[20..]));
        Assert.All(fragments, fragment =>
        {
            Assert.True(IPv4Header.TryParse(fragment, out var header));
            Assert.True(header.HasValidChecksum);
            Assert.Equal((7, 0xB8, 64, IpProtocol.Udp), (header.Identification, header.TypeOfService, header.TimeToLive, header.Protocol));
        });
    }

    [Fact]
    public void The_last_fragment_may_fill_the_mtu_beyond_a_multiple_of_eight() =>
        Assert.Equal([1492, 1497], FragmentCollector.Fragment(SamplePackets.IPv4(IpProtocol.Udp, new byte[1472 + 1477]), 1497)
            .Select(fragment => fragment.Length));

    [Fact]
    public void A_packet_that_fits_is_sent_as_it_is()
    {
        var packet = SamplePackets.IPv4(IpProtocol.Udp, new byte[1480], df: true);
        Assert.Equal(packet, Assert.Single(FragmentCollector.Fragment(packet, 1500)));
    }

    [Fact]
    public void A_fragment_of_a_fragment_keeps_its_place_and_more_fragments()
    {
        var middle = SamplePackets.IPv4(IpProtocol.Udp, new byte[1480], more: true, offset: 2960);
        Assert.Equal([(2960, true), (3536, true), (4112, true)], FragmentCollector.Fragment(middle, 596).Select(Part));
        var last = SamplePackets.IPv4(IpProtocol.Udp, new byte[1000], offset: 4440);
        Assert.Equal([(4440, true), (5016, false)], FragmentCollector.Fragment(last, 596).Select(Part));
    }

    // Router alert has the copied bit; record route (7) and timestamp (68) do not.
    [Fact]
    public void Options_that_are_not_to_be_copied_become_no_operations_behind_the_first()
    {
        byte[] options = [1, 7, 3, 4, 148, 4, 0, 0, 68, 4, 5, 0];
        var fragments = FragmentCollector.Fragment(SamplePackets.IPv4(IpProtocol.Udp, new byte[100], options), 72);
        Assert.Equal(3, fragments.Length);
        Assert.Equal(options, fragments[0][20..32]);
        byte[] copied = [1, 1, 1, 1, 148, 4, 0, 0, 1, 1, 1, 1];
        Assert.Equal(copied, fragments[1][20..32]);
        Assert.Equal(copied, fragments[2][20..32]);
        Assert.All(fragments, fragment => Assert.True(IPv4Header.TryParse(fragment, out var header) && header.HasValidChecksum));
    }

    [Fact]
    public void A_later_fragment_keeps_its_options_when_it_is_cut_again()
    {
        byte[] options = [7, 3, 4, 0];
        var fragments = FragmentCollector.Fragment(SamplePackets.IPv4(IpProtocol.Udp, new byte[100], options, offset: 80), 72);
        Assert.All(fragments, fragment => Assert.Equal(options, fragment[20..24]));
    }

    [Theory]
    [InlineData(new byte[] { 7, 0, 0, 0 })]
    [InlineData(new byte[] { 7, 1, 0, 0 })]
    [InlineData(new byte[] { 7, 5, 0, 0 })]
    [InlineData(new byte[] { 1, 1, 1, 7 })]
    [InlineData(new byte[] { 0, 7, 3, 0 })]
    public void Options_that_make_no_sense_are_left_alone(byte[] options) =>
        Assert.All(FragmentCollector.Fragment(SamplePackets.IPv4(IpProtocol.Udp, new byte[100], options), 72),
            fragment => Assert.Equal(options, fragment[20..24]));

    [Fact]
    public void Nothing_is_sent_of_what_cannot_be_cut()
    {
        Assert.Empty(FragmentCollector.Fragment(SamplePackets.IPv4(IpProtocol.Udp, new byte[100]), 27));
        Assert.Equal(13, FragmentCollector.Fragment(SamplePackets.IPv4(IpProtocol.Udp, new byte[100]), 28).Length);
        Assert.Empty(FragmentCollector.Fragment([0x60, 1, 2, 3], 1500));
    }

    [Fact]
    public void Fragments_have_headroom_and_their_link()
    {
        using var collector = new FragmentCollector();
        IPv4Fragmenter.Fragment(SamplePackets.IPv4(IpProtocol.Udp, new byte[3000]), 1500, collector.Queue, link: 3);
        collector.Take();
        Assert.Equal(3, collector.Infos.Count);
        Assert.All(collector.Infos, info => Assert.Equal((3, PacketBatch.DefaultHeadroom), (info.Link, info.Start - info.Floor)));
    }

    // Real fragments are put together and cut again: outer ones, or those that a (192.0.2.2) put into outer packets.
    [Theory]
    [InlineData("ipip-mtu1500-nopmtudisc", false, 1500, 3)]
    [InlineData("ipip-mtu1500-nopmtudisc", true, 1480, 2)]
    [InlineData("ipip-forward", true, 1480, 1)]
    [InlineData("pmtu-ipip", true, 1380, 1)]
    [InlineData("pmtu-ipip-nopmtudisc", true, 1380, 1)]
    public void The_kernels_fragments_are_made_again_byte_for_byte(string capture, bool inner, int mtu, int datagrams)
    {
        var reassembler = new IPv4Reassembler(new ManualTime());
        List<byte[]> fragments = [];
        foreach (var outer in Golden.Load(capture).Packets.Select(packet => packet.ToArray()))
        {
            Assert.True(IPv4Header.TryParse(outer, out var header));
            if (inner && (header.Source != SamplePackets.Here || !IPv4Header.TryParse(header.Payload, out header)) || !header.IsFragment)
                continue;
            var packet = header.Packet.ToArray();
            fragments.Add(packet);
            if (!reassembler.TryAdd(packet, out var datagram))
                continue;
            Assert.Equal(fragments, FragmentCollector.Fragment(datagram.ToArray(), mtu));
            fragments.Clear();
        }
        Assert.Empty(fragments);
        Assert.Equal(datagrams, reassembler.Reassembled);
    }

    private static (int Offset, bool More) Part(byte[] fragment)
    {
        Assert.True(IPv4Header.TryParse(fragment, out var header));
        return (header.FragmentOffset, header.MoreFragments);
    }
}
