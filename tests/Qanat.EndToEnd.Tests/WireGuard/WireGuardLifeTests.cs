using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary>How qanat-wg begins and ends: as wireguard-go does, and leaving nothing.</summary>
public sealed class WireGuardLifeTests : IDisposable
{
    private readonly TestNamespace _host = new();
    private readonly string _device = WireGuardEnd.NewName();

    private string Socket => WireGuardEnd.SocketOf(_device);

    public void Dispose()
    {
        _host.Dispose();
        File.Delete(Socket); // of a program that was killed
    }

    [Fact]
    public void It_goes_to_the_background_when_the_interface_exists_and_the_socket_answers()
    {
        var begun = _host.Run($"qanat-wg {_device}");
        Assert.True(begun.Succeeded);
        Assert.Equal("", begun.Output + begun.Error);
        Assert.Equal(_device, _host.Do($"wg show {_device}").Split('\n')[0].Split(' ')[1]);
        Assert.Equal(1420, _host.Link(_device).GetProperty("mtu").GetInt32());
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Assert.Equal(owner, File.GetUnixFileMode(Socket));
    }

    [Theory]
    [InlineData("kill -TERM {pid}")]
    [InlineData("kill -INT {pid}")]
    [InlineData("ip link del {device}")]
    [InlineData("rm {socket}")]
    public void It_ends_and_leaves_nothing(string command)
    {
        _host.Do($"qanat-wg {_device}");
        var pid = Assert.Single(_host.Processes);
        _host.Do(command.Replace("{pid}", $"{pid}", StringComparison.Ordinal).Replace("{device}", _device, StringComparison.Ordinal)
            .Replace("{socket}", Socket, StringComparison.Ordinal));
        Wait.Until(() => _host.Processes.Count == 0, what: "it to end");
        Assert.False(File.Exists(Socket));
        Assert.False(_host.Has(_device));
    }

    [Theory]
    [InlineData("qanat-wg -f ")]
    [InlineData("env WG_PROCESS_FOREGROUND=1 qanat-wg ")]
    public void In_the_foreground_it_stays_and_says_what_happens(string command)
    {
        using var running = _host.Start($"LOG_LEVEL=verbose exec {command}{_device}");
        Wait.Until(() => File.Exists(Socket), what: "the socket");
        _host.Do($"ip link set {_device} up");
        Wait.Until(() => running.Error.Contains($"{_device}: up, listening on port ", StringComparison.Ordinal), what: "the log");
        running.Terminate();
        Assert.Equal(0, running.WaitForExit().ExitCode);
    }

    [Fact]
    public void A_process_in_the_background_keeps_no_lock_of_who_started_it()
    {
        var kept = Path.Combine(_host.RunDirectory, "kept");
        _host.Do($"exec 9>{kept}; flock 9; qanat-wg {_device}; exec 9>&-; flock -n {kept} true");
    }

    [Fact]
    public void A_second_one_of_the_name_is_refused()
    {
        _host.Do($"qanat-wg {_device}");
        var second = _host.Run($"qanat-wg {_device}");
        Assert.Equal(1, second.ExitCode);
        Assert.Matches($"^qanat\\[\\d+\\]: {_device}: [^\n]*busy[^\n]*\n$", second.Error);
        _host.Do($"wg show {_device}");
    }

    [Fact]
    public void A_killed_one_leaves_a_socket_that_the_next_takes_over()
    {
        _host.Do($"qanat-wg {_device}");
        _host.Do($"kill -KILL {Assert.Single(_host.Processes)}");
        Wait.Until(() => _host.Processes.Count == 0, what: "it to be gone");
        Assert.True(File.Exists(Socket));
        _host.Do($"qanat-wg {_device}", $"wg show {_device}");
    }

    [Fact]
    public void Without_CAP_NET_ADMIN_it_says_so_in_a_line()
    {
        var refused = _host.Run($"setpriv --bounding-set -net_admin qanat-wg {_device}");
        Assert.Equal(1, refused.ExitCode);
        Assert.Matches($"^qanat\\[\\d+\\]: {_device}: CAP_NET_ADMIN is missing: [^\n]*\n$", refused.Error);
        Assert.False(File.Exists(Socket));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-x")]
    [InlineData("a b")]
    public void What_makes_no_sense_gets_the_usage(string words)
    {
        var refused = _host.Run($"qanat-wg {words}");
        Assert.Equal(1, refused.ExitCode);
        Assert.Equal("Usage: qanat-wg [-f|--foreground] INTERFACE\n", refused.Error);
    }

    [Theory]
    [InlineData("QANAT_AEAD=libcryto", "QANAT_AEAD=libcryto: libcrypto, avx2 or avx512")]
    [InlineData("QANAT_WORKERS=none", "QANAT_WORKERS: \"none\" is no number from 1 to 16")]
    public void A_variable_that_makes_no_sense_is_refused_before_there_is_an_interface(string variable, string text)
    {
        var name = WireGuardEnd.NewName();
        var refused = _host.Run($"{variable} qanat-wg {name}");
        Assert.Equal(1, refused.ExitCode);
        Assert.EndsWith($"{name}: {text}\n", refused.Error, StringComparison.Ordinal);
        Assert.False(_host.Has(name));
    }

    [Theory]
    [InlineData("a-name-of-sixteen")]
    [InlineData("a/b")]
    [InlineData("../a")]
    [InlineData("..")]
    public void What_cannot_be_a_name_is_refused_in_a_line(string name)
    {
        foreach (var option in (string[])["", "-f "])
        {
            var refused = _host.Run($"qanat-wg {option}{name}");
            Assert.Equal(1, refused.ExitCode);
            Assert.Matches($"^qanat-wg: \"{name}\": an interface's name [^\n]+\n$", refused.Error);
        }
    }

    [Fact]
    public void Many_clients_are_served_at_once()
    {
        _host.Do($"qanat-wg {_device}");
        using var silent = _host.Start($"socat -u UNIX-CONNECT:{Socket} STDOUT");
        _host.Do($"seq 100 | xargs -P 8 -I@ wg set {_device} fwmark @", $"wg show {_device}");
    }
}
