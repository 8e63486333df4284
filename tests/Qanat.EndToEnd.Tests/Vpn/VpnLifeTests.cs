using Qanat.EndToEnd.Tests.WireGuard;
using Qanat.Testing;
using Xunit;
using static Qanat.EndToEnd.Tests.Vpn.HubNetwork;

namespace Qanat.EndToEnd.Tests.Vpn;

/// <summary>How a hub begins and ends: it takes all that it did back, and nothing of the user's is touched.</summary>
public sealed class VpnLifeTests : IDisposable
{
    private const string UsersTable =
        "table inet mine { chain c { type filter hook forward priority 5; policy accept; ip saddr 192.0.2.1 drop; }; }";

    private readonly HubNetwork _net = new("internet");

    public VpnLifeTests() => _net.Hub.Do($"nft '{UsersTable}'");

    public void Dispose() => _net.Dispose();

    [Fact]
    public void Down_restores_everything_and_meanwhile_the_users_tables_are_as_they_were()
    {
        var (before, mine) = (_net.StateOfHub(), _net.Hub.Do("nft list table inet mine"));
        _net.Up();
        Assert.Equal(mine, _net.Hub.Do("nft list table inet mine"));
        Assert.Contains("masquerade", _net.Hub.Do($"nft list table inet qanat-{_net.Name}"), StringComparison.Ordinal);
        Assert.Equal("1", Setting("net.ipv4.conf.wan0.forwarding"));
        Assert.Equal("0", Setting("net.ipv4.ip_forward"));
        _net.Down();
        Assert.Equal(before, _net.StateOfHub());
        Assert.False(File.Exists(WireGuardEnd.SocketOf(_net.Name)));
        Wait.Until(() => _net.Hub.Processes.Count == 0, what: "the processes to end");
        Assert.Empty(Directory.GetFiles(_net.Hub.RunDirectory, "*.json"));
    }

    [Fact]
    public void A_subnet_that_another_device_has_is_warned_of()
    {
        _net.Hub.Do("ip addr add 10.8.0.77/25 dev wan0");
        var up = _net.Hub.Run(_net.Command($"up {_net.Name}"));
        Assert.Equal(0, up.ExitCode);
        Assert.StartsWith("The device wan0 has 10.8.0.0/25 too: ", up.Error, StringComparison.Ordinal);
        Assert.Equal(1, up.Error.Split("The device").Length - 1);
        _net.Down();
        Assert.DoesNotContain("The device", _net.Hub.Run("ip addr del 10.8.0.77/25 dev wan0; " + _net.Command($"up {_net.Name}")).Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Another_user_is_told_who_may_whatever_the_verb()
    {
        // A copy where anyone may run it; the folder that it was built in may be root's alone.
        var folder = Directory.CreateTempSubdirectory("qanat-test-");
        try
        {
            _net.Hub.Do($"cp {Repository.Qanat} {folder}", $"chmod 755 {folder} {folder}/qanat", $"chmod 711 {_net.Hub.RunDirectory}");
            var (revoke, down) = (AsNobody($"revoke {_net.Name} laptop"), AsNobody($"down {_net.Name}"));
            Assert.Equal((1, ""), (down.ExitCode, down.Output));
            Assert.Contains("owner's only, as a rule root's", down.Error, StringComparison.Ordinal);
            Assert.Equal(revoke.Error, down.Error);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        CommandResult AsNobody(string words) => _net.Hub.Run(_net.Command(words)
            .Replace(" qanat ", $" setpriv --reuid=65534 --regid=65534 --clear-groups {folder}/qanat ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("kill -TERM {pid}")]
    [InlineData("ip link del {device}")]
    public void However_it_is_ended_everything_is_restored(string command)
    {
        var before = _net.StateOfHub();
        _net.Up();
        _net.Hub.Do(command.Replace("{pid}", $"{_net.HubProcess}", StringComparison.Ordinal)
            .Replace("{device}", _net.Name, StringComparison.Ordinal));
        Wait.Until(() => _net.Hub.Processes.Count == 0, what: "the hub to end");
        Assert.Equal(before, _net.StateOfHub());
    }

    [Fact]
    public void After_a_kill_everything_is_restored_by_itself()
    {
        var before = _net.StateOfHub();
        _net.Up();
        Assert.Equal("1", Setting("net.ipv4.conf.wan0.forwarding"));
        Kill();
        Assert.Equal(before, _net.StateOfHub());
    }

    [Fact]
    public void After_a_kill_of_all_that_it_runs_the_next_command_restores_everything()
    {
        var before = _net.StateOfHub();
        _net.Up();
        _net.Hub.Do($"kill -KILL {string.Join(' ', _net.Hub.Processes)}");
        Wait.Until(() => _net.Hub.Processes.Count == 0, what: "the processes to be gone");
        Assert.Equal("1", Setting("net.ipv4.conf.wan0.forwarding"));
        _net.Down();
        Assert.Equal(before, _net.StateOfHub());
    }

    [Fact]
    public void After_a_kill_it_comes_up_again_and_goes_as_if_nothing_had_been()
    {
        var before = _net.StateOfHub();
        _net.Up();
        Kill();
        _net.Up();
        _net.Join("laptop");
        WaitToReach(_net.Client, InternetAddress);
        _net.Down();
        Assert.Equal(before, _net.StateOfHub());
    }

    [Fact]
    public void A_second_one_of_the_network_is_refused_and_the_first_goes_on()
    {
        _net.Up();
        var second = _net.Hub.Run(_net.Command($"up {_net.Name}"));
        Assert.Equal(1, second.ExitCode);
        Assert.Matches($"^qanat: another process runs the network {_net.Name} [^\n]+\n$", second.Error);
        _net.Join("laptop");
        WaitToReach(_net.Client, InternetAddress);
    }

    [Fact]
    public void A_firewall_of_the_users_that_would_stop_its_peers_is_named()
    {
        _net.Hub.Do("nft 'table inet fw { chain out { type filter hook forward priority 0; policy drop; }; }'");
        var said = _net.Hub.Run(_net.Command($"up {_net.Name}"));
        Assert.Equal(0, said.ExitCode);
        Assert.Contains("the chain \"inet fw out\" drops what is passed on", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_up_is_not_taken_down()
    {
        var refused = _net.Hub.Run(_net.Command($"down {_net.Name}"));
        Assert.Equal(1, refused.ExitCode);
        Assert.Matches("^qanat: [^\n]+ not up\n$", refused.Error);
    }

    [Fact]
    public void A_hub_and_an_interface_of_a_file_are_not_taken_for_each_other()
    {
        var file = Path.Combine(_net.Hub.RunDirectory, $"{_net.Name}.conf");
        File.WriteAllText(file, $"[Interface]\nPrivateKey = {_net.Hub.Do("wg genkey")}\nAddress = 10.99.0.1/24\n");
        _net.Up();
        var reloaded = _net.Hub.Run($"qanat reload {file}");
        Assert.Equal((1, $"qanat: {_net.Name}: it was not brought up from a file\n"), (reloaded.ExitCode, reloaded.Error));
        _net.Down();

        _net.Hub.Do($"qanat up {file}");
        Assert.Contains("\nstate       down\n", _net.Vpn($"show {_net.Name}"), StringComparison.Ordinal);
        Assert.Contains(" is not up here: ", _net.Hub.Run(_net.Command($"invite {_net.Name} anna")).Error, StringComparison.Ordinal);
        var refused = _net.Hub.Run(_net.Command($"down {_net.Name}"));
        Assert.Equal(1, refused.ExitCode);
        Assert.Matches($"^qanat: the network {_net.Name} is not up: [^\n]+; qanat down {_net.Name} takes it down\n$", refused.Error);
        _net.Hub.Do($"qanat down {_net.Name}");
    }

    [Fact]
    public void One_that_is_taken_down_before_it_is_up_says_so()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_net.Hub.RunDirectory, "bin")).FullName;
        var nft = Path.Combine(folder, "nft");
        File.WriteAllText(nft, "#!/bin/sh\n[ \"$1\" != -i ] || sleep 2\nexec /usr/sbin/nft \"$@\"\n");
        File.SetUnixFileMode(nft, (UnixFileMode)0b111_101_101);
        using var up = _net.Hub.Start($"PATH={folder}:$PATH {_net.Command($"up {_net.Name}")}");
        Wait.Until(() => File.Exists(Path.Combine(_net.Folder, "hub.lock")), what: "it to begin");
        Wait.Until(() => _net.Hub.Run(_net.Command($"down {_net.Name}")).Succeeded, what: "it to be taken down");
        var told = up.WaitForExit();
        Assert.Equal(1, told.ExitCode);
        Assert.EndsWith(": it was told to end before it was up\n", told.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_another_device_has_is_refused_and_the_device_stays()
    {
        _net.Hub.Do($"ip link add {_net.Name} type veth peer name other0");
        var refused = _net.Hub.Run(_net.Command($"up {_net.Name}"));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("device", refused.Error, StringComparison.Ordinal);
        Assert.True(_net.Hub.Has(_net.Name));
    }

    [Fact]
    public void The_firewall_is_made_again_when_somebody_ends_nft()
    {
        _net.Up();
        _net.Join("laptop");
        WaitToReach(_net.Client, InternetAddress);
        _net.Hub.Do($"kill -KILL {_net.FirewallProcess}");
        Wait.Until(
            () => _net.Hub.Run($"nft list table inet qanat-{_net.Name}").Output.Contains("\"wan0\"", StringComparison.Ordinal),
            what: "the firewall to come back");
        WaitToReach(_net.Client, InternetAddress);
    }

    [Fact]
    public void The_firewall_stands_before_the_interface_comes_and_until_it_has_gone()
    {
        // It runs the real nft, and notes whether the interface is there before and after the run that holds the firewall.
        var folder = Directory.CreateDirectory(Path.Combine(_net.Hub.RunDirectory, "bin")).FullName;
        var (nft, notes) = (Path.Combine(folder, "nft"), Path.Combine(folder, "notes"));
        File.WriteAllText(nft, $$"""
            #!/bin/sh
            note() { ip link show {{_net.Name}} >/dev/null 2>&1 && echo "$1: there" >>{{notes}} || echo "$1: none" >>{{notes}}; }
            [ "$1" = -i ] || exec /usr/sbin/nft "$@"
            note before
            /usr/sbin/nft "$@"
            note after
            """);
        File.SetUnixFileMode(nft, (UnixFileMode)0b111_101_101);
        _net.Hub.Do($"PATH={folder}:$PATH {_net.Command($"up {_net.Name}")}");
        _net.Join("laptop");
        WaitToReach(_net.Client, InternetAddress);
        _net.Down();
        Assert.Equal(["before: none", "after: none"], File.ReadAllLines(notes));
    }

    [Fact]
    public void Two_hubs_on_a_machine_let_each_others_peers_through()
    {
        var other = WireGuardEnd.NewName();
        _net.Vpn($"init {other} --endpoint {HubOutside}:51999 --subnet 10.9.0.0/24 --access intranet=192.168.7.0/24");
        _net.Up();
        _net.Vpn($"up {other}");
        var file = Path.Combine(_net.Client.RunDirectory, $"{WireGuardEnd.NewName()}.conf");
        File.WriteAllText(file, _net.Vpn($"invite {other} guest"));
        _net.Client.Do($"qanat up {file}");
        WaitToReach(_net.Client, ServerAddress);
        // The first has by now seen the routes of the second.
        _net.Hub.Do("ip route add 192.0.2.0/24 via 203.0.113.2 dev wan0");
        Wait.Holds(() => Closed().Contains($"\"{other}\"", StringComparison.Ordinal), TimeSpan.FromSeconds(1));
        // The way of both into the intranet stays open all the while when the first goes.
        using (var pings = _net.Client.Start($"ping -i 0.01 -c 400 -q {ServerAddress}"))
        {
            _net.Down();
            Wait.Until(() => pings.HasExited, what: "the pings to end");
            Assert.Contains(" 400 received", pings.Output, StringComparison.Ordinal);
        }
        _net.Vpn($"down {other}");
        _net.Client.Do($"qanat down {file}");

        string Closed() => _net.Hub.Do($"nft list set inet qanat-{_net.Name} forwarded4");
    }

    [Fact]
    public void Without_the_right_it_says_which_one_is_missing()
    {
        var refused = _net.Hub.Run($"setpriv --bounding-set=-net_admin sh -c '{_net.Command($"up {_net.Name}")}'");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"qanat: {_net.Name}: CAP_NET_ADMIN is missing: run as root", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_another_program_has_is_named_and_nothing_is_left()
    {
        var before = _net.StateOfHub();
        using var socat = _net.Hub.Start($"exec socat -u UDP-RECV:{Port} -");
        Wait.Until(() => _net.Hub.Do($"ss -Hlun 'sport = :{Port}'").Length > 0, what: "socat to listen");
        var refused = _net.Hub.Run(_net.Command($"up {_net.Name}"));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"qanat: {_net.Name}: bind UDP port {Port} ", refused.Error, StringComparison.Ordinal);
        Assert.Equal(before, _net.StateOfHub());
    }

    [Fact]
    public void A_way_that_is_new_is_followed()
    {
        _net.Up();
        _net.Hub.Do("ip link add late0 type veth peer name other0", "ip link set other0 up", "ip link set late0 up",
            "ip addr add 172.31.0.1/24 dev late0");
        Wait.Until(() => Setting("net.ipv4.conf.late0.forwarding") == "1", what: "the device to forward");
        _net.Hub.Do("ip addr del 172.31.0.1/24 dev late0");
        Wait.Until(() => Setting("net.ipv4.conf.late0.forwarding") == "0", what: "the device to forward no more");
    }

    private void Kill()
    {
        _net.Hub.Do($"kill -KILL {_net.HubProcess}");
        Wait.Until(() => _net.Hub.Processes.Count == 0, what: "the hub, its nft and its will to be gone");
    }

    private string Setting(string name) => _net.Hub.Do($"sysctl -n {name}").Trim();
}
