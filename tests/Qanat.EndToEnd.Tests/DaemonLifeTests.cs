using System.Net.Sockets;
using System.Text;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary>How a daemon comes, and how it goes.</summary>
public sealed class DaemonLifeTests : IDisposable
{
    private const string Add = "qanat tunnel add tun1 mode ipip remote 192.0.2.1 local 192.0.2.2";
    private readonly TestNamespace _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void The_first_command_that_needs_a_daemon_starts_it_and_the_next_ones_use_it()
    {
        Assert.Null(_host.Daemon());
        _host.Do(Add);
        var daemon = _host.Daemon();
        Assert.NotNull(daemon);
        _host.Do("qanat tunnel show", "qanat tunnel add tun2 mode ipip remote 192.0.2.3 local 192.0.2.2");
        Assert.Equal(daemon, _host.Daemon());
    }

    [Fact]
    public void A_daemon_keeps_no_lock_of_who_started_it()
    {
        var kept = Path.Combine(_host.RunDirectory, "kept");
        _host.Do($"exec 9>{kept}; flock 9; qanat tunnel add mode ipip remote 192.0.2.2 local 192.0.2.1; exec 9>&-; flock -n {kept} true");
    }

    [Fact]
    public void Many_first_commands_at_once_start_one_daemon()
    {
        var commands = Enumerable.Range(1, 8)
            .Select(n => _host.Start($"qanat tunnel add t{n} mode ipip remote 192.0.2.{n + 100} local 192.0.2.2")).ToArray();
        Assert.All(commands, command => Assert.True(command.WaitForExit().Succeeded));
        Assert.Equal(8, _host.Do("qanat tunnel show").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Single(_host.Processes);
    }

    [Fact]
    public void The_socket_is_for_root_alone()
    {
        _host.Do(Add);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_host.Socket()));
    }

    [Fact]
    public void Hosts_that_share_a_run_directory_have_a_daemon_each()
    {
        using var other = new TestNamespace("other");
        _host.Do(Add);
        other.Do($"QANAT_RUN_DIR={_host.RunDirectory} {Add}");
        Assert.NotEqual(_host.Daemon(), other.Daemon());
        Assert.Equal(2, Directory.GetFiles(_host.RunDirectory, "*.sock").Length);
    }

    [Fact]
    public void A_daemon_with_nothing_left_to_keep_ends_by_itself()
    {
        _host.Do(Add);
        var daemon = _host.Daemon();
        _host.Do("qanat tunnel del tun1");
        Wait.Until(() => !_host.Processes.Contains(daemon!.Value), what: "the daemon to end");
        Assert.False(File.Exists(_host.Socket()));
        _host.Do(Add);
        Assert.True(_host.Has("tun1"));
    }

    [Fact]
    public void Without_its_name_a_namespace_goes_away_daemon_and_all()
    {
        using var neighbour = new TestNamespace("neighbour");
        TestNamespace.Join(_host, "eth0", neighbour, "eth0");
        _host.Do(Add, "ip link set tun1 up");
        var daemon = _host.Daemon()!.Value;

        _host.DeleteName();
        Wait.Until(() => !_host.IsHomeOf(daemon), what: "the daemon to end");
        // The kernel takes the far end of a wire away with the namespace that the near end was in.
        Wait.Until(() => !neighbour.Has("eth0"), what: "the namespace to go");
        Wait.Until(() => Directory.GetFiles(_host.RunDirectory).Length == 0, what: "its files to go");
    }

    [Fact]
    public void A_daemon_in_the_foreground_ends_cleanly_on_SIGTERM_and_leaves_its_devices()
    {
        using var daemon = _host.Start("exec qanat daemon");
        Wait.Until(() => File.Exists(_host.Socket()), what: "the socket");
        _host.Do(Add, "ip link set tun1 up", "ip addr add 192.168.1.1 peer 192.168.1.2 dev tun1", "qanat fou add port 5555 ipproto 4");
        Assert.Equal(daemon.Pid, _host.Daemon());

        daemon.Terminate();
        Assert.Equal(0, daemon.WaitForExit().ExitCode);
        Assert.Contains("192.168.1.1", _host.Do("ip addr show dev tun1"), StringComparison.Ordinal);
        Assert.Equal("tun1: ip/ip remote 192.0.2.1 local 192.0.2.2 ttl inherit", _host.Do("qanat tunnel show tun1").TrimEnd());
    }

    [Fact]
    public void A_daemon_tells_systemd_when_it_is_ready_and_when_it_stops()
    {
        using var notify = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 20_000 };
        var path = Path.Combine(_host.RunDirectory, "notify");
        notify.Bind(new UnixDomainSocketEndPoint(path));
        using var daemon = _host.Start($"NOTIFY_SOCKET={path} exec qanat daemon");
        Assert.Contains("READY=1", Receive(), StringComparison.Ordinal);
        Assert.True(File.Exists(_host.Socket()));
        daemon.Terminate();
        Assert.Contains("STOPPING=1", Receive(), StringComparison.Ordinal);

        string Receive()
        {
            var buffer = new byte[1024];
            return Encoding.UTF8.GetString(buffer, 0, notify.Receive(buffer));
        }
    }

    [Fact]
    public void A_second_daemon_for_the_same_namespace_says_so_and_ends()
    {
        _host.Do(Add);
        var second = _host.Run("qanat daemon");
        Assert.NotEqual(0, second.ExitCode);
        Assert.NotEqual("", second.Error);
        Assert.NotNull(_host.Daemon());
    }

    [Fact]
    public void Status_says_whose_daemon_it_is_and_what_it_keeps()
    {
        _host.Do(Add);
        var status = _host.Get("/v1/status");
        Assert.Equal(1, status.GetProperty("tunnels").GetInt32());
        Assert.Equal(_host.Name, status.GetProperty("namespace").GetString());
        Assert.Equal(_host.Daemon(), status.GetProperty("pid").GetInt32());
        Assert.Contains(_host.Name, _host.Do("qanat status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_are_there_in_the_text_format_of_Prometheus()
    {
        _host.Do(Add);
        using var client = _host.Client();
        var metrics = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Contains("# TYPE qanat_", metrics, StringComparison.Ordinal);
        Assert.Contains("tun1", metrics, StringComparison.Ordinal);
    }
}
