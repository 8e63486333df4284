using System.Text.Json;
using Qanat.Cli.Sight;
using Qanat.Daemon.Api;
using Qanat.Daemon.WireGuard.Sight;

namespace Qanat.Cli.Tests.Sight;

/// <summary>What <c>qanat top</c> makes of two samples.</summary>
public class TopTests
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
    private static readonly TimeProvider s_time = new StoppedTime();

    [Fact]
    public void Rates_come_of_differences_and_the_fastest_peer_is_first()
    {
        var before = At(0, Peer("slow", 100, 0), Peer("fast", 0, 1000), Peer("reset", 500, 500));
        var now = At(2, Peer("slow", 300, 0), Peer("fast", 0, 5000), Peer("reset", 1, 1), Peer("new", 9, 9));
        var peers = Assert.Single(now.Since(before, s_time).Interfaces).Peers;
        Assert.Equal(["fast", "slow", "new", "reset"], peers.Select(peer => peer.PublicKey));
        Assert.Equal((0.0, 2000.0), (peers[0].RxBytesPerSecond, peers[0].TxBytesPerSecond));
        Assert.Equal((100.0, 0.0), (peers[1].RxBytesPerSecond, peers[1].TxBytesPerSecond));
        Assert.All(peers.Skip(2), peer => Assert.Null(peer.RxBytesPerSecond));
    }

    [Fact]
    public void Without_a_sample_before_there_are_no_rates()
    {
        var peer = At(1, Peer("a", 1, 1)).Since(null, s_time).Interfaces[0].Peers[0];
        Assert.Equal((null, null), (peer.RxBytesPerSecond, peer.TxBytesPerSecond));
    }

    [Fact]
    public void Tunnels_have_rates_too()
    {
        var view = (At(2) with { Tunnels = [Tunnel(300)] }).Since(At(1) with { Tunnels = [Tunnel(100)] }, s_time);
        Assert.Equal(("tun1", 200.0, 0.0), (view.Tunnels[0].Name, view.Tunnels[0].RxBytesPerSecond, view.Tunnels[0].TxBytesPerSecond));
    }

    [Fact]
    public void The_JSON_has_what_is_known_and_no_more()
    {
        var sample = At(1, Peer("a", 1, 2) with { RttSeconds = 0.5 });
        sample = sample with { Interfaces = [.. sample.Interfaces, new("wg1", null, Silence.NoAnswer, null)], Tunnels = [Tunnel(5)] };
        var root = JsonDocument.Parse(sample.Since(At(0, Peer("a", 0, 0)), s_time).ToJson()).RootElement;
        var peer = root.GetProperty("interfaces")[0].GetProperty("peers")[0];
        Assert.Equal((0.5, 2.0), (peer.GetProperty("rttSeconds").GetDouble(), peer.GetProperty("txBytesPerSecond").GetDouble()));
        Assert.False(peer.TryGetProperty("endpoint", out _));
        Assert.False(peer.TryGetProperty("rxPackets", out _));
        Assert.Equal("it does not answer", root.GetProperty("silent")[0].GetProperty("reason").GetString());
        Assert.Equal("tun1", root.GetProperty("tunnels")[0].GetProperty("name").GetString());
        Assert.False(root.TryGetProperty("isEmpty", out _));
    }

    [Fact]
    public void The_plain_table_has_whole_keys_and_reasons_and_no_control_characters()
    {
        const string key = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
        var peer = Peer(key, 2048, 0) with
        {
            Endpoint = "192.0.2.1:5", AllowedIps = ["10.0.0.0/8"], RttSeconds = 0.0123, LastHandshake = s_now.AddSeconds(-12),
            PostQuantum = true,
            Drops = new Dictionary<string, long> { ["replayed"] = 3, ["no-endpoint"] = 4 },
        };
        var text = Print(At(1, peer, Peer("b", 0, 0) with { Name = "\e[31m[bold]red[/]" }), At(0, peer));
        Assert.Matches($@"(?m)^{System.Text.RegularExpressions.Regex.Escape(key)} +192\.0\.2\.1:5 +10\.0\.0\.0/8 +12s pq +12\.3 ms " +
            @"+0 bit/s +0 bit/s +2\.00 KiB +0 B +no-endpoint 4, replayed 3 *$", text);
        Assert.Contains("[31m[bold]red[/]", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', text);
        Assert.Contains("wg0  up, port 51820, 2 peers, in 0 bit/s, out 0 bit/s", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_answer_and_nothing_at_all_are_said()
    {
        Assert.Equal("wg1: it does not answer", Print(At(0) with { Interfaces = [new("wg1", null, Silence.NoAnswer, null)] }).Trim());
        Assert.Equal("There is no WireGuard interface, and no tunnel.", Print(At(0) with { Interfaces = [] }).Trim());
    }

    [Fact]
    public void On_a_small_terminal_the_slowest_peers_are_counted()
    {
        var sample = At(0, [.. Enumerable.Range(0, 100).Select(i => Peer($"peer{i:00}", 100 - i, 0))]);
        var drawn = Draw(new TopTables(80, height: 24, s_time), sample.Since(null, s_time));
        Assert.InRange(drawn.Split('\n').Length, 10, 24);
        Assert.Contains("peer00", drawn, StringComparison.Ordinal);
        Assert.DoesNotContain("peer99", drawn, StringComparison.Ordinal);
        Assert.Matches("and [0-9]+ more", drawn);
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.50 KiB")]
    [InlineData(1099511627776, "1.00 TiB")]
    public void Bytes_are_read_as_wg_has_them(double bytes, string text) => Assert.Equal(text, Amounts.Bytes(bytes));

    [Theory]
    [InlineData(null, "-")]
    [InlineData(0.0, "0 bit/s")]
    [InlineData(125.0, "1.00 kbit/s")]
    [InlineData(1.25e9, "10.00 Gbit/s")]
    public void Rates_are_bits(double? rate, string text) => Assert.Equal(text, Amounts.Rate(rate));

    [Theory]
    [InlineData(-5, "0s")]
    [InlineData(99, "99s")]
    [InlineData(100, "1m")]
    [InlineData(86_400, "24h")]
    [InlineData(864_000, "10d")]
    public void Ages_are_short(int seconds, string text) => Assert.Equal(text, Amounts.Ago(s_now.AddSeconds(-seconds), s_now));

    private static Sample At(double seconds, params PeerReport[] peers) => new(
        [new("wg0", new() { Interface = "wg0", Up = true, ListenPort = 51820, Peers = peers }, Silence.None, 1)], [],
        (long)(seconds * TimeSpan.TicksPerSecond));

    private static PeerReport Peer(string key, long rx, long tx) => new() { PublicKey = key, RxBytes = rx, TxBytes = tx };

    private static TunnelReport Tunnel(long rx) => new(
        new() { Name = "tun1", Mode = "ipip", Remote = "192.0.2.9" }, 7, 1480, true,
        new(1, rx, 0, 0, 0, 0, 0, new Dictionary<string, long>()));

    private static string Print(Sample sample, Sample? before = null)
    {
        var output = new StringWriter { NewLine = "\n" };
        TopScreen.Print(sample.Since(before, s_time), output, s_time);
        return output.ToString();
    }

    private static string Draw(TopTables tables, TopView view)
    {
        var output = new StringWriter { NewLine = "\n" };
        var console = Spectre.Console.AnsiConsole.Create(new()
        {
            Ansi = Spectre.Console.AnsiSupport.No, Out = new Spectre.Console.AnsiConsoleOutput(output),
        });
        console.Profile.Width = 80;
        console.Write(tables.Draw(view));
        return output.ToString();
    }

    private sealed class StoppedTime : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => s_now;
    }
}
