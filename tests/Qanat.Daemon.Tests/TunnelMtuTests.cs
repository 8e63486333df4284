using System.Text.Json;
using Qanat.Daemon.Api;
using Qanat.Daemon.Tests.Fakes;

namespace Qanat.Daemon.Tests;

/// <summary>The MTU of each mode's device, as a real kernel set it.</summary>
public sealed class TunnelMtuTests : IDisposable
{
    private const string V6 = "\"remote\":\"2001:db8::9\",\"local\":\"2001:db8::2\"",
        V4 = "\"remote\":\"192.0.2.9\",\"local\":\"192.0.2.2\"";
    private const string Ids = "\"tunnelId\":1,\"sessionId\":1,\"peerSessionId\":1";
    private const string All = "{\"outputKey\":3,\"outputChecksum\":true,\"outputSequence\":true}";
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static TunnelSpec Spec(string json) => JsonSerializer.Deserialize($"{{{json}}}", ApiJson.Default.TunnelSpec)!;

    [Theory]
    [InlineData(1500, $"\"mode\":\"ipip\",{V4}", 1480)]
    [InlineData(1500, $"\"mode\":\"sit\",{V4}", 1480)]
    [InlineData(1290, $"\"mode\":\"sit\",{V4}", 1280)]
    [InlineData(1500, $"\"mode\":\"vti\",{V4},\"gre\":{{\"outputKey\":1}}", 1480)]
    [InlineData(1500, $"\"mode\":\"minimal\",{V4}", 1480)]
    [InlineData(1500, $"\"mode\":\"gre\",{V4}", 1476)]
    [InlineData(1500, $"\"mode\":\"gre\",{V4},\"gre\":{{\"inputKey\":3}}", 1476)]
    [InlineData(1500, $"\"mode\":\"gre\",{V4},\"gre\":{{\"outputKey\":3}}", 1472)]
    [InlineData(1500, $"\"mode\":\"gre\",{V4},\"gre\":{All}", 1464)]
    [InlineData(1500, $"\"mode\":\"gretap\",{V4}", 1462)]
    [InlineData(1290, $"\"mode\":\"gretap\",{V4},\"gre\":{{\"outputKey\":3}}", 1248)]
    [InlineData(1500, $"\"mode\":\"ipip\",{V4},\"encap\":{{\"type\":\"fou\"}}", 1472)]
    [InlineData(1500, $"\"mode\":\"gre\",{V4},\"encap\":{{\"type\":\"gue\"}}", 1464)]
    [InlineData(1500, $"\"mode\":\"ipip\",{V4},\"encap\":{{\"type\":\"gue\",\"remoteChecksum\":true}}", 1460)]
    [InlineData(1500, $"\"mode\":\"ip6ip6\",{V6}", 1452)]
    [InlineData(1500, $"\"mode\":\"ip6any\",{V6},\"ipv6\":{{\"encapLimit\":null}}", 1460)]
    [InlineData(1290, $"\"mode\":\"ip6ip6\",{V6}", 1280)]
    [InlineData(1500, $"\"mode\":\"ip6gre\",{V6}", 1448)]
    [InlineData(1500, $"\"mode\":\"ip6gre\",{V6},\"gre\":{{\"outputKey\":5,\"outputChecksum\":true,\"outputSequence\":true}}", 1436)]
    [InlineData(1500, $"\"mode\":\"ip6gretap\",{V6}", 1434)]
    [InlineData(1290, $"\"mode\":\"ip6gretap\",{V6}", 1280)]
    [InlineData(1500, $"\"mode\":\"vti6\",{V6}", 1460)]
    [InlineData(1290, "\"mode\":\"vti6\",\"remote\":\"2001:db8::9\"", 1428)] // without a local address it knows no way
    [InlineData(1290, "\"mode\":\"ip6ip6\",\"remote\":\"2001:db8::9\"", 1452)]
    [InlineData(1290, "\"mode\":\"ip6gre\",\"remote\":\"2001:db8::9\"", 1448)]
    [InlineData(1290, "\"mode\":\"vxlan\",\"remote\":\"192.0.2.9\",\"vxlan\":{}", 1500)]
    [InlineData(1290, "\"mode\":\"vxlan\",\"remote\":\"192.0.2.9\",\"vxlan\":{},\"dev\":\"eth0\"", 1240)]
    [InlineData(1290, "\"mode\":\"vxlan\",\"remote\":\"2001:db8::9\",\"vxlan\":{},\"dev\":\"eth0\"", 1220)]
    [InlineData(1290, $"\"mode\":\"l2tp\",{V4},\"l2tp\":{{{Ids}}}", 1236)]
    [InlineData(1290, $"\"mode\":\"l2tp\",{V4},\"l2tp\":{{{Ids},\"cookie\":\"0011223344556677\"}}", 1228)]
    [InlineData(1290, $"\"mode\":\"l2tp\",{V6},\"l2tp\":{{{Ids},\"l2SpecificType\":\"none\"}}", 1220)]
    public async Task A_new_device_has_the_kernels_mtu(int way, string spec, int expected)
    {
        var eth0 = _bench.Devices.AddForeign("eth0", way);
        _bench.Devices.Route = _ => eth0.Index;
        Assert.Equal(expected, (await _bench.Tunnels.AddAsync(Spec(spec))).Mtu);
    }

    [Theory]
    [InlineData($"\"mode\":\"gre\",{V4}", $"\"mode\":\"gre\",{V4},\"gre\":{All}", 1464)]
    [InlineData($"\"mode\":\"gre\",{V4},\"gre\":{{\"outputKey\":3}}", $"\"mode\":\"gre\",{V4}", 1476)]
    [InlineData($"\"mode\":\"gre\",{V4}", $"\"mode\":\"gre\",{V4},\"ttl\":9", 1476)]
    [InlineData($"\"mode\":\"gre\",{V4}", $"\"mode\":\"gre\",{V4},\"mark\":9", 8976)] // another way, perhaps
    [InlineData($"\"mode\":\"sit\",{V4}", "\"mode\":\"sit\",\"remote\":\"192.0.2.10\",\"local\":\"192.0.2.2\"", 1480)]
    [InlineData($"\"mode\":\"sit\",{V4}", $"\"mode\":\"sit\",{V4},\"dev\":\"eth0\"", 8980)]
    [InlineData($"\"mode\":\"ip6ip6\",{V6}", $"\"mode\":\"ip6ip6\",{V6},\"ttl\":9", 8952)] // with every change
    [InlineData($"\"mode\":\"ip6gre\",{V6}", $"\"mode\":\"ip6gre\",{V6},\"gre\":{{\"outputKey\":6}}", 8944)]
    [InlineData($"\"mode\":\"ip6gre\",{V6}", "\"mode\":\"ip6gre\",\"local\":\"2001:db8::2\"", 1448)]
    [InlineData("\"mode\":\"vxlan\",\"remote\":\"192.0.2.9\",\"vxlan\":{}",
        "\"mode\":\"vxlan\",\"remote\":\"192.0.2.8\",\"vxlan\":{}", 1500)]
    public async Task A_change_sets_the_mtu_where_the_kernel_does(string from, string to, int expected)
    {
        var eth0 = _bench.Devices.AddForeign("eth0");
        _bench.Devices.Route = _ => eth0.Index;
        var name = (await _bench.Tunnels.AddAsync(Spec(from))).Spec.Name;
        _bench.Devices.SetMtu(eth0.Index, 9000);
        Assert.Equal(expected, (await _bench.Tunnels.ChangeAsync(name, Spec(to))).Mtu);
    }
}
