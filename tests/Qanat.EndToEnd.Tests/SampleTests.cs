using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary>The samples do what they say, on real packets.</summary>
public sealed class SampleTests : IDisposable
{
    private readonly TwoHosts _hosts = new();

    public void Dispose() => _hosts.Dispose();

    [Fact]
    public void Echo_answers_pings_of_every_size()
    {
        Assert.False(_hosts.A.Reaches("10.9.8.2"));
        using var echo = Start(_hosts.A, "echo");
        Wait.Until(() => echo.Output.Contains("echo0 is up", StringComparison.Ordinal), what: "the echo sample");
        foreach (var bytes in (int[])[0, 1, 56, 1472, 65507])
            _hosts.A.Do($"ping -c 2 -i 0.2 -w 15 -s {bytes} 10.9.8.77");
        Assert.Contains("10.9.8.1 pings 10.9.8.77: number 2, 65535 bytes", echo.Output, StringComparison.Ordinal);

        echo.Kill();
        Wait.Until(() => !_hosts.A.Has("echo0"), what: "the device's end");
    }

    [Fact]
    public void Echo_leaves_alone_what_is_no_ping()
    {
        using var echo = Start(_hosts.A, "echo");
        Wait.Until(() => echo.Output.Contains("echo0 is up", StringComparison.Ordinal), what: "the echo sample");
        _hosts.A.Do("printf x | socat - UDP:10.9.8.2:9", "ip -6 address add fd09::1/64 dev echo0");
        Assert.False(_hosts.A.Run("ping -c 1 -W 1 fd09::2").Succeeded);
        Assert.True(_hosts.A.Reaches("10.9.8.2"));
    }

    [Fact]
    public void Point_to_point_carries_pings_and_a_file_over_tcp()
    {
        using var a = StartEnd(_hosts.A, "10.9.7.1 10.9.7.2", TwoHosts.AddressOfA, TwoHosts.AddressOfB);
        using var b = StartEnd(_hosts.B, "10.9.7.2 10.9.7.1", TwoHosts.AddressOfB, TwoHosts.AddressOfA);
        foreach (var bytes in (int[])[56, 1444, 20_000])
            _hosts.A.Do($"ping -c 3 -i 0.2 -w 15 -s {bytes} 10.9.7.2");

        using var server = _hosts.B.Start("socat -u TCP-LISTEN:5001,bind=10.9.7.2 - | sha256sum");
        Wait.Until(() => _hosts.B.Run("ss -Hltn sport = :5001").Output.Length > 0, what: "the listener");
        var sent = _hosts.A.Do("head -c 3000000 /dev/urandom | tee file | sha256sum; socat -u OPEN:file TCP:10.9.7.2:5001; rm file");
        Assert.Equal(sent, server.WaitForExit().Required);
    }

    [Fact]
    public void Point_to_point_survives_rubbish_and_ends_at_ctrl_c()
    {
        using var a = StartEnd(_hosts.A, "10.9.7.1 10.9.7.2", TwoHosts.AddressOfA, TwoHosts.AddressOfB);
        Assert.False(_hosts.A.Reaches("10.9.7.2")); // Nobody is there: the kernel says so, and the sample goes on.
        _hosts.B.Do($"for i in 1 2 3; do head -c $((i * 7)) /dev/urandom | socat - UDP:{TwoHosts.AddressOfA}:5000,sourceport=5000; done");
        using var b = StartEnd(_hosts.B, "10.9.7.2 10.9.7.1", TwoHosts.AddressOfB, TwoHosts.AddressOfA);
        Wait.Until(() => _hosts.A.Reaches("10.9.7.2"), what: "an answer through the tunnel");

        a.Interrupt();
        var ended = a.WaitForExit();
        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        Assert.EndsWith("Stopped.\n", ended.Output, StringComparison.Ordinal);
        Assert.False(_hosts.A.Has("p2p0"));
        Assert.Equal(1, _hosts.A.Run($"{PathOf("point-to-point")} 10.9.7.1").ExitCode);
    }

    [Fact]
    public void Monitor_prints_changes_of_links_addresses_and_routes()
    {
        using var monitor = Start(_hosts.A, "monitor");
        Wait.Until(() => monitor.Output.Contains("Listening.", StringComparison.Ordinal), what: "the monitor sample");
        var index = _hosts.A.Link("eth0").GetProperty("ifindex").GetInt32();
        _hosts.A.Do("ip link set eth0 mtu 1400", "ip address add 192.0.2.1/24 dev eth0", "ip route add 198.51.100.0/24 via 192.0.2.9",
            "ip route del 198.51.100.0/24", "ip address del 192.0.2.1/24 dev eth0", "ip link del eth0");
        string[] expected =
        [
            "link eth0: up, mtu 1400", $"address 192.0.2.1/24 on #{index}", $"route 198.51.100.0/24 by #{index}",
            $"route 198.51.100.0/24 by #{index}: gone", $"address 192.0.2.1/24 on #{index}: gone", "link eth0: gone",
        ];
        Wait.Until(() => monitor.Output.Contains(expected[^1], StringComparison.Ordinal), what: "the last change");
        Assert.Equal(expected, monitor.Output.Split('\n').Intersect(expected));
    }

    private static string PathOf(string sample) => Repository.PathOf($"samples/{sample}/bin/Release/net10.0/{sample}");

    private static RunningCommand Start(TestNamespace host, string sample, string arguments = "") =>
        host.Start($"exec {PathOf(sample)} {arguments}");

    private static RunningCommand StartEnd(TestNamespace host, string addresses, string local, string remote)
    {
        var end = Start(host, "point-to-point", $"{addresses} {local}:5000 {remote}:5000");
        Wait.Until(() => end.Output.Contains("p2p0 is up", StringComparison.Ordinal), what: $"the end at {local}");
        return end;
    }
}
