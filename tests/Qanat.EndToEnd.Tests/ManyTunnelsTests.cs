using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary>Some hundred tunnels in one daemon, and devices as the kernel's own.</summary>
public sealed class ManyTunnelsTests : IDisposable
{
    private const int Count = 300;
    private readonly TestNamespace _a = new("a"), _b = new("b");

    public ManyTunnelsTests()
    {
        TestNamespace.Join(_a, "eth0", _b, "eth0");
        _a.Do("ip address add 10.0.0.1/8 dev eth0");
        _b.Do("ip address add 10.1.0.7/8 dev eth0");
    }

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
    }

    [Fact]
    public async Task A_batch_adds_them_and_each_of_them_carries()
    {
        _a.Do("qanat daemon --background");
        var added = (await BatchAsync(Additions)).GetProperty("added");
        Assert.Equal(Count, added.EnumerateArray().Count(result => result.GetProperty("index").GetInt32() > 0));
        Assert.Equal(Count, _a.Get("/v1/tunnels").GetArrayLength());

        // The far end of the seventh.
        _b.Do("qanat tunnel add tun1 mode ipip remote 10.0.0.1 local 10.1.0.7",
            "ip link set tun1 up", "ip address add 192.168.1.2 peer 192.168.1.1 dev tun1");
        _a.Do("ip link set t7 up", "ip address add 192.168.1.1 peer 192.168.1.2 dev t7");
        Wait.Until(() => _a.Reaches("192.168.1.2"), what: "the far end of one of them");
    }

    [Fact]
    public async Task A_daemon_that_is_killed_during_a_batch_leaves_whole_tunnels_or_none()
    {
        _a.Do("qanat daemon --background");
        var batch = BatchAsync(Additions);
        Wait.Until(() => Tuns().Length > 20, what: "the batch to be under way");
        _a.Do($"kill -9 {_a.Daemon()}");
        try
        {
            await batch;
        }
        catch (Exception cut) when (cut is HttpRequestException or IOException)
        {
            // As is to be expected, unless the daemon was faster than the kill.
        }

        _a.Do("qanat daemon --background");
        string[] tunnels = [.. _a.Get("/v1/tunnels").EnumerateArray()
            .Select(tunnel => tunnel.GetProperty("spec").GetProperty("name").GetString()!)];
        Wait.Until(() => Tuns().Order().SequenceEqual(tunnels.Order()), what: "devices that are no tunnels to be gone");
        var again = (await BatchAsync(Additions)).GetProperty("added").EnumerateArray();
        Assert.Equal(Count - tunnels.Length, again.Count(result => result.GetProperty("index").GetInt32() > 0));
    }

    [Fact]
    public async Task A_batch_removes_them_and_leaves_nothing()
    {
        _a.Do("qanat daemon --background");
        await BatchAsync(Additions);
        await BatchAsync(new { remove = Enumerable.Range(0, Count).Select(i => $"t{i}") });
        Assert.Empty(Tuns());
        Assert.Equal(0, _a.Get("/v1/tunnels").GetArrayLength());
        Assert.True(_a.Has("eth0"));
    }

    [Fact]
    public void The_fallback_device_is_there_for_who_asks_for_it()
    {
        _a.Do("QANAT_FALLBACK=1 qanat daemon --background", "qanat tunnel add t mode ipip remote 10.1.0.7");
        Assert.True(_a.Has("tunl0"));
        Assert.Contains("Operation not permitted", _a.Run("qanat tunnel del tunl0").Error, StringComparison.Ordinal);
        _a.Do("qanat tunnel del t");
        Assert.False(_a.Has("tunl0"));
    }

    // As a real kernel's `ip link` and `ip -6 address` have them.
    [Theory]
    [InlineData("gre", "10.0.0.1", "gre", "fe80::5efe:a00:1")]
    [InlineData("ipip", "10.0.0.1", "ipip", "fe80::5efe:a00:1")]
    [InlineData("gre", "any", "gre", "fe80::a00:1")]
    public async Task A_device_has_the_link_type_and_the_ipv6_address_of_the_kernels_own(
        string mode, string local, string type, string address)
    {
        _a.Do("sysctl -qw net.ipv6.conf.default.addr_gen_mode=0 net.ipv6.conf.default.disable_ipv6=0", "qanat daemon --background");
        await BatchAsync(new { add = (object[])[new { name = "tun1", mode, remote = "10.1.0.7", local }] });
        var link = _a.Link("tun1");
        Assert.Equal(type, link.GetProperty("link_type").GetString());
        Assert.DoesNotContain("MULTICAST", link.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()));
        _a.Do("ip link set tun1 up");
        Wait.Until(() => Addresses().Contains(address), what: address);
        _a.Do("ip link set tun1 down");
        Wait.Until(() => !_a.Tunnel("tun1").GetProperty("up").GetBoolean(), what: "the device to be down");
        _a.Do("ip link set tun1 up");
        Wait.Until(() => Addresses().Contains(address), what: $"{address} again");
        _a.Do("sysctl -qw net.ipv6.conf.tun1.disable_ipv6=1", "ip link set tun1 down", "ip link set tun1 up");
        Wait.Until(() => _a.Tunnel("tun1").GetProperty("up").GetBoolean(), what: "the device");
        Assert.Empty(Addresses());
    }

    private static object Additions => new
    {
        add = Enumerable.Range(0, Count).Select(i => new
        {
            name = $"t{i}",
            mode = "ipip",
            remote = string.Create(CultureInfo.InvariantCulture, $"10.1.{i / 250}.{i % 250}"),
            local = "10.0.0.1",
        }),
    };

    private string[] Addresses() => [.. JsonDocument.Parse(_a.Do("ip -6 -j address show dev tun1")).RootElement.EnumerateArray()
        .SelectMany(device => device.TryGetProperty("addr_info", out var addresses) ? addresses.EnumerateArray().ToArray() : [])
        .Select(address => address.GetProperty("local").GetString()!)];

    private string[] Tuns() => [.. _a.Do("ls /sys/class/net").Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Where(name => name is ['t', >= '0' and <= '9', ..])];

    private async Task<JsonElement> BatchAsync(object batch)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var client = _a.Client();
        client.Timeout = TimeSpan.FromMinutes(1);
        var answer = await client.PostAsJsonAsync("/v1/tunnels:batch", batch, cancellation);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(cancellation))!;
    }
}
