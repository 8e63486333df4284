using Qanat.Testing;
using Xunit;
using static Qanat.EndToEnd.Tests.Vpn.HubNetwork;

namespace Qanat.EndToEnd.Tests.Vpn;

/// <summary>Peers that come and go while the hub is up, and what the audit log says of them.</summary>
public sealed class VpnPeersTests : IDisposable
{
    private readonly HubNetwork _net = new("peers");

    public VpnPeersTests() => _net.Up();

    private string AuditLog => File.ReadAllText(Path.Combine(_net.Folder, "audit.log"));

    public void Dispose() => _net.Dispose();

    [Fact]
    public void Who_is_revoked_is_cut_off_and_nobody_else()
    {
        _net.Join("laptop");
        var other = _net.FileOf("server");
        _net.Server.Do($"ip route add default via {HubInside}", $"qanat up {other}");
        WaitToReach(_net.Client, HubInVpn);
        WaitToReach(_net.Server, HubInVpn);
        var handshake = _net.Hub.Do($"wg show {_net.Name} latest-handshakes");
        _net.Vpn($"revoke {_net.Name} laptop");
        Assert.False(_net.Client.Reaches(HubInVpn));
        Assert.True(_net.Server.Reaches(HubInVpn));
        Assert.Contains(_net.Hub.Do($"wg show {_net.Name} latest-handshakes"), handshake, StringComparison.Ordinal);
    }

    [Fact]
    public void Whose_time_is_over_is_cut_off()
    {
        _net.Join("guest --expires 25s");
        WaitToReach(_net.Client, HubInVpn);
        Wait.Until(() => _net.Hub.Do($"wg show {_net.Name} peers").Length == 0, what: "the guest to be cut off");
        Assert.False(_net.Client.Reaches(HubInVpn));
        Wait.Until(
            () => AuditLog.Contains("\"event\":\"expire\",\"peer\":\"guest\"", StringComparison.Ordinal), TimeSpan.FromSeconds(90),
            "the audit log");
    }

    [Theory]
    [InlineData("mv {folder} {folder}.away", "mv {folder}.away {folder}")]
    [InlineData("cp {folder}/network.json {folder}/whole; echo [ > {folder}/network.json", "mv {folder}/whole {folder}/network.json")]
    public void Whose_time_is_over_is_cut_off_while_the_folder_cannot_be_read(string spoil, string mend)
    {
        _net.Join("guest --expires 15s");
        WaitToReach(_net.Client, HubInVpn);
        _net.Hub.Do(spoil.Replace("{folder}", _net.Folder, StringComparison.Ordinal));
        Wait.Until(() => _net.Hub.Do($"wg show {_net.Name} peers").Length == 0, what: "the guest to be cut off");
        _net.Hub.Do(mend.Replace("{folder}", _net.Folder, StringComparison.Ordinal));
        Wait.Until(() => AuditLog.Contains("\"event\":\"expire\",\"peer\":\"guest\"", StringComparison.Ordinal), what: "the audit log");
    }

    [Fact]
    public void A_folder_that_was_put_back_from_a_copy_is_followed()
    {
        _net.Join("laptop");
        WaitToReach(_net.Client, HubInVpn);
        _net.Hub.Do($"cp -a {_net.Folder} {_net.Folder}.copy; rm -r {_net.Folder}; cp -a {_net.Folder}.copy {_net.Folder}");
        var revoked = _net.Hub.Run(_net.Command($"revoke {_net.Name} laptop"));
        Assert.Equal($"laptop is no peer of {_net.Name} any more.\n", revoked.Error);
        Assert.False(_net.Client.Reaches(HubInVpn));
        Assert.Contains("another process runs the network", _net.Hub.Run(_net.Command($"up {_net.Name}")).Error, StringComparison.Ordinal);
        _net.Vpn($"invite {_net.Name} phone");
        Assert.Equal(1, _net.Hub.Do($"wg show {_net.Name} peers").Count(c => c == '\n'));
    }

    [Fact]
    public void Who_gets_another_key_stays_on_with_the_former_and_comes_back_with_the_new()
    {
        var before = _net.Join("laptop");
        WaitToReach(_net.Client, HubInVpn);
        var after = _net.FileOf("laptop", verb: "rotate");
        Assert.True(_net.Client.Reaches(HubInVpn));
        _net.Client.Do($"qanat down {before}", $"qanat up {after}");
        WaitToReach(_net.Client, HubInVpn);
        Assert.True(_net.Hub.Reaches(ClientInVpn));
        _net.FileOf("laptop", verb: "rotate"); // and nobody installs this one
        Assert.True(_net.Hub.Reaches(ClientInVpn));
        _net.Client.Do($"qanat down {after}", $"qanat up {before}");
        WaitToReach(_net.Client, HubInVpn6);
    }

    [Fact]
    public void Who_comes_and_moves_is_written_down_without_a_key()
    {
        var file = _net.Join("laptop");
        WaitToReach(_net.Client, HubInVpn);
        Wait.Until(() => AuditLog.Contains("\"event\":\"connect\",\"peer\":\"laptop\"", StringComparison.Ordinal), what: "the audit log");
        Assert.Contains("\"from\":\"198.51.100.2:", AuditLog, StringComparison.Ordinal);
        _net.Client.Do("ip addr del 198.51.100.2/24 dev eth0", "ip addr add 198.51.100.3/24 dev eth0",
            $"ip route replace default via {HubOutside}");
        WaitToReach(_net.Client, HubInVpn);
        Wait.Until(() => AuditLog.Contains("\"event\":\"roam\",\"peer\":\"laptop\"", StringComparison.Ordinal), what: "the move");
        _net.Down();
        Assert.Contains("\"event\":\"down\"", AuditLog.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        foreach (var key in File.ReadAllLines(file).Where(line => line.Contains("Key = ", StringComparison.Ordinal)))
            Assert.DoesNotContain(key.Split(" = ")[1], AuditLog, StringComparison.Ordinal);
    }

    [Fact]
    public void What_somebody_changes_by_wg_is_as_the_network_has_it_when_that_changes_next()
    {
        _net.Join("laptop");
        WaitToReach(_net.Client, HubInVpn);
        var key = _net.Hub.Do($"wg show {_net.Name} peers").Trim();
        _net.Hub.Do($"wg set {_net.Name} peer {key} remove");
        Assert.False(_net.Client.Reaches(HubInVpn));
        _net.Vpn($"invite {_net.Name} phone");
        Assert.Contains(key, _net.Hub.Do($"wg show {_net.Name} peers"), StringComparison.Ordinal);
    }
}
