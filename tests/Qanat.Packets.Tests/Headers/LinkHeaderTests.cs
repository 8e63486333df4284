using Xunit;

namespace Qanat.Packets.Tests.Headers;

public class LinkHeaderTests
{
    private static readonly byte[] _payload = [1, 2, 3, 4];

    [Fact]
    public void Sizes_are_those_of_the_wire()
    {
        Assert.Equal(14, EthernetHeader.MinSize);
        Assert.Equal(28, ArpHeader.Size);
    }

    [Fact]
    public void A_plain_frame_shows_its_addresses_type_and_payload()
    {
        Assert.True(EthernetHeader.TryParse(SamplePackets.Ethernet(EtherType.IPv4, _payload), out var frame));
        Assert.Equal("52:54:00:87:00:01", frame.Destination.ToString());
        Assert.Equal("52:54:00:87:00:02", frame.Source.ToString());
        Assert.Equal(EtherType.IPv4, frame.EtherType);
        Assert.Equal((0, 14), (frame.TagCount, frame.HeaderLength));
        Assert.Equal(_payload, frame.Payload);
    }

    [Fact]
    public void Service_and_customer_tags_come_outermost_first()
    {
        VlanTag service = new(EtherType.ServiceVlan, 0xF123), customer = new(EtherType.Vlan, 0x0042);
        Assert.True(EthernetHeader.TryParse(SamplePackets.Ethernet(EtherType.IPv6, _payload, service, customer), out var frame));
        Assert.Equal((2, 22), (frame.TagCount, frame.HeaderLength));
        Assert.Equal(service, frame.Tag(0));
        Assert.Equal(customer, frame.Tag(1));
        Assert.Equal((7, true, 0x123), (frame.Tag(0).Priority, frame.Tag(0).DropEligible, frame.Tag(0).Identifier));
        Assert.Equal(EtherType.IPv6, frame.EtherType);
        Assert.Equal(_payload, frame.Payload);
    }

    [Fact]
    public void A_third_tag_is_payload()
    {
        VlanTag tag = new(EtherType.Vlan, 1);
        Assert.True(EthernetHeader.TryParse(SamplePackets.Ethernet(EtherType.IPv4, _payload, tag, tag, tag), out var frame));
        Assert.Equal(2, frame.TagCount);
        Assert.Equal(EtherType.Vlan, frame.EtherType);
    }

    [Fact]
    public void A_frame_is_refused_when_its_header_is_cut_short()
    {
        var frame = SamplePackets.Ethernet(EtherType.IPv4, [], new VlanTag(EtherType.ServiceVlan, 1), new VlanTag(EtherType.Vlan, 2));
        for (var length = 0; length < frame.Length; length++)
            Assert.False(EthernetHeader.TryParse(frame.AsSpan(0, length), out _));
        Assert.True(EthernetHeader.TryParse(frame, out var whole));
        Assert.True(whole.Payload.IsEmpty);
    }

    [Fact]
    public void An_arp_reply_is_read_as_written()
    {
        var message = new byte[ArpHeader.Size + 18];
        MacAddress here = new(0x525400874200), there = new(0x525400026300);
        ArpHeader.Write(message, ArpOperation.Reply, here, SamplePackets.Here, there, SamplePackets.There);
        Assert.Equal("0001080006040002525400874200C0000202525400026300C0000201", Convert.ToHexString(message, 0, ArpHeader.Size));
        Assert.True(ArpHeader.TryParse(message, out var arp));
        Assert.Equal(ArpOperation.Reply, arp.Operation);
        Assert.Equal(here, arp.SenderHardwareAddress);
        Assert.Equal(SamplePackets.Here, arp.SenderProtocolAddress);
        Assert.Equal(there, arp.TargetHardwareAddress);
        Assert.Equal(SamplePackets.There, arp.TargetProtocolAddress);
    }

    [Theory]
    [InlineData(1, 6)] // IEEE 802 instead of Ethernet
    [InlineData(3, 1)]
    [InlineData(4, 8)]
    [InlineData(5, 16)]
    public void An_arp_message_about_other_addresses_is_refused(int at, byte value)
    {
        var message = new byte[ArpHeader.Size];
        ArpHeader.Write(message, ArpOperation.Request, default, default, default, default);
        Assert.True(ArpHeader.TryParse(message, out _));
        Assert.False(ArpHeader.TryParse(message.AsSpan(0, ArpHeader.Size - 1), out _));
        message[at] = value;
        Assert.False(ArpHeader.TryParse(message, out _));
    }
}
