using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary><c>qanat up</c>, <c>down</c> and <c>reload</c>, with wg-quick as the measure.</summary>
public sealed class UpTests : IDisposable
{
    private readonly UpPair _pair = new();

    public void Dispose() => _pair.Dispose();

    [Theory]
    [InlineData("Address = 10.77.0.1/24, fd77::1/64\nMTU = 1380", "10.77.0.0/24, fd77::/64, 172.16.0.0/12, fd99::/48")]
    [InlineData("Address = 10.77.0.1/24, fd77::1/64", "0.0.0.0/0, ::/0")]
    [InlineData("Address = 10.77.0.1/32\nTable = 1234\nFwMark = 77", "10.77.0.0/24, 0.0.0.0/0")]
    [InlineData("Address = 10.77.0.1/24\nTable = 0x53", "10.77.0.0/24, fd99::/48")]
    [InlineData("Address = 10.77.0.1/24\nTable = 0123", "10.77.0.0/24, 172.16.0.0/12")]
    [InlineData("Address = 10.77.0.1/24\nTable = off", "0.0.0.0/0")]
    public void It_does_what_wg_quick_does_and_undoes_all(string surroundings, string allowedIps)
    {
        _pair.Write(surroundings, allowedIps);
        var before = _pair.Traces();
        var quick = WgQuickTests.WithoutKernel(_pair.A);
        _pair.A.Do($"{quick} up {_pair.File}");
        var wanted = WithoutFiles(_pair.Traces());
        _pair.A.Do($"{quick} down {_pair.File}", "sysctl -q net.ipv4.conf.all.src_valid_mark=0");
        Wait.Until(() => _pair.A.Processes.Count == 0, what: "qanat-wg to end");

        _pair.A.Do($"qanat up {_pair.File}");
        Assert.Equal(wanted, WithoutFiles(_pair.Traces()));
        _pair.A.Do($"ping -c 1 -W 5 -I {_pair.Device} {UpPair.InnerB}");
        _pair.A.Do($"qanat down {_pair.File}");
        Assert.Equal(before, _pair.Traces());
        Wait.Until(() => _pair.A.Processes.Count == 0, what: "it to end");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_two_with_default_routes_the_last_that_goes_leaves_no_trace(bool isFirst)
    {
        _pair.Write(allowedIps: "0.0.0.0/0, ::/0");
        var name = WireGuardEnd.NewName();
        var other = Path.Combine(_pair.A.RunDirectory, $"{name}.conf");
        File.WriteAllText(other, File.ReadAllText(_pair.File).Replace("10.77.0.1", "10.78.0.1", StringComparison.Ordinal));
        var before = _pair.Traces();
        _pair.A.Do($"qanat up {_pair.File}", $"qanat up {other}");
        _pair.A.Do($"qanat reload {name}", $"qanat down {(isFirst ? _pair.Device : name)}");
        Assert.Equal("1", _pair.A.Do("sysctl -n net.ipv4.conf.all.src_valid_mark").Trim());
        _pair.A.Do($"qanat down {(isFirst ? name : _pair.Device)}");
        Assert.Equal(before, _pair.Traces());
    }

    [Theory]
    [InlineData("kill -TERM {pid}")]
    [InlineData("kill -INT {pid}")]
    [InlineData("kill -HUP {pid}")]
    [InlineData("ip link del {device}")]
    public void It_undoes_all_however_it_ends(string command)
    {
        _pair.Write(allowedIps: "0.0.0.0/0");
        var before = _pair.Traces();
        _pair.A.Do($"qanat up {_pair.File}");
        _pair.A.Do(command.Replace("{pid}", $"{Assert.Single(_pair.A.Processes)}", StringComparison.Ordinal)
            .Replace("{device}", _pair.Device, StringComparison.Ordinal));
        Wait.Until(() => _pair.A.Processes.Count == 0, what: "it to end");
        Assert.Equal(before, _pair.Traces());
    }

    [Fact]
    public void It_comes_up_and_undoes_all_when_nobody_hears_it_any_more()
    {
        _pair.Write(allowedIps: "0.0.0.0/0");
        var before = _pair.Traces();
        using var unheard = _pair.A.Start($"qanat up --foreground {_pair.File} 2>&1 | head -n 1");
        Wait.Until(() => _pair.A.Run($"ping -c 1 -W 5 -I {_pair.Device} {UpPair.InnerB}").Succeeded, what: "it to be up");
        _pair.A.Do($"kill -TERM {_pair.A.Processes.Single(IsOurs)}");
        Wait.Until(() => _pair.Traces() == before, what: "all to be undone");

        static bool IsOurs(int pid) => File.ReadAllText($"/proc/{pid}/cmdline").StartsWith("qanat\0up\0", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("qanat down {file}")]
    [InlineData("qanat up {file} && qanat down {file}")]
    public void What_a_killed_one_left_is_undone_by_the_next_command(string command)
    {
        var trace = Path.Combine(_pair.A.RunDirectory, "gone");
        _pair.Write($"Address = 10.77.0.1/24\nPostDown = echo %i >>{trace}", "0.0.0.0/0");
        var before = _pair.Traces();
        _pair.A.Do($"qanat up {_pair.File}");
        _pair.Kill();
        Assert.NotEqual(before, _pair.Traces());
        _pair.A.Do(command.Replace("{file}", _pair.File, StringComparison.Ordinal));
        Assert.Equal(before, _pair.Traces());
        Assert.StartsWith($"{_pair.Device}\n", File.ReadAllText(trace), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mistake_in_the_file_gets_its_place_and_nothing_is_done()
    {
        _pair.Write("Address = 10.77.0.1/33");
        var before = _pair.Traces();
        var refused = _pair.A.Run($"qanat up {_pair.File}");
        Assert.Equal(1, refused.ExitCode);
        Assert.Matches($"^{_pair.File}:3:11: [^\n]+\n$", refused.Error);
        Assert.Equal(before, _pair.Traces());
    }

    [Fact]
    public void A_second_one_of_the_name_is_refused_and_so_is_to_take_down_what_is_not_up()
    {
        _pair.Write();
        _pair.A.Do($"qanat up {_pair.File}");
        var second = _pair.A.Run($"qanat up {_pair.File}");
        Assert.Equal(1, second.ExitCode);
        Assert.Matches($"^qanat: {_pair.Device}: it is up already, by process \\d+; qanat down {_pair.Device} [^\n]*\n$", second.Error);
        _pair.A.Do($"ping -c 1 -W 5 {UpPair.InnerB}", $"qanat down {_pair.Device}");
        foreach (var verb in (string[])["down", "reload"])
        {
            var refused = _pair.A.Run($"qanat {verb} {_pair.Device}");
            Assert.Equal(1, refused.ExitCode);
            Assert.Matches($"^qanat: {_pair.Device}: it is not up[^\n]*\n$", refused.Error);
        }
    }

    [Fact]
    public void One_that_is_taken_down_before_it_is_up_says_so_and_undoes_what_was_done()
    {
        var trace = Path.Combine(_pair.A.RunDirectory, "begun");
        _pair.Write($"Address = 10.77.0.1/24\nPostUp = echo >{trace}; sleep 2", "0.0.0.0/0");
        var before = _pair.Traces();
        using var up = _pair.A.Start($"exec qanat up {_pair.File}");
        Wait.Until(() => File.Exists(trace), what: "it to be nearly up");
        Assert.Matches($"^qanat: {_pair.Device}: it is being brought up, by process \\d+; [^\n]+\n$",
            _pair.A.Run($"qanat up {_pair.File}").Error);
        _pair.A.Do($"qanat down {_pair.Device}");
        var told = up.WaitForExit();
        Assert.Equal(1, told.ExitCode);
        Assert.EndsWith($"\nqanat: {_pair.Device}: it was told to end before it was up\n", told.Error, StringComparison.Ordinal);
        Assert.Equal(before, _pair.Traces());
    }

    [Theory]
    [InlineData(false, "it is not up; ")]
    [InlineData(true, "only its owner, as a rule root, may take it down")]
    public void Another_user_is_told_whether_it_is_up(bool isUp, string told)
    {
        _pair.Write();
        if (isUp)
            _pair.A.Do($"qanat up {_pair.File}");
        // A copy where anyone may run it; the folder that it was built in may be root's alone.
        var copy = $"{_pair.A.RunDirectory}.qanat";
        try
        {
            _pair.A.Do($"install -m 755 {Repository.Qanat} {copy}");
            var refused = _pair.A.Run($"setpriv --reuid=65534 --regid=65534 --clear-groups {copy} down {_pair.Device}");
            Assert.Equal(1, refused.ExitCode);
            Assert.StartsWith($"qanat: {_pair.Device}: {told}", refused.Error, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(copy);
        }
    }

    [Fact]
    public void A_file_of_this_folder_that_was_taken_for_a_name_is_hinted_at()
    {
        var refused = _pair.A.Run($"cd {_pair.A.RunDirectory} && : >lap.conf && qanat up lap.conf"); // short, as names are
        Assert.Equal(1, refused.ExitCode);
        Assert.Equal("qanat: there is no /etc/wireguard/lap.conf.conf; the file in this folder is ./lap.conf\n", refused.Error);
    }

    [Fact]
    public void One_that_hangs_is_named_and_waited_for()
    {
        _pair.Write();
        _pair.A.Do($"qanat up {_pair.File}");
        var process = Assert.Single(_pair.A.Processes);
        _pair.A.Do($"kill -STOP {process}");
        using var down = _pair.A.Start($"exec qanat down {_pair.Device}");
        var hint = $"qanat: {_pair.Device}: process {process} does not answer";
        Wait.Until(() => down.Error.StartsWith(hint, StringComparison.Ordinal), what: "a word of it");
        _pair.A.Do($"kill -CONT {process}");
        Assert.Equal(0, down.WaitForExit().ExitCode);
        Assert.EndsWith($"[#] ip link delete dev {_pair.Device}\n", down.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_another_program_has_stops_it_and_undoes_what_was_done()
    {
        _pair.Write("Address = 10.77.0.1/24\nListenPort = 51999", "0.0.0.0/0");
        var before = _pair.Traces();
        using var other = _pair.A.Start("exec socat -u UDP-RECV:51999 -");
        Wait.Until(() => _pair.A.Do("ss -Hlun 'sport = :51999'").Length > 0, what: "socat to listen");
        var refused = _pair.A.Run($"qanat up {_pair.File}");
        Assert.Equal(1, refused.ExitCode);
        Assert.Matches($"\nqanat: {_pair.Device}: bind UDP port 51999 [^\n]*another program has it\n$", refused.Error);
        Assert.DoesNotContain("talks to nobody", refused.Error, StringComparison.Ordinal);
        Assert.Equal(before, _pair.Traces());
    }

    [Fact]
    public void A_hook_that_fails_undoes_what_was_done()
    {
        _pair.Write("Address = 10.77.0.1/24\nPostUp = echo heard %i; exit 3", "0.0.0.0/0");
        var before = _pair.Traces();
        var refused = _pair.A.Run($"qanat up {_pair.File}");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"[#] echo heard {_pair.Device}; exit 3\nheard {_pair.Device}\n", refused.Error, StringComparison.Ordinal);
        Assert.EndsWith($"qanat: {_pair.Device}: bash failed with exit code 3\n", refused.Error, StringComparison.Ordinal);
        Assert.Equal(before, _pair.Traces());
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Hooks_run_in_the_folder_that_up_was_called_in(bool isKilled, bool isGone)
    {
        var (trace, folder) = (Path.Combine(_pair.A.RunDirectory, "trace"), Path.Combine(_pair.A.RunDirectory, "here"));
        _pair.Write(string.Join('\n', ((string[])["PreUp", "PostUp", "PreDown", "PostDown"]).Select(hook => $"{hook} = pwd -P >>{trace}")));
        _pair.A.Do($"mkdir {folder} && cd {folder} && qanat up {_pair.File}");
        if (isKilled)
            _pair.Kill();
        if (isGone)
            Directory.Delete(folder);
        _pair.A.Do($"cd /tmp && qanat down {_pair.File}");
        var later = isGone ? "/" : folder;
        Assert.Equal([folder, folder, later, later], File.ReadAllLines(trace));
    }

    [Fact]
    public void A_process_in_the_background_keeps_no_folder_busy()
    {
        _pair.Write();
        _pair.A.Do($"cd {_pair.A.RunDirectory} && qanat up {_pair.File}");
        Assert.Equal("/", File.ResolveLinkTarget($"/proc/{Assert.Single(_pair.A.Processes)}/cwd", false)!.FullName);
    }

    [Fact]
    public void A_process_in_the_background_keeps_no_lock_of_who_started_it()
    {
        _pair.Write();
        var kept = Path.Combine(_pair.A.RunDirectory, "kept");
        _pair.A.Do($"exec 9>{kept}; flock 9; qanat up {_pair.File}; exec 9>&-; flock -n {kept} true");
    }

    [Fact]
    public void A_table_that_nobody_knows_is_a_mistake_in_the_file()
    {
        _pair.Write("Address = 10.77.0.1/24\nTable = nosuch");
        var before = _pair.Traces();
        var refused = _pair.A.Run($"qanat up {_pair.File}");
        Assert.Equal(1, refused.ExitCode);
        Assert.Matches($"^{_pair.File}:4:9: [^\n]+\n$", refused.Error);
        Assert.Equal(before, _pair.Traces());
    }

    [Fact]
    public void What_qanat_wg_serves_is_not_taken_down_but_who_ends_it_is_said()
    {
        _pair.A.Do($"qanat-wg {_pair.Device}");
        var refused = _pair.A.Run($"qanat down {_pair.Device}");
        Assert.Equal(1, refused.ExitCode);
        Assert.Matches($"^qanat: {_pair.Device}: [^\n]* ip link del {_pair.Device} [^\n]*\n$", refused.Error);
        Assert.True(_pair.A.Has(_pair.Device));
    }

    [Fact]
    public void Without_a_resolver_it_says_so_and_comes_up()
    {
        _pair.Write("Address = 10.77.0.1/24\nDNS = 10.77.0.2");
        var folder = Path.Combine(_pair.A.RunDirectory, "few");
        _pair.A.Do($"mkdir {folder}", $"ln -s $(command -v nft) $(command -v bash) {folder}/");
        var up = _pair.A.Run($"PATH={folder} $(command -v qanat) up {_pair.File}");
        Assert.Equal(0, up.ExitCode);
        Assert.Contains($"qanat: {_pair.Device}: neither resolvconf nor systemd-resolved is here", up.Error, StringComparison.Ordinal);
        _pair.A.Do($"ping -c 1 -W 5 {UpPair.InnerB}");
    }

    [Fact]
    public void Name_servers_go_to_resolvconf_and_are_taken_back()
    {
        _pair.Write("Address = 10.77.0.1/24\nDNS = 10.77.0.2, fd77::2, home.example");
        var folder = Path.Combine(_pair.A.RunDirectory, "few");
        var heard = Path.Combine(_pair.A.RunDirectory, "heard");
        _pair.A.Do($"mkdir {folder}");
        File.WriteAllText($"{folder}/resolvconf", $"#!/bin/sh\n(echo \"$@\"; case $1 in -a) cat;; esac) >>{heard}\n");
        _pair.A.Do($"chmod +x {folder}/resolvconf", $"PATH={folder}:$PATH qanat up {_pair.File}", $"qanat down {_pair.Device}");
        Assert.Equal(
            $"-a {_pair.Device} -m 0 -x\nnameserver 10.77.0.2\nnameserver fd77::2\nsearch home.example\n-d {_pair.Device} -f\n",
            File.ReadAllText(heard));
    }

    [Fact]
    public void A_file_that_others_may_read_is_warned_about()
    {
        _pair.Write();
        var file = Path.Combine(Path.GetDirectoryName(_pair.A.RunDirectory)!, Path.GetFileName(_pair.File));
        _pair.A.Do($"install -m 644 {_pair.File} {file}");
        Assert.Contains($"Warning: {file} is world accessible", _pair.A.Run($"qanat up {file}").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_set_meanwhile_is_saved_when_the_file_asks_for_it()
    {
        _pair.Write("Address = 10.77.0.1/24\nSaveConfig = true\nPostUp = true %i");
        _pair.A.Do($"qanat up {_pair.File}", $"wg set {_pair.Device} listen-port 51999 peer {_pair.B.PublicKey} persistent-keepalive 25",
            $"ip address add 10.78.0.1/24 dev {_pair.Device}", $"qanat down {_pair.Device}");
        var saved = File.ReadAllText(_pair.File);
        foreach (var line in (string[])["Address = 10.77.0.1/24", "Address = 10.78.0.1/24", "SaveConfig = true", "PostUp = true %i",
            "ListenPort = 51999", "PersistentKeepalive = 25"])
            Assert.Contains($"{line}\n", saved, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_pair.File));
        _pair.A.Do($"qanat up {_pair.File}", $"ping -c 1 -W 5 {UpPair.InnerB}");
    }

    [Fact]
    public void Reloading_changes_what_differs_and_drops_no_session()
    {
        _pair.Write();
        _pair.A.Do($"qanat up {_pair.File}", $"ping -c 1 -W 5 {UpPair.InnerB}");
        var (handshake, port) = (Show("latest-handshakes"), Show("listen-port"));
        var other = _pair.A.Do("wg genkey | wg pubkey").Trim();
        _pair.Write("Address = 10.77.0.3/24\nMTU = 1300", "10.77.0.0/24, 172.16.0.0/12, 0.0.0.0/0",
            more: $"[Peer]\nPublicKey = {other}\nAllowedIPs = 192.168.7.0/24");
        _pair.A.Do($"qanat reload {_pair.Device}", $"ping -c 1 -W 5 -I 10.77.0.3 {UpPair.InnerB}");
        Assert.Contains(handshake, Show("latest-handshakes"), StringComparison.Ordinal);
        Assert.Equal(port, Show("listen-port"));
        Assert.Contains(other, Show("peers"), StringComparison.Ordinal);
        Assert.Equal(1300, _pair.A.Link(_pair.Device).GetProperty("mtu").GetInt32());
        var traces = _pair.Traces();
        Assert.Contains("10.77.0.3/24", traces, StringComparison.Ordinal);
        Assert.DoesNotContain("10.77.0.1/24", traces, StringComparison.Ordinal);
        Assert.Contains($"172.16.0.0/12 dev {_pair.Device}", traces, StringComparison.Ordinal);
        Assert.Contains($"192.168.7.0/24 dev {_pair.Device}", traces, StringComparison.Ordinal);
        Assert.Contains("not from all fwmark 0xca6c lookup 51820", traces, StringComparison.Ordinal);

        // And back again: the file of before leaves nothing of the one between.
        _pair.Write();
        _pair.A.Do($"qanat reload {_pair.File}", $"ping -c 1 -W 5 {UpPair.InnerB}");
        Assert.Contains(handshake, Show("latest-handshakes"), StringComparison.Ordinal);
        traces = _pair.Traces();
        foreach (var gone in (string[])["172.16.0.0", "192.168.7.0", "51820", "10.77.0.3", "wg-quick"])
            Assert.DoesNotContain(gone, traces, StringComparison.Ordinal);
        Assert.Equal("off", Show("fwmark"));

        // Without the address's network its route is one of ours.
        _pair.Write("Address = 10.77.0.1/32");
        _pair.A.Do($"qanat reload {_pair.Device}", $"ping -c 1 -W 5 {UpPair.InnerB}");
        traces = _pair.Traces();

        _pair.Write("Adress = 10.77.0.9/24");
        var refused = _pair.A.Run($"qanat reload {_pair.Device}");
        Assert.Equal(1, refused.ExitCode);
        Assert.Matches($"^{_pair.File}:3:1: [^\n]+\n$", refused.Error);
        Assert.Equal(traces, _pair.Traces());
    }

    [Fact]
    public void Reloading_finds_the_way_to_a_peer_outside_the_tunnel()
    {
        _pair.Write(allowedIps: "0.0.0.0/0");
        _pair.A.Do($"qanat up {_pair.File}");
        var before = _pair.Traces();
        for (var times = 0; times < 2; times++)
            Assert.Equal("[#] wg syncconf " + _pair.Device + " /dev/fd/63\n", _pair.A.Run($"qanat reload {_pair.Device}").Error);
        Assert.Equal(before, _pair.Traces()); // the MTU is among them
    }

    [Fact]
    public void Another_mark_is_another_table_and_the_main_one_still_comes_before_it()
    {
        _pair.Write("Address = 10.77.0.1/24\nFwMark = 77", "0.0.0.0/0");
        _pair.A.Do($"qanat up {_pair.File}");
        _pair.Write("Address = 10.77.0.1/24\nFwMark = 88", "0.0.0.0/0");
        _pair.A.Do($"qanat reload {_pair.File}", $"ping -c 1 -W 5 {UpPair.InnerB}", $"ping -c 1 -W 5 {TwoHosts.AddressOfB}");
        var reloaded = Rules();
        Assert.Equal(1, reloaded.Count(rule => rule.Contains("fwmark", StringComparison.Ordinal)));
        _pair.A.Do($"qanat down {_pair.File}", $"qanat up {_pair.File}");
        Assert.Equal(Rules(), reloaded);
        _pair.A.Do($"qanat down {_pair.File}");

        string[] Rules() => [.. _pair.A.Do("ip rule; nft list ruleset").Split('\n').Select(line => line[(line.IndexOf(':') + 1)..])];
    }

    private string Show(string what) => _pair.A.Do($"wg show {_pair.Device} {what}").Trim();

    private static string WithoutFiles(string traces) =>
        string.Concat(traces.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.Contains(".up.", StringComparison.Ordinal)).Select(line => $"{line}\n"));
}
