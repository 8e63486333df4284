using System.Net.Sockets;
using System.Text;
using Qanat.Daemon.Lifecycle;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Linux.Storage;

namespace Qanat.Daemon.Tests;

/// <summary>The parts of a daemon's life, by a clock that the tests move.</summary>
public sealed class LifecycleTests
{
    private readonly FakeTime _time = new();
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(3);

    [Fact]
    public void A_gate_closes_after_the_quiet_and_not_before()
    {
        var gate = new RequestGate(_time);
        _time.Advance(Quiet - TimeSpan.FromTicks(1));
        Assert.False(gate.TryClose(Quiet, () => true));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.False(gate.TryClose(Quiet, () => false));
        Assert.True(gate.TryClose(Quiet, () => true));
        Assert.False(gate.TryEnter());
    }

    [Fact]
    public void A_gate_does_not_close_while_a_request_is_under_way_and_each_begins_the_quiet_anew()
    {
        var gate = new RequestGate(_time);
        Assert.True(gate.TryEnter());
        _time.Advance(10 * Quiet);
        Assert.False(gate.TryClose(Quiet, () => true));
        gate.Leave();
        Assert.False(gate.TryClose(Quiet, () => true));
        _time.Advance(Quiet);
        Assert.True(gate.TryClose(Quiet, () => true));
    }

    [Fact]
    public void A_named_namespace_goes_with_its_last_name()
    {
        var network = new FakeNetwork { HasName = true, HasOtherProcesses = true };
        var watch = new NamespaceWatch(network, _time);
        Assert.False(watch.IsLost());
        network.HasName = false;
        Assert.True(watch.IsLost());
    }

    [Fact]
    public void A_namespace_that_is_named_later_goes_with_that_name()
    {
        var network = new FakeNetwork { HasOtherProcesses = true };
        var watch = new NamespaceWatch(network, _time);
        network.HasName = true;
        Assert.False(watch.IsLost());
        network.HasName = false;
        Assert.True(watch.IsLost());
    }

    [Fact]
    public void The_namespace_of_process_1_never_goes()
    {
        var network = new FakeNetwork { IsInitial = true, HasName = true };
        var watch = new NamespaceWatch(network, _time);
        network.HasName = false;
        _time.Advance(TimeSpan.FromDays(1));
        Assert.False(watch.IsLost());
    }

    [Fact]
    public void An_unnamed_namespace_goes_when_its_last_other_process_has_left()
    {
        var network = new FakeNetwork { HasOtherProcesses = true };
        var watch = new NamespaceWatch(network, _time);
        network.HasOtherProcesses = false;
        Assert.False(watch.IsLost()); // not looked at yet
        _time.Advance(NamespaceWatch.ProcessPeriod);
        Assert.True(watch.IsLost());
    }

    [Fact]
    public void A_daemon_that_was_alone_from_the_start_waits_for_company()
    {
        var network = new FakeNetwork();
        var watch = new NamespaceWatch(network, _time);
        _time.Advance(NamespaceWatch.ProcessPeriod);
        Assert.False(watch.IsLost());
        network.HasOtherProcesses = true;
        _time.Advance(NamespaceWatch.ProcessPeriod);
        Assert.False(watch.IsLost());
        network.HasOtherProcesses = false;
        _time.Advance(NamespaceWatch.ProcessPeriod);
        Assert.True(watch.IsLost());
    }

    [Fact]
    public void A_lock_has_one_holder()
    {
        using var folder = new TemporaryFolder();
        using (var taken = FileLock.TryTake(folder.Paths.Lock))
        {
            Assert.NotNull(taken);
            Assert.Null(FileLock.TryTake(folder.Paths.Lock));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.Paths.Lock));
        }
        using var again = FileLock.TryTake(folder.Paths.Lock);
        Assert.NotNull(again);
    }

    [Fact]
    public void A_lock_whose_file_was_removed_says_so()
    {
        using var folder = new TemporaryFolder();
        using var taken = FileLock.TryTake(folder.Paths.Lock)!;
        Assert.True(taken.IsInPlace);
        File.Delete(folder.Paths.Lock);
        Assert.False(taken.IsInPlace);
        using var other = FileLock.TryTake(folder.Paths.Lock);
        Assert.NotNull(other);
        Assert.False(taken.IsInPlace);
        Assert.True(other.IsInPlace);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Systemd_hears_what_is_said(bool isAbstract)
    {
        using var folder = new TemporaryFolder();
        var address = isAbstract ? $"@qanat-{Guid.NewGuid():N}" : Path.Combine(folder.Path, "notify");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 10_000 };
        socket.Bind(new UnixDomainSocketEndPoint(isAbstract ? $"\0{address[1..]}" : address));

        new SystemdNotifier(address).Send("READY=1", "STATUS=2 tunnels");

        var buffer = new byte[256];
        Assert.Equal("READY=1\nSTATUS=2 tunnels", Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("vsock:2:1")]
    [InlineData("/nonexistent/notify")]
    public void Nobody_to_tell_is_no_error(string? address) => new SystemdNotifier(address).Send("READY=1");

    [Fact]
    public void A_log_line_is_one_line_whatever_is_in_it()
    {
        var log = new FakeLog();
        log.Log.Write("one\r\ntwo\nthree");
        Assert.Equal($"qanat[{Environment.ProcessId}]: one two three", Assert.Single(log.Lines));
    }

    [Fact]
    public void A_log_that_cannot_be_written_stops_nothing() => new DaemonLog(() => throw new IOException("full")).Write("x");
}
