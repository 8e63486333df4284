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
    [InlineData("192.0.2.0/24", "192.0.2.0/24")]
    [InlineData("192.0.2.0/255.255.255.0", "192.0.2.0/24")]
    [InlineData("192.0.2.0/0x18", "192.0.2.0/24")]
    [InlineData("192.0.2.0", "192.0.2.0/32")]
    [InlineData("10.8/16", "10.8.0.0/16")]
    [InlineData("any", "0.0.0.0/0")]
    [InlineData("192.0.2.0/33", null)]
    [InlineData("192.0.2.0/255.0.255.0", null)]
    [InlineData("192.0.2.0/", null)]
    [InlineData("any/8", null)]
    [InlineData("2001:db8::/32", null)]
    public void An_IPv4_prefix_has_a_length_or_a_mask(string text, string? prefix) =>
        Assert.Equal(prefix ?? $"Error: inet prefix is expected rather than \"{text}\".", Outcome(() => Addresses.ParseIPv4Prefix(text)));

    [Theory]
    [InlineData("2001:DB8::0/32", "2001:db8::/32")]
    [InlineData("::", "::/128")]
    [InlineData("default", "::/0")]
    [InlineData("2001:db8::/129", null)]
    [InlineData("2001:db8::/x", null)]
    [InlineData("192.0.2.0/24", null)]
    public void An_IPv6_prefix_has_a_length(string text, string? prefix) =>
        Assert.Equal(prefix ?? $"Error: inet6 prefix is expected rather than \"{text}\".", Outcome(() => Addresses.ParseIPv6Prefix(text)));

    [Fact]
    public void Every_address_is_read_back() => Prop.ForAll<uint>(value =>
        Addresses.ParseIPv4(new Packets.IPv4Address(value).ToString()).Value == value).QuickCheckThrowOnFailure();

    private static string Outcome(Func<string> parse)
    {
        try
        {
            return parse();
        }
        catch (CommandFailure failure)
        {
            return failure.Message;
        }
    }
}
