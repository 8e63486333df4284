using Qanat.Daemon.Control;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Packets;
using Qanat.Testing;
using Qanat.Tunnels;

namespace Qanat.Daemon.Tests;

/// <summary>The IPv6 addresses of a device, as a real kernel gave them.</summary>
public sealed class LinkLocalAddressesTests
{
    private static readonly HostAddress[] Host =
        [new(Address("127.0.0.1"), true), new(Address("192.0.2.2"), false), new(Address("10.1.1.1"), false)];

    [Theory]
    [InlineData(TunnelMode.Sit, "192.0.2.9", "192.0.2.2", "fe80::c000:202/64")]
    [InlineData(TunnelMode.Sit, "any", "192.0.2.2", "::192.0.2.2/96")]
    [InlineData(TunnelMode.Sit, "192.0.2.8", "any", "fe80::c000:202/64 fe80::a01:101/64")]
    [InlineData(TunnelMode.Sit, "any", "any", "::127.0.0.1/96 ::192.0.2.2/96 ::10.1.1.1/96")]
    [InlineData(TunnelMode.Isatap, "any", "10.1.1.1", "fe80::5efe:a01:101/64")]
    [InlineData(TunnelMode.Isatap, "any", "203.0.113.5", "fe80::200:5efe:cb00:7105/64")]
    [InlineData(TunnelMode.Gre, "192.0.2.9", "192.0.2.2", "fe80::5efe:c000:202/64")]
    [InlineData(TunnelMode.Gre, "any", "192.0.2.2", "fe80::5efe:c000:202/64")]
    [InlineData(TunnelMode.Gre, "192.0.2.8", "any", "fe80::c000:202/64 fe80::a01:101/64")]
    [InlineData(TunnelMode.Gre, "any", "any", "fe80::7f00:1/64 fe80::c000:202/64 fe80::a01:101/64")]
    [InlineData(TunnelMode.Ipip, "192.0.2.9", "192.0.2.2", "fe80::5efe:c000:202/64")]
    [InlineData(TunnelMode.Vti, "192.0.2.9", "192.0.2.2", "fe80::5efe:c000:202/64")]
    [InlineData(TunnelMode.Ipip, "192.0.2.9", "any", "")]
    [InlineData(TunnelMode.Gretap, "192.0.2.9", "192.0.2.2", "")] // the kernel makes that of a TAP
    public void They_come_from_the_tunnels_ipv4_end(TunnelMode mode, string remote, string local, string expected)
    {
        var parameters = new TunnelParameters { Mode = mode, Remote = Address(remote), Local = Address(local) };
        var addresses = LinkLocalAddresses.Of(parameters, new(() => Host))
            .Select(address => $"{address.Address.ToIPAddress()}/{address.PrefixLength}");
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Canonical), addresses);
    }

    [Fact]
    public async Task A_device_gets_them_when_it_comes_up()
    {
        using var bench = new Bench();
        bench.Devices.Host.AddRange(Host);
        var index = (await bench.Tunnels.AddAsync(new() { Mode = "sit", Remote = "192.0.2.9", Local = "192.0.2.2" })).Index;
        Assert.Empty(bench.Devices.Addresses);
        bench.Plane.SayReady(index);
        Wait.Until(() => bench.Devices.Addresses.ContainsKey(index), what: "addresses");
        Assert.Equal("fe80::c000:202", Assert.Single(bench.Devices.Addresses[index]).Address.ToString());
    }

    private static IPv4Address Address(string text) =>
        text == "any" ? default : IPv4Address.TryParse(text, out var address) ? address : throw new FormatException(text);

    private static string Canonical(string text)
    {
        var parts = text.Split('/');
        return $"{System.Net.IPAddress.Parse(parts[0])}/{parts[1]}";
    }
}
