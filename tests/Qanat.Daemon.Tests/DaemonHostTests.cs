using System.Net.Http.Json;
using Qanat.Daemon.Api;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Linux.Storage;

namespace Qanat.Daemon.Tests;

/// <summary>Whole daemons: real sockets, files and timers over a fake kernel.</summary>
public sealed class DaemonHostTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeDevices _devices = new();
    private readonly FakeNetwork _network = new() { IsInitial = true };
    private readonly FakeTime _time = new();
    private readonly FakeLog _log = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly HttpClient _client;
    private FakePlane _plane = new();

    public DaemonHostTests() => _client = Server.Connect(_folder.Paths.Socket);

    private DaemonOptions Options => new() { Paths = _folder.Paths, DataPlane = _ => _plane = new() };

    public void Dispose()
    {
        _client.Dispose();
        _stop.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_daemon_serves_until_it_is_stopped_and_its_devices_stay()
    {
        var daemon = await StartAsync(Options);
        await AddAsync("t");
        await StopAsync(daemon);

        Assert.Single(_devices.Tuns);
        Assert.True(_plane.Disposed);
        Assert.False(File.Exists(_folder.Paths.Socket));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.Paths.State));
    }

    [Fact]
    public async Task The_next_daemon_takes_them_up()
    {
        var first = await StartAsync(Options);
        await AddAsync("t");
        await StopAsync(first);

        using var stop = new CancellationTokenSource();
        var second = RunAsync(Options, stop.Token);
        await ReadyAsync(second);
        Assert.Equal("t", Assert.Single(await ListAsync()).Spec.Name);
        Assert.Contains(_log.Lines, line => line.EndsWith(": recovered 1 tunnel", StringComparison.Ordinal));
        await stop.CancelAsync();
        Assert.Equal(0, await second);
    }

    [Fact]
    public async Task A_stale_socket_is_replaced()
    {
        File.WriteAllText(_folder.Paths.Socket, "");
        var daemon = await StartAsync(Options);
        Assert.Empty(await ListAsync());
        await StopAsync(daemon);
    }

    [Fact]
    public async Task A_second_daemon_ends_with_one_line()
    {
        var first = await StartAsync(Options);
        Assert.Equal(1, await RunAsync(Options, CancellationToken.None));
        Assert.EndsWith($"another daemon (process {Environment.ProcessId}) keeps this network namespace",
            Assert.Single(_log.Lines), StringComparison.Ordinal);
        Assert.Empty(await ListAsync());
        await StopAsync(first);
    }

    [Fact]
    public async Task Devices_are_removed_when_asked()
    {
        var daemon = await StartAsync(Options with { RemoveDevices = true });
        await AddAsync("t");
        await StopAsync(daemon);
        Assert.Empty(_devices.Tuns);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_lost_namespace_takes_everything_with_it()
    {
        (_network.IsInitial, _network.HasName) = (false, true);
        var daemon = await StartAsync(Options);
        await AddAsync("t");
        _network.HasName = false;
        Assert.Equal(0, await daemon);
        Assert.Empty(_devices.Tuns);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        Assert.Single(_log.Lines);
    }

    [Fact]
    public async Task A_daemon_that_a_command_started_ends_when_it_keeps_nothing()
    {
        string? detached = null;
        var daemon = await StartAsync(Options with { Background = true }, log => detached = log);
        Assert.Equal(_folder.Paths.Log, detached);
        await AddAsync("t");
        _time.Advance(TimeSpan.FromHours(1));
        await _client.DeleteAsync("/v1/tunnels/t", TestContext.Current.CancellationToken);
        _time.Advance(DaemonOptions.DefaultIdleExit);
        Assert.Equal(0, await daemon);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_removed_socket_is_noticed_told_once_and_put_back()
    {
        var daemon = await StartAsync(Options);
        await AddAsync("t");
        File.Delete(_folder.Paths.Socket);
        await Until(() => File.Exists(_folder.Paths.Socket));
        await ReadyAsync(daemon);
        Assert.Single(await ListAsync());
        Assert.Single(_log.Lines, line => line.EndsWith("files of this daemon had been removed, and are back", StringComparison.Ordinal));
        await StopAsync(daemon);
    }

    [Fact]
    public async Task A_removed_folder_comes_back_with_the_lock_the_state_and_the_socket()
    {
        var daemon = await StartAsync(Options);
        await AddAsync("t");
        Directory.Delete(_folder.Path, recursive: true);
        await Until(() => File.Exists(_folder.Paths.Socket));
        await ReadyAsync(daemon);
        Assert.True(File.Exists(_folder.Paths.State));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder.Path));
        Assert.Equal(1, await RunAsync(Options, CancellationToken.None));
        await StopAsync(daemon);
    }

    [Fact]
    public async Task A_daemon_whose_lock_another_took_gives_way()
    {
        var daemon = await StartAsync(Options);
        await AddAsync("t");
        File.Delete(_folder.Paths.Lock);
        using var other = FileLock.TryTake(_folder.Paths.Lock);
        Assert.Equal(1, await daemon);
        Assert.Single(_devices.Tuns);
        Assert.True(File.Exists(_folder.Paths.State));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_told_in_one_line()
    {
        var options = Options with { Paths = new("/sys/kernel/qanat", 1) };
        Assert.Equal(1, await RunAsync(options, CancellationToken.None));
        Assert.Contains("/sys/kernel/qanat", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_whose_name_is_too_long_for_a_socket_is_told_in_one_line()
    {
        var options = Options with { Paths = new(Path.Combine(_folder.Path, new string('x', 100)), 1) };
        Assert.Equal(1, await RunAsync(options, CancellationToken.None));
        Assert.Contains("File name too long", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_missing_is_told_in_one_line()
    {
        var world = World(_ => { }) with { Missing = () => ["CAP_NET_ADMIN is missing.", "CAP_NET_RAW is missing."] };
        Assert.Equal(1, await DaemonHost.RunAsync(Options, world, CancellationToken.None));
        Assert.EndsWith(": CAP_NET_ADMIN is missing. CAP_NET_RAW is missing.", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    private DaemonSurroundings World(Action<string> detach) => new()
    {
        Missing = () => [],
        OpenDevices = () => _devices,
        OpenNetwork = () => _network,
        Boot = "boot",
        Time = _time,
        Log = _log.Log,
        Notifier = new(null),
        Detach = detach,
    };

    private Task<int> RunAsync(DaemonOptions options, CancellationToken stop, Action<string>? detach = null) =>
        Task.Run(() => DaemonHost.RunAsync(options, World(detach ?? (_ => { })), stop));

    private async Task<Task<int>> StartAsync(DaemonOptions options, Action<string>? detach = null)
    {
        var daemon = RunAsync(options, _stop.Token, detach);
        await ReadyAsync(daemon);
        return daemon;
    }

    private async Task StopAsync(Task<int> daemon)
    {
        await _stop.CancelAsync();
        Assert.Equal(0, await daemon);
    }

    private async Task ReadyAsync(Task<int> daemon)
    {
        while (true)
        {
            Assert.False(daemon.IsCompleted, string.Join('\n', _log.Lines));
            try
            {
                (await _client.GetAsync("/v1/status", TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }
        }
    }

    private async Task AddAsync(string name)
    {
        var answer = await _client.PostAsJsonAsync(
            "/v1/tunnels", Bench.Spec(name), ApiJson.Default.TunnelSpec, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private async Task<TunnelReport[]> ListAsync() =>
        (await _client.GetFromJsonAsync("/v1/tunnels", ApiJson.Default.TunnelReportArray, TestContext.Current.CancellationToken))!;

    private static async Task Until(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(10, TestContext.Current.CancellationToken);
    }
}
