using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Qanat.Packets.Tests.Headers;

public class AddressTests
{
    [Theory]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("2001:db8::8:800:200c:417a")]
    [InlineData("fe80::5efe:c000:201")]
    [InlineData("ff02::2")]
    public void IPv6_text_comes_back_as_it_was(string text)
    {
        Assert.True(IPv6Address.TryParse(text, out var address));
        Assert.Equal(IPAddress.Parse(text), IPAddress.Parse(address.ToString()));
        Assert.Equal(IPAddress.Parse(text), address.ToIPAddress());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("192.0.2.1")]
    [InlineData("2001:db8")]
    [InlineData("fe80::1%3")]
    [InlineData("fe80::1%nosuch0")]
    [InlineData("[2001:db8::1]")]
    [InlineData("[2001:db8::1]:80")]
    [InlineData("2001:db8::1/64")]
    public void What_is_no_IPv6_address_is_refused(string? text) => Assert.False(IPv6Address.TryParse(text, out _));

    [Fact]
    public void IPv6_kinds_are_told_apart()
    {
        Assert.True(Parse("::").IsAny);
        Assert.True(Parse("::1").IsLoopback);
        Assert.True(Parse("ff02::1").IsMulticast);
        Assert.True(Parse("febf::1").IsLinkLocal);
        Assert.False(Parse("fec0::1").IsLinkLocal);
        Assert.False(Parse("2001:db8::1") is { IsAny: true } or { IsLoopback: true } or { IsMulticast: true } or { IsLinkLocal: true });
    }

    [Fact]
    public void Addresses_are_written_as_they_are_read() => Prop.ForAll<ulong, ulong>((high, low) =>
    {
        var bytes = new byte[IPv6Address.Size + MacAddress.Size];
        var (address, mac) = (new IPv6Address(new UInt128(high, low)), new MacAddress(low & 0xFFFF_FFFF_FFFF));
        address.Write(bytes);
        mac.Write(bytes.AsSpan(IPv6Address.Size));
        return IPv6Address.Read(bytes) == address && MacAddress.Read(bytes.AsSpan(IPv6Address.Size)) == mac &&
            new IPAddress(bytes.AsSpan(0, IPv6Address.Size)).Equals(address.ToIPAddress());
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_mac_address_is_in_the_order_of_the_wire()
    {
        var address = MacAddress.Read([0x52, 0x54, 0x00, 0x87, 0x42, 0x01]);
        Assert.Equal("52:54:00:87:42:01", address.ToString());
        Assert.Equal(0x525400874201u, address.Value);
        Assert.False(address.IsMulticast);
        Assert.True(MacAddress.Read([0x33, 0x33, 0, 0, 0, 1]).IsMulticast);
        Assert.True(MacAddress.Broadcast is { IsBroadcast: true, IsMulticast: true });
    }

    private static IPv6Address Parse(string text) =>
        IPv6Address.TryParse(text, out var address) ? address : throw new FormatException(text);
}
