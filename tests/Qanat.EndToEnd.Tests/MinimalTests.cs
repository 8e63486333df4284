using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary>
/// <c>mode minimal</c> (RFC 2004), which no kernel has, between two hosts with Qanat; tcpdump, which knows it, reads the wire.
/// </summary>
public sealed class MinimalTests : IDisposable
{
    private readonly TwoHosts _hosts = new();
    private readonly TestNamespace _a, _b;

    public MinimalTests()
    {
        (_a, _b) = (_hosts.A, _hosts.B);
        Add(_a, TwoHosts.AddressOfA, TwoHosts.AddressOfB, "10.0.0.1");
        Add(_b, TwoHosts.AddressOfB, TwoHosts.AddressOfA, "10.0.0.2");
    }

    public void Dispose() => _hosts.Dispose();

    [Fact]
    public void Pings_of_all_sizes_pass_and_the_wire_reads_as_mobile_ip()
    {
        using var reader = _a.Start("exec tcpdump -i eth0 -n -l -v 'ip proto 55 or ip proto 4'");
        Wait.Until(() => reader.Error.Contains("listening on", StringComparison.Ordinal), what: "tcpdump");
        _a.Do("ping -c 1 -W 10 -t 33 -Q 0x10 -M do -s 1400 10.0.0.2", "ping -c 1 -W 10 -M dont -s 4000 10.0.0.2");

        // The sender's own header goes first; a minimal one behind it, of 12 bytes, has taken the place of 20.
        Wait.Until(() => reader.Output.Contains("oproto=1", StringComparison.Ordinal), what: "tcpdump's line");
        Assert.Contains("tos 0x10, ttl 33, ", reader.Output, StringComparison.Ordinal);
        Assert.Contains("flags [DF], proto Mobile IP (55), length 1440)", reader.Output, StringComparison.Ordinal);
        Assert.Contains($"{TwoHosts.AddressOfA} > {TwoHosts.AddressOfB}: mobile: [S] 10.0.0.1 > 10.0.0.2 (oproto=1)",
            reader.Output, StringComparison.Ordinal);
        Wait.Until(() => reader.Output.Contains($"{TwoHosts.AddressOfB} > {TwoHosts.AddressOfA}: IP", StringComparison.Ordinal),
            what: "fragments, which go as ipip has them");
        Assert.DoesNotContain("bad checksum", reader.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Tcp_passes_both_ways()
    {
        foreach (var direction in new[] { "", "-R" })
            Assert.True(_a.Iperf3(_b, "10.0.0.2", $"-n 100M {direction}") > 1_000_000);
    }

    private static void Add(TestNamespace host, string local, string remote, string inner) => host.Do(
        $"qanat tunnel add tun1 mode minimal local {local} remote {remote}", $"ip addr add {inner}/24 dev tun1", "ip link set tun1 up");
}
