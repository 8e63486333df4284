using System.Diagnostics;
using Qanat.Testing;
using Xunit;
using static Qanat.EndToEnd.Tests.WireGuard.WireGuardPair;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary>A way that becomes narrow in its middle, where nobody says so.</summary>
public sealed class MtuProbingTests
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("qanat-wg", false)]
    [InlineData("qanat-wg", true)]
    [InlineData("wireguard-go", false)]
    [InlineData("wireguard-go", true)]
    public async Task A_black_hole_is_found_within_ten_seconds_and_a_transfer_goes_on(string programB, bool isIPv6)
    {
        using var pair = new RoutedPair("qanat-wg", programB, isIPv6);
        await pair.A.Host.TransferAsync(pair.B.Host, InnerB);
        Assert.Equal(1420, MtuOf(pair.A));

        using var server = pair.B.Host.Start("exec iperf3 -s -1");
        Wait.Until(() => pair.B.Host.Do("ss -Hltn 'sport = :5201'").Length > 0, what: "iperf3 to listen");
        using var client = pair.A.Host.Start($"exec iperf3 -c {InnerB} -t 120");
        Arrive(pair.B, 10 << 20);

        pair.Narrow();
        var begun = Stopwatch.GetTimestamp();
        Wait.Until(() => MtuOf(pair.A) < 1420, s_minute, "the black hole to be found");
        Assert.InRange(Stopwatch.GetElapsedTime(begun).TotalSeconds, 0, 10);
        Arrive(pair.B, 10 << 20);
        var room = RoutedPair.NarrowMtu - (isIPv6 ? 80 : 60);
        // The answers of others are as large as the questions, but padded to 16 bytes; both have to arrive.
        Wait.Until(() => MtuOf(pair.A) == (programB == "qanat-wg" ? room : room & -16), s_minute, "the true size");
        await pair.A.Host.TransferAsync(pair.B.Host, InnerB);
    }

    [Fact]
    public void It_can_be_turned_off()
    {
        using var pair = new RoutedPair("QANAT_DISABLE=mtu-probing qanat-wg", "qanat-wg", isIPv6: false);
        pair.Narrow();
        pair.A.Host.Do($"ping -c 1 -W 10 {InnerB}");
        Assert.Equal(1, pair.A.Host.Run($"ping -c 30 -i 0.2 -W 1 -M do -s 1380 {InnerB}").ExitCode);
        Assert.Equal(1420, MtuOf(pair.A));
    }

    [Fact]
    public void What_users_set_is_the_most_and_comes_back_when_the_peer_has_gone()
    {
        using var pair = new RoutedPair("qanat-wg", "qanat-wg", isIPv6: false);
        pair.Narrow();
        pair.A.Host.Do($"ip link set {pair.A.Device} mtu 1300", $"ping -c 1 -W 10 {InnerB}");
        pair.A.Host.Do($"ping -c 15 -i 0.2 -W 10 -M do -s 1272 {InnerB}");
        Assert.Equal(1300, MtuOf(pair.A));
        pair.A.Host.Do($"ip link set {pair.A.Device} mtu 1380");
        Wait.Until(() => pair.A.Host.Run($"ping -c 1 -W 1 {InnerB}").Succeeded && MtuOf(pair.A) == 1340, s_minute, "the true size");
        pair.A.Set($"peer {pair.B.PublicKey} remove");
        Wait.Until(() => MtuOf(pair.A) == 1380, what: "the MTU that was set");
    }

    [Fact]
    public void What_is_saved_is_what_users_set_and_not_what_was_measured()
    {
        using var pair = new RoutedPair("qanat-wg", "qanat-wg", isIPv6: false);
        var (host, device) = (pair.A.Host, pair.A.Device);
        var file = Path.Combine(host.RunDirectory, $"{device}.conf");
        host.Do($"umask 077; (echo '[Interface]'; echo MTU = 1400; echo SaveConfig = true; echo Address = {InnerA}/24; " +
            $"wg showconf {device} | grep -v '^.Interface') >{file}", $"ip link del {device}");
        Wait.Until(() => host.Processes.Count == 0, what: "qanat-wg to end");
        pair.Narrow();
        host.Do($"qanat up {file}", $"ping -c 1 -W 5 {InnerB}");
        Wait.Until(() => host.Run($"ping -c 1 -W 1 {InnerB}").Succeeded && MtuOf(pair.A) == 1340, s_minute, "the true size");
        host.Do($"qanat down {device}");
        Assert.Contains("MTU = 1400\n", File.ReadAllText(file), StringComparison.Ordinal);
        host.Do($"qanat up {file}", $"ip link set {device} mtu 1380; qanat down {device}");
        Assert.Contains("MTU = 1380\n", File.ReadAllText(file), StringComparison.Ordinal);
    }

    private static void Arrive(WireGuardEnd end, long bytes)
    {
        var before = end.Host.Counter(end.Device, "rx", "bytes");
        Wait.Until(() => end.Host.Counter(end.Device, "rx", "bytes") > before + bytes, s_minute, "bytes to arrive");
    }

    private static int MtuOf(WireGuardEnd end) => end.Host.Link(end.Device).GetProperty("mtu").GetInt32();
}
