using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary><c>qanat up --kill-switch</c>: nothing leaves but through the tunnel, whatever becomes of it.</summary>
public sealed class KillSwitchTests : IDisposable
{
    private readonly UpPair _pair = new();

    public void Dispose() => _pair.Dispose();

    [Theory]
    [InlineData("0.0.0.0/0", "kill -KILL {pid}")]
    [InlineData("0.0.0.0/0", "kill -TERM {pid}")]
    [InlineData("10.77.0.0/24", "ip link del {device}")]
    public void Nothing_leaves_until_it_is_taken_down(string allowedIps, string command)
    {
        _pair.Write(allowedIps: allowedIps);
        _pair.A.Do($"ping -c 1 -W 5 {TwoHosts.AddressOfB}", $"qanat up --kill-switch {_pair.File}", $"ping -c 1 -W 5 {UpPair.InnerB}");
        using var capture = _pair.B.Host.Start("exec tcpdump -lnni eth0 'ip and not udp port 51822'");
        Wait.Until(() => capture.Error.Contains("listening on", StringComparison.Ordinal), what: "tcpdump");
        Assert.False(_pair.A.Run($"ping -c 1 -W 1 {TwoHosts.AddressOfB}").Succeeded);

        _pair.A.Do(command.Replace("{pid}", $"{Assert.Single(_pair.A.Processes)}", StringComparison.Ordinal)
            .Replace("{device}", _pair.Device, StringComparison.Ordinal));
        Wait.Until(() => _pair.A.Processes.Count == 0, what: "it to end");
        Assert.False(_pair.A.Run($"ping -c 1 -W 1 {TwoHosts.AddressOfB}").Succeeded);
        Assert.False(_pair.A.Run($"ping -c 1 -W 1 {UpPair.InnerB}").Succeeded);
        Assert.False(_pair.A.Run($"echo | socat -u - UDP:{TwoHosts.AddressOfB}:53").Succeeded);
        _pair.A.Do("ping -c 1 -W 5 127.0.0.1");

        // What is seen then is the first of A, so that nothing came before it.
        _pair.A.Do($"qanat down {_pair.Device}", $"ping -c 1 -W 5 {TwoHosts.AddressOfB}");
        Wait.Until(() => FromA(capture).Length > 0, what: "tcpdump to see the ping");
        Assert.EndsWith("seq 1, length 64", Assert.Single(FromA(capture)), StringComparison.Ordinal);
        Assert.Equal("", _pair.A.Do("nft list ruleset"));
    }

    [Fact]
    public void Programs_of_the_administrator_are_found_without_their_folder_in_the_path()
    {
        _pair.Write(allowedIps: "0.0.0.0/0");
        _pair.A.Do($"PATH=/usr/bin:/bin $(command -v qanat) up --kill-switch {_pair.File}", $"ping -c 1 -W 5 {UpPair.InnerB}",
            $"PATH=/usr/bin:/bin $(command -v qanat) down {_pair.Device}");
        Assert.Equal("", _pair.A.Do("nft list ruleset"));
    }

    [Fact]
    public void It_comes_up_again_behind_the_switch_that_a_killed_one_left()
    {
        _pair.Write(allowedIps: "0.0.0.0/0");
        _pair.A.Do($"qanat up --kill-switch {_pair.File}");
        _pair.Kill();
        _pair.A.Do($"qanat up --kill-switch {_pair.File}", $"ping -c 1 -W 5 {UpPair.InnerB}");
        Assert.False(_pair.A.Run($"ping -c 1 -W 1 {TwoHosts.AddressOfB}").Succeeded);
        _pair.A.Do($"qanat down {_pair.Device}", $"ping -c 1 -W 5 {TwoHosts.AddressOfB}");
    }

    [Fact]
    public void Without_the_word_it_does_not_come_up_behind_a_switch_and_lifts_none()
    {
        _pair.Write(allowedIps: "0.0.0.0/0");
        _pair.A.Do($"qanat up --kill-switch {_pair.File}");
        _pair.Kill();
        var refused = _pair.A.Run($"qanat up {_pair.File}");
        Assert.Equal(1, refused.ExitCode);
        Assert.Matches($"^qanat: {_pair.Device}: its kill switch is still in force; [^\n]*\n$", refused.Error);
        Assert.False(_pair.A.Run($"ping -c 1 -W 1 {TwoHosts.AddressOfB}").Succeeded);
        _pair.A.Do($"qanat down {_pair.Device}", $"ping -c 1 -W 5 {TwoHosts.AddressOfB}");
    }

    private static string[] FromA(RunningCommand capture) =>
        [.. capture.Output.Split('\n').Where(line => line.Contains($"IP {TwoHosts.AddressOfA}", StringComparison.Ordinal))];
}
