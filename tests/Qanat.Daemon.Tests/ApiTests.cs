using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Qanat.Daemon.Api;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Linux;
using static Qanat.Daemon.Tests.Fakes.Server;

namespace Qanat.Daemon.Tests;

/// <summary>The API through a real socket.</summary>
public sealed class ApiTests : IAsyncLifetime
{
    private readonly Server _server = new();

    public async ValueTask InitializeAsync() => await _server.Api.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_tunnel_is_made_read_changed_and_removed()
    {
        var added = await _server.PostAsync("/v1/tunnels",
            """{"name":"tun1","mode":"ipip","remote":"10.10.50.186","local":"10.10.50.71"}""");
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        Assert.Equal("/v1/tunnels/tun1", added.Headers.Location!.ToString());
        var report = await ReportOf(added);
        Assert.Equal(("tun1", "10.10.50.186", 1480, false), (report.Spec.Name, report.Spec.Remote, report.Mtu, report.Up));

        var changed = await _server.PutAsync("/v1/tunnels/tun1",
            """{"mode":"ipip","remote":"10.10.50.187","local":"10.10.50.71","ttl":9}""");
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Equal("10.10.50.187", (await ReportOf(await _server.GetAsync("/v1/tunnels/tun1"))).Spec.Remote);

        var all = await _server.Client.GetFromJsonAsync(
            "/v1/tunnels", ApiJson.Default.TunnelReportArray, TestContext.Current.CancellationToken);
        Assert.Equal(9, Assert.Single(all!).Spec.Ttl);

        Assert.Equal(HttpStatusCode.NoContent, (await _server.DeleteAsync("/v1/tunnels/tun1")).StatusCode);
        Assert.Equal("[]", await _server.Client.GetStringAsync("/v1/tunnels", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_batch_has_a_result_for_each_item_and_may_be_long()
    {
        var add = Enumerable.Range(0, 2000)
            .Select(i => $$"""{"name":"t{{i}}","mode":"ipip","remote":"10.0.{{i / 250}}.{{i % 250 + 1}}"}""");
        var answer = await _server.PostAsync("/v1/tunnels:batch", $$"""{"add":[{{string.Join(',', add)}}],"remove":["nosuch"]}""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var report = await answer.Content.ReadFromJsonAsync(ApiJson.Default.BatchReport, TestContext.Current.CancellationToken);
        Assert.Equal(2000, report!.Added.Count(result => result is { Index: > 0, Error: null }));
        Assert.Equal(Errno.ENODEV, Assert.Single(report.Removed).Error!.Errno);
        Assert.Equal(2000, _server.Bench.Tunnels.Count);
    }

    [Theory]
    [InlineData("""{"add":[null]}""")]
    [InlineData("""{"remove":[null]}""")]
    [InlineData("""{"change":null}""")]
    [InlineData("""{"add":[{}]}""")]
    [InlineData("""{"adds":[]}""")]
    [InlineData("""null""")]
    public async Task A_batch_that_makes_no_sense_is_refused_as_a_whole(string body)
    {
        var answer = await _server.PostAsync("/v1/tunnels:batch", body);
        Assert.Equal((HttpStatusCode.BadRequest, Errno.EINVAL), (answer.StatusCode, (await ErrorOf(answer)).Errno));
    }

    [Fact]
    public async Task Routers_and_6rd_prefixes_are_set_and_taken_away()
    {
        await _server.PostAsync("/v1/tunnels", """{"name":"s","mode":"isatap","local":"192.0.2.2"}""");
        var router = """{"address":"192.0.2.1","default":true}""";
        Assert.Equal("192.0.2.1", (await ReportOf(await _server.PostAsync("/v1/tunnels/s/prl", router))).Spec.Sit!.Routers[0].Address);
        Assert.Equal(HttpStatusCode.Conflict, (await _server.PostAsync("/v1/tunnels/s/prl", router)).StatusCode);
        Assert.Null((await ReportOf(await _server.DeleteAsync("/v1/tunnels/s/prl", router))).Spec.Sit);
        Assert.Equal(HttpStatusCode.NotFound, (await _server.DeleteAsync("/v1/tunnels/s/prl", router)).StatusCode);

        var prefix = """{"prefix":"2001:db8::/32"}""";
        Assert.Equal("2001:db8::/32", (await ReportOf(await _server.PutAsync("/v1/tunnels/s/6rd", prefix))).Spec.Sit!.Prefix);
        var wrong = """{"prefix":"2001:db8::1/32"}""";
        Assert.Equal(HttpStatusCode.BadRequest, (await _server.PutAsync("/v1/tunnels/s/6rd", wrong)).StatusCode);
        Assert.Null((await ReportOf(await _server.DeleteAsync("/v1/tunnels/s/6rd"))).Spec.Sit);
    }

    [Fact]
    public async Task The_counters_and_the_drops_that_occurred_are_told()
    {
        var index = (await _server.Bench.AddAsync("t")).Index;
        var counters = _server.Bench.Plane.Running[index].Counters;
        (counters.RxPackets, counters.RxBytes, counters.TxPackets, counters.TxBytes, counters.TxErrors) = (1, 84, 2, 168, 3);
        counters.RxMulticast = 1;
        var report = await ReportOf(await _server.GetAsync("/v1/tunnels/t"));
        Assert.Equal((1, 84, 0, 2, 168, 3), (report.Counters.RxPackets, report.Counters.RxBytes, report.Counters.RxErrors,
            report.Counters.TxPackets, report.Counters.TxBytes, report.Counters.TxErrors));
        Assert.Equal(1, report.Counters.RxMulticast);
        Assert.Empty(report.Counters.Drops);
    }

    [Fact]
    public async Task The_status_is_told()
    {
        await _server.Bench.AddAsync("t");
        var status = await _server.Client.GetFromJsonAsync(
            "/v1/status", ApiJson.Default.DaemonStatus, TestContext.Current.CancellationToken);
        Assert.Equal(("1.2.3", Environment.ProcessId, "red", 1, "user"),
            (status!.Version, status.Pid, status.Namespace, status.Tunnels, status.DataPath));
        Assert.Equal("on", status.Features["tso"]);
    }

    [Theory]
    [InlineData("""{"name":"t","mode":"ipip","remote":"192.0.2.9"}""", 409, Errno.EEXIST)]
    [InlineData("""{"mode":"nosuch","remote":"192.0.2.9"}""", 400, Errno.EINVAL)]
    [InlineData("""{"name":".","mode":"ipip","remote":"192.0.2.9"}""", 400, Errno.E2BIG)]
    [InlineData("""{"mode":"ipip","remote":"192.0.2.9","dev":"nosuch"}""", 404, Errno.ENODEV)]
    [InlineData("""{"mode":"ipip","remote":"192.0.2.9","tll":64}""", 400, Errno.EINVAL)] // unknown member
    [InlineData("""{"mode":"ipip","mode":"ipip","remote":"192.0.2.9"}""", 400, Errno.EINVAL)]
    [InlineData("""{"mode":"ipip","remote":null}""", 400, Errno.EINVAL)]
    [InlineData("""{"mode":"ipip","remote":"192.0.2.9","ttl":256}""", 400, Errno.EINVAL)]
    [InlineData("""{"mode":"ipip","remote":"192.0.2.9","ttl":-1}""", 400, Errno.EINVAL)]
    [InlineData("""{"remote":"192.0.2.9"}""", 400, Errno.EINVAL)]
    [InlineData("""{"mode":"ipip",""", 400, Errno.EINVAL)]
    [InlineData("null", 400, Errno.EINVAL)]
    [InlineData("[]", 400, Errno.EINVAL)]
    [InlineData("", 400, Errno.EINVAL)]
    public async Task A_bad_request_has_a_status_an_error_number_and_a_hint(string body, int status, int errno)
    {
        await _server.Bench.AddAsync("t");
        var answer = await _server.PostAsync("/v1/tunnels", body);
        Assert.Equal(status, (int)answer.StatusCode);
        var error = await ErrorOf(answer);
        Assert.Equal((errno, Errno.Text(errno)), (error.Errno, error.Error));
        Assert.False(string.IsNullOrEmpty(error.Hint));
        Assert.Equal(1, _server.Bench.Tunnels.Count);
    }

    [Fact]
    public async Task A_misspelt_member_is_named()
    {
        var error = await ErrorOf(await _server.PostAsync("/v1/tunnels", """{"mode":"ipip","remot":"192.0.2.9"}"""));
        Assert.Contains("remot", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Absent_and_foreign_devices_are_told_apart()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await _server.GetAsync("/v1/tunnels/nosuch")).StatusCode);
        var foreign = await _server.DeleteAsync("/v1/tunnels/lo");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, foreign.StatusCode);
        Assert.Equal(Errno.EOPNOTSUPP, (await ErrorOf(foreign)).Errno);
        Assert.Equal(HttpStatusCode.Forbidden, (await _server.DeleteAsync("/v1/tunnels/tunl0")).StatusCode);
    }

    [Fact]
    public async Task A_full_disk_is_507_and_in_the_log()
    {
        _server.Bench.Disk.WriteFault = new IOException("full", Errno.ENOSPC);
        var answer = await _server.PostAsync("/v1/tunnels", """{"mode":"ipip","remote":"192.0.2.9"}""");
        Assert.Equal(HttpStatusCode.InsufficientStorage, answer.StatusCode);
        var error = await ErrorOf(answer);
        Assert.Equal(Errno.ENOSPC, error.Errno);
        Assert.Contains(_server.Bench.Paths.State, error.Hint, StringComparison.Ordinal);
        Assert.Single(_server.Log.Lines);
    }

    [Fact]
    public async Task An_unknown_address_and_a_wrong_method_are_errors_of_the_same_form()
    {
        var absent = await _server.GetAsync("/v2/tunnels");
        Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
        Assert.Equal(Errno.ENOENT, (await ErrorOf(absent)).Errno);
        var wrong = await _server.DeleteAsync("/v1/tunnels");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, wrong.StatusCode);
        Assert.Equal(Errno.EOPNOTSUPP, (await ErrorOf(wrong)).Errno);
    }

    [Fact]
    public async Task A_body_that_is_too_long_is_refused()
    {
        var answer = await _server.PostAsync("/v1/tunnels", $$"""{"mode":"ipip","name":"{{new string('x', 100_000)}}"}""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal(Errno.EINVAL, (await ErrorOf(answer)).Errno);
    }

    [Theory]
    [InlineData("\0\0\0\0")]
    [InlineData("GET\r\n\r\n")]
    [InlineData("GET /v1/status HTTP/1.1\r\n\r\n")] // no Host
    [InlineData("POST /v1/tunnels HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n")]
    [InlineData("POST /v1/tunnels HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    public async Task What_is_not_HTTP_does_no_harm(string bytes)
    {
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_server.Bench.Paths.Socket), TestContext.Current.CancellationToken);
            await socket.SendAsync(Encoding.Latin1.GetBytes(bytes), TestContext.Current.CancellationToken);
            socket.Shutdown(SocketShutdown.Send);
            var answer = new byte[512];
            var length = await socket.ReceiveAsync(answer, TestContext.Current.CancellationToken);
            Assert.True(length == 0 || Encoding.Latin1.GetString(answer, 0, length).StartsWith("HTTP/1.1 400", StringComparison.Ordinal));
        }
        Assert.Equal(HttpStatusCode.OK, (await _server.GetAsync("/v1/status")).StatusCode);
    }

    [Fact]
    public void The_socket_is_its_owners_alone() =>
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_server.Bench.Paths.Socket));

    [Fact]
    public async Task A_socket_that_was_removed_is_put_back_and_connections_go_on()
    {
        using var kept = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(_server.Bench.Paths.Socket), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        }) { BaseAddress = new("http://qanat") };
        await kept.GetStringAsync("/v1/status", TestContext.Current.CancellationToken);

        File.Delete(_server.Bench.Paths.Socket);
        Assert.False(_server.Api.IsInPlace);
        await Assert.ThrowsAsync<HttpRequestException>(() => _server.GetAsync("/v1/status"));
        await kept.GetStringAsync("/v1/status", TestContext.Current.CancellationToken);

        for (var i = 0; i < 3; i++)
            await _server.Api.RebindAsync();
        Assert.True(_server.Api.IsInPlace);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_server.Bench.Paths.Socket));
        Assert.Equal(HttpStatusCode.OK, (await _server.GetAsync("/v1/status")).StatusCode);
        await kept.GetStringAsync("/v1/status", TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_closed_gate_answers_503_and_does_nothing()
    {
        Assert.True(_server.Gate.TryClose(TimeSpan.Zero, () => true));
        var answer = await _server.PostAsync("/v1/tunnels", """{"mode":"ipip","remote":"192.0.2.9"}""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.True(answer.Headers.ConnectionClose);
        Assert.Equal(Errno.EAGAIN, (await ErrorOf(answer)).Errno);
        Assert.Equal(0, _server.Bench.Tunnels.Count);
    }

    [Fact]
    public async Task Many_requests_at_once_are_all_answered()
    {
        var answers = await Task.WhenAll(Enumerable.Range(1, 100).Select(i =>
            _server.PostAsync("/v1/tunnels", $$"""{"mode":"ipip","remote":"192.0.2.{{i}}"}""")));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
        Assert.Equal(100, _server.Bench.Tunnels.Count);
    }
}
