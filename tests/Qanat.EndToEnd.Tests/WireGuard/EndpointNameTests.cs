using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary>Endpoints that have names, which a file of hosts knows.</summary>
public sealed class EndpointNameTests : IDisposable
{
    private readonly UpPair _pair = new();

    private string Hosts => Path.Combine(_pair.A.RunDirectory, "hosts");

    public void Dispose() => _pair.Dispose();

    [Fact]
    public void A_peer_that_falls_silent_is_looked_up_again()
    {
        const string moved = "10.10.50.187";
        _pair.Write(host: "hub.example");
        File.WriteAllText(Hosts, $"{TwoHosts.AddressOfB} hub.example\n");
        _pair.A.Do(WithHosts($"qanat up {_pair.File}"), $"ping -c 1 -W 5 {UpPair.InnerB}");

        _pair.B.Host.Do($"ip address del {TwoHosts.AddressOfB}/24 dev eth0", $"ip address add {moved}/24 dev eth0");
        File.WriteAllText(Hosts, $"{moved} hub.example\n");
        using var ping = _pair.A.Start($"exec ping -i 0.5 {UpPair.InnerB}");
        Wait.Until(
            () => _pair.A.Do($"wg show {_pair.Device} endpoints").Contains($"{moved}:{WireGuardPair.PortOfB}", StringComparison.Ordinal),
            TimeSpan.FromMinutes(2), "the new address");
        _pair.A.Do($"ping -c 1 -W 20 {UpPair.InnerB}");
    }

    [Fact]
    public void A_name_that_nobody_knows_is_refused_and_nothing_is_left()
    {
        _pair.Write(host: "nobody.invalid");
        File.WriteAllText(Hosts, "");
        var before = _pair.Traces();
        var refused = _pair.A.Run($"WG_ENDPOINT_RESOLUTION_RETRIES=0 {WithHosts($"qanat up {_pair.File}")}");
        Assert.Equal(1, refused.ExitCode);
        Assert.Matches($"qanat: {_pair.Device}: [^\n]+: `nobody.invalid:{WireGuardPair.PortOfB}'\n$", refused.Error);
        Assert.Equal(before, _pair.Traces());
    }

    private string WithHosts(string command) => $"unshare -m sh -c 'mount --bind {Hosts} /etc/hosts && {command}'";
}
