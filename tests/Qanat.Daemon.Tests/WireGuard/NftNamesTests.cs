using Qanat.Daemon.Vpn;
using Qanat.Daemon.Vpn.Firewall;
using Qanat.Daemon.WireGuard.Up;
using Qanat.Linux.Namespaces;
using Qanat.Packets;
using Qanat.Testing;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.Tests.WireGuard;

/// <summary>An interface may have a name that no table of nftables can have.</summary>
public sealed class NftNamesTests
{
    private const string Device = "_a=b+c.d-e", Named = "_a/eb/pc.d-e";

    [Fact]
    public void The_tables_of_an_interface_come_and_go_whatever_its_name()
    {
        using var host = new TestNamespace();
        Assert.True(IpAddress.TryParse("10.0.0.1", out var address));
        host.Do($"nft '{KillSwitch.Raise(Device, 5)}'", $"nft '{new PlanStep.AddFilter(Device, false, [address], 5).Input}'");
        Assert.Equal($"table inet qanat-{Named}\ntable ip wg-quick-{Named}\n", host.Do("nft list tables"));
        host.Do($"nft '{KillSwitch.Lift(Device)}'", $"nft '{new PlanStep.DeleteFilters(Device, [false]).Input}'");
        Assert.Equal("", host.Do("nft list tables"));
    }

    [Fact]
    public async Task The_table_of_a_hub_comes_and_goes_whatever_its_name()
    {
        using var host = new TestNamespace();
        using var there = NetworkNamespace.Open(host.Name);
        var prefix = Vpn.UplinksTests.Prefix("10.8.0.0/24");
        var scope = new HubScope { Device = Device, Subnets = [prefix], Networks = [prefix] };
        await using (var firewall = new HubFirewall(scope, there, warning => Assert.Fail(warning)))
        {
            await firewall.StartAsync();
            await firewall.SetForwardedAsync(["x=y+z"], []);
            Assert.Equal($"table inet qanat-{Named}\n", host.Do("nft list tables"));
        }
        Assert.Equal("", host.Do("nft list tables"));
    }
}
