using FsCheck;
using FsCheck.Fluent;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

public class SixRdTests
{
    [Theory]
    [InlineData("2002::", 16, "0.0.0.0", 0, "2002:c000:201::1", "192.0.2.1")] // 6to4
    [InlineData("2001:db8::", 32, "0.0.0.0", 0, "2001:db8:c000:201::1", "192.0.2.1")]
    [InlineData("2001:db8::", 32, "10.0.0.0", 8, "2001:db8:6464:100::1", "10.100.100.1")] // RFC 5969, 5
    [InlineData("2001:d80::", 28, "10.0.0.0", 8, "2001:d80:1020:3000::1", "10.1.2.3")]
    [InlineData("2001:db8:8000::", 33, "192.0.0.0", 5, "2001:db8:8000:2010::", "192.0.2.1")]
    [InlineData("2001:db8:0:ff00::", 64, "192.0.2.1", 32, "2001:db8:0:ff00::1", "192.0.2.1")]
    [InlineData("::", 0, "0.0.0.0", 0, "c000:201::", "192.0.2.1")]
    public void An_address_of_the_domain_has_an_ipv4_address_in_it(
        string prefix, int length, string relay, int relayLength, string address, string embedded)
    {
        Assert.True(SixRd.TryGetEmbedded(Domain(prefix, length, relay, relayLength), Ip6(address), out var found));
        Assert.Equal(Ip(embedded), found);
    }

    [Theory]
    [InlineData("2002::", 16, "2003:c000:201::1")]
    [InlineData("2001:db8::", 32, "2001:db9:c000:201::1")]
    [InlineData("2001:db8:8000::", 33, "2001:db8:7fff::")]
    public void An_address_of_another_domain_has_none(string prefix, int length, string address) =>
        Assert.False(SixRd.TryGetEmbedded(Domain(prefix, length), Ip6(address), out _));

    // Made the other way about: prefix, then the address without the bits of the relay prefix, then anything.
    [Fact]
    public void What_was_put_in_comes_out() =>
        Prop.ForAll((ulong prefix, uint address, (byte, byte) lengths) => IsFoundAgain(prefix, address, lengths))
            .QuickCheckThrowOnFailure();

    private static bool IsFoundAgain(ulong prefixBits, uint address, (byte Prefix, byte Relay) lengths)
    {
        var relayLength = lengths.Relay % 33;
        var suffixLength = 32 - relayLength;
        var prefixLength = lengths.Prefix % (64 - suffixLength + 1);
        var relay = relayLength == 0 ? 0 : address & (uint)(0xFFFF_FFFFUL << suffixLength);
        var prefix = prefixLength == 0 ? UInt128.Zero : new UInt128(prefixBits, 0) >> (128 - prefixLength) << (128 - prefixLength);
        var suffix = suffixLength == 0 ? UInt128.Zero : (UInt128)(address - relay) << (128 - prefixLength - suffixLength);
        var domain = new SitParameters
        {
            Prefix = new(prefix), PrefixLength = prefixLength, RelayPrefix = new(relay), RelayPrefixLength = relayLength,
        };
        return SixRd.SitePrefixLength(domain) == prefixLength + suffixLength &&
            SixRd.TryGetEmbedded(domain, new(prefix | suffix), out var embedded) && embedded.Value == address;
    }

    private static SitParameters Domain(string prefix, int length, string relay = "0.0.0.0", int relayLength = 0) =>
        new() { Prefix = Ip6(prefix), PrefixLength = length, RelayPrefix = Ip(relay), RelayPrefixLength = relayLength };
}
