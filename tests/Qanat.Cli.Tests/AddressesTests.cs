using System.Net.Sockets;
using FsCheck;
using FsCheck.Fluent;
using Qanat.Cli.Iproute2;

namespace Qanat.Cli.Tests;

public class AddressesTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("192.0.2", "192.0.2.0")]
    [InlineData("10.8", "10.8.0.0")]
    [InlineData("10", "10.0.0.0")]
    [InlineData("0x0a.010.8.0", "10.8.8.0")]
    [InlineData("any", "0.0.0.0")]
    [InlineData("all", "0.0.0.0")]
    [InlineData("default", "0.0.0.0")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    public void An_IPv4_address_may_be_short_and_in_any_radix(string text, string expected) =>
        Assert.Equal(expected, Addresses.ParseIPv4(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("192.0.2.256")]
    [InlineData("192.0.2.1.0")]
    [InlineData("192.0.2.")]
    [InlineData(".1")]
    [InlineData("192..2.1")]
    [InlineData("192.0.2.1/24")]
    [InlineData("192.0.2.-1")]
    [InlineData("2001:db8::1")]
    [InlineData("nosuch.invalid")]
    [InlineData("Any")]
    public void What_is_no_IPv4_address_is_refused(string text)
    {
        var failure = Assert.Throws<CommandFailure>(() => Addresses.ParseIPv4(text));
        Assert.Equal($"Error: an IP address is expected rather than \"{text}\"", failure.Message);
        Assert.Equal(1, failure.ExitCode);
    }

    [Theory]
    [InlineData("[2001:db8::1]")]
    [InlineData("[2001:db8::1]:80")]
    [InlineData("fe80::1%lo")]
    [InlineData("2001:db8::1/64")]
    [InlineData("192.0.2.1")]
    [InlineData("1:2")]
    [InlineData("")]
    public void What_dotnet_takes_beyond_an_IPv6_address_is_refused(string text) =>
        Assert.Equal(
            $"Error: inet6 address is expected rather than \"{text}\".",
            Assert.Throws<CommandFailure>(() => Addresses.ParseIPv6(text)).Message);

    [Theory]
    [InlineData("192.0.2.0/24", true)]
    [InlineData("192.0.2.0/255.255.255.0", true)]
    [InlineData("192.0.2.0", true)]
    [InlineData("any", true)]
    [InlineData("192.0.2.0/33", false)]
    [InlineData("192.0.2.0/255.0.255.0", false)]
    [InlineData("192.0.2.0/", false)]
    [InlineData("any/8", false)]
    [InlineData("2001:db8::/32", false)]
    public void A_prefix_has_a_length_or_a_mask(string text, bool valid)
    {
        var failure = Record.Exception(() => Addresses.CheckPrefix(text, AddressFamily.InterNetwork));
        Assert.Equal(valid, failure is null);
    }

    [Fact]
    public void Every_address_is_read_back() => Prop.ForAll<uint>(value =>
        Addresses.ParseIPv4(new Packets.IPv4Address(value).ToString()).Value == value).QuickCheckThrowOnFailure();
}
