using Qanat.Testing;

namespace Qanat.Cli.Tests;

/// <summary>The program itself, on a host of its own: who starts a daemon, who does not, and what is said when none can be.</summary>
public sealed class DaemonLaunchTests : IDisposable
{
    private readonly TestNamespace _host = new("cli");
    private readonly string _qanat = Path.Combine(AppContext.BaseDirectory, "qanat");

    [Fact]
    public void A_tunnel_that_is_added_has_a_daemon_started_which_ends_after_the_last()
    {
        Assert.Equal("", Qanat("tunnel show").Required);
        Assert.Empty(_host.Processes);

        Assert.Equal("", Qanat("tunnel add t1 mode ipip remote 192.0.2.1").Required);
        Assert.Equal("t1: ip/ip remote 192.0.2.1 local any ttl inherit\n", Qanat("tunnel show").Required);
        Assert.Equal("add tunnel \"tunl0\" failed: File exists\n", Qanat("tunnel add t1 mode ipip remote 192.0.2.2").Error);
        Assert.Single(_host.Processes);

        Qanat("tunnel del t1");
        Wait.Until(() => _host.Processes.Count == 0, what: "the end of the daemon");
        Assert.Equal(3, Qanat("status").ExitCode);
    }

    [Fact]
    public void The_daemon_that_a_command_started_keeps_nothing_of_the_commands()
    {
        // The substitution ends when nobody has the write end of its pipe any more.
        var result = _host.Run($"echo \"$({_qanat} tunnel add t1 mode ipip remote 192.0.2.1 2>&1; echo $?)\"");
        Assert.Equal("0\n", result.Required);
        var daemon = Assert.Single(_host.Processes);
        Assert.Equal("/dev/null", new FileInfo($"/proc/{daemon}/fd/0").LinkTarget);
        Assert.EndsWith(".log", new FileInfo($"/proc/{daemon}/fd/2").LinkTarget);
        Assert.Equal("/", new FileInfo($"/proc/{daemon}/cwd").LinkTarget);
    }

    [Fact]
    public void Commands_at_the_same_time_share_one_daemon()
    {
        _host.Do($"for i in 1 2 3; do {_qanat} tunnel add t$i mode ipip remote 192.0.2.$i & done; wait");
        Assert.Equal(3, Qanat("tunnel show").Required.Count(c => c == '\n'));
        Assert.Single(_host.Processes);
    }

    [Fact]
    public void Tunnels_of_a_daemon_that_was_killed_are_back_with_the_next_command()
    {
        Qanat("tunnel add t1 mode ipip remote 192.0.2.1");
        var daemon = Assert.Single(_host.Processes);
        _host.Do($"kill -9 {daemon}");
        Wait.Until(() => _host.Processes.Count == 0, what: "the end of the daemon");
        Assert.Equal("t1: ip/ip remote 192.0.2.1 local any ttl inherit\n", Qanat("tunnel show").Required);
        Assert.Single(_host.Processes);
    }

    [Fact]
    public void Without_privilege_a_second_line_says_what_is_missing()
    {
        var result = _host.Run($"setpriv --bounding-set=-net_raw --inh-caps=-net_raw {_qanat} tunnel add t1 mode ipip remote 192.0.2.1");
        Assert.Equal(1, result.ExitCode);
        Assert.Matches("^add tunnel \"tunl0\" failed: Operation not permitted\nCAP_NET_RAW is missing: [^\n]*\n$", result.Error);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named_before_anything_is_changed()
    {
        var result = _host.Run($"QANAT_RUN_DIR=/proc/nowhere {_qanat} tunnel add t1 mode ipip remote 192.0.2.1");
        Assert.Equal(1, result.ExitCode);
        Assert.Matches("^add tunnel \"tunl0\" failed: [^\n]*\n[^\n]*/proc/nowhere[^\n]*\n$", result.Error);
        Assert.False(_host.Run("ip link show t1").Succeeded);
    }

    [Fact]
    public void A_daemon_may_be_put_into_the_background_by_hand()
    {
        Assert.Equal("", Qanat("daemon --background --idle-exit 60").Required);
        Assert.Matches($"^namespace +{_host.Name}\n", Qanat("status").Required);
        var daemon = Assert.Single(_host.Processes);
        _host.Do($"kill {daemon}");
        Wait.Until(() => _host.Processes.Count == 0, what: "the end of the daemon");
    }

    [Fact]
    public void Netns_is_another_host()
    {
        using var other = new TestNamespace("other");
        var command = $"QANAT_RUN_DIR={other.RunDirectory} {_qanat} -n {other.Name} tunnel";
        _host.Do($"{command} add t1 mode ipip remote 192.0.2.1");
        Assert.Equal("", Qanat("tunnel show").Required);
        Assert.Single(other.Processes);
        Assert.Equal("t1: ip/ip remote 192.0.2.1 local any ttl inherit\n", other.Do($"{_qanat} tunnel show"));
    }

    public void Dispose() => _host.Dispose();

    private CommandResult Qanat(string words) => _host.Run($"{_qanat} {words}");
}
