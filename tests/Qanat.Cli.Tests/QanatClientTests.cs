using Qanat.Cli.Client;
using Qanat.Cli.Tests.Support;
using Qanat.Daemon.Api;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Linux;

namespace Qanat.Cli.Tests;

public sealed class QanatClientTests : IDisposable
{
    private const string Tunnel =
        """{"spec":{"name":"t 1","mode":"ipip"},"index":3,"mtu":1480,"up":true,"counters":{"drops":{"no-route":2}}}""";

    private static readonly TunnelSpec Spec = new() { Name = "t1", Mode = "ipip", Remote = "192.0.2.1" };

    private readonly TemporaryFolder _folder = new();
    private readonly FakeLauncher _launcher = new();
    private readonly QanatClient _client;

    public QanatClientTests() => _client = new(_folder.Paths, _launcher, name => name == "lo");

    [Fact]
    public void Without_a_daemon_there_are_no_tunnels_and_none_is_started()
    {
        Assert.Empty(_client.List());
        Assert.Null(_client.Status());
        Assert.Equal(Errno.ENODEV, ErrorOf(() => _client.Get("t1")));
        Assert.Equal(Errno.ENODEV, ErrorOf(() => _client.Change("t1", Spec)));
        Assert.Equal(Errno.EOPNOTSUPP, ErrorOf(() => _client.Delete("lo")));
        Assert.Equal(Errno.EOPNOTSUPP, ErrorOf(() => _client.Reset6rd("lo")));
        Assert.Equal(Errno.ENODEV, ErrorOf(() => _client.AddRouter("t1", new() { Address = "192.0.2.1" })));
        Assert.Equal(0, _launcher.Starts);
    }

    [Fact]
    public void Adding_a_tunnel_starts_a_daemon()
    {
        using var daemon = Launched(ScriptedDaemon.Json(201, Tunnel));
        _client.Add(Spec);
        Assert.Equal(1, _launcher.Starts);
    }

    [Fact]
    public void State_that_a_killed_daemon_left_has_another_started()
    {
        File.WriteAllText(_folder.Paths.State, "{}");
        using var daemon = Launched(ScriptedDaemon.Json(200, $"[{Tunnel}]"), ScriptedDaemon.Json(204, ""));
        Assert.Equal("t 1", Assert.Single(_client.List()).Spec.Name);
        _client.Delete("t1");
        Assert.Equal(1, _launcher.Starts);
    }

    [Fact]
    public void Many_tunnels_go_in_few_requests_and_each_has_its_answer()
    {
        const string done = """{"name":"t","index":7}""";
        const string refused = """{"name":"t1","index":0,"error":{"errno":17,"error":"File exists","hint":"it is taken"}}""";
        var thousand = string.Join(',', Enumerable.Repeat(done, 1000));
        using var daemon = new ScriptedDaemon(_folder.Paths,
            ScriptedDaemon.Json(200, $"{{\"added\":[],\"changed\":[],\"removed\":[{done}]}}"),
            ScriptedDaemon.Json(200, $"{{\"added\":[{thousand}],\"changed\":[],\"removed\":[]}}"),
            ScriptedDaemon.Json(200, $"{{\"added\":[{refused}],\"changed\":[],\"removed\":[]}}"));
        var results = _client.Send(new() { Remove = ["old"], Add = [.. Enumerable.Repeat(Spec, 1001)] });
        Assert.Equal(1002, results.Count);
        Assert.All(results.SkipLast(1), Assert.Null);
        Assert.Equal((Errno.EEXIST, "it is taken"), (results[^1]!.Errno, results[^1]!.Detail));
        Assert.All(daemon.Requests, request => Assert.StartsWith("POST /v1/tunnels:batch ", request));
        Assert.Contains("\"remove\":[\"old\"]", daemon.Requests[0]);
    }

    [Fact]
    public void A_request_names_its_tunnel_and_carries_its_description()
    {
        using var daemon = new ScriptedDaemon(_folder.Paths, ScriptedDaemon.Json(200, Tunnel));
        _client.Change("a%b c", Spec);
        var request = Assert.Single(daemon.Requests);
        Assert.StartsWith("PUT /v1/tunnels/a%25b%20c HTTP/1.1\r\nHost: qanat\r\nConnection: close\r\n", request);
        Assert.Contains("\"remote\":\"192.0.2.1\"", request);
    }

    [Fact]
    public void Routers_and_prefixes_are_parts_of_a_tunnel()
    {
        using var daemon = new ScriptedDaemon(_folder.Paths, Enumerable.Repeat(ScriptedDaemon.Json(204, ""), 4));
        _client.AddRouter("t1", new() { Address = "192.0.2.1", Default = true });
        _client.DeleteRouter("t1", new() { Address = "any" });
        _client.Set6rd("t 1", new() { Prefix = "2001:db8::/32", RelayPrefix = "10.0.0.0/8" });
        _client.Reset6rd("t1");
        Assert.Equal(
        [
            """POST /v1/tunnels/t1/prl {"address":"192.0.2.1","default":true}""",
            """DELETE /v1/tunnels/t1/prl {"address":"any","default":false}""",
            """PUT /v1/tunnels/t%201/6rd {"prefix":"2001:db8::/32","relayPrefix":"10.0.0.0/8"}""",
            "DELETE /v1/tunnels/t1/6rd ",
        ], daemon.Requests.Select(request => $"{request.Split(" HTTP")[0]} {request.Split("\r\n\r\n")[1]}"));
    }

    [Theory]
    [InlineData("")] // it left without a word
    [InlineData("HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n")] // it is about to
    public void A_daemon_that_ends_just_now_is_replaced_and_asked_again(string answer)
    {
        using var ending = new ScriptedDaemon(_folder.Paths, answer);
        using var daemon = Launched(ScriptedDaemon.Json(201, Tunnel));
        _client.Add(Spec);
        Assert.Equal(1, _launcher.Starts);
        Assert.Contains("POST /v1/tunnels", Assert.Single(ending.Requests));
    }

    [Fact]
    public void Daemons_that_end_again_and_again_are_given_up()
    {
        var refused = Assert.Throws<ApiException>(() => _client.Add(Spec));
        Assert.Equal(Errno.EAGAIN, refused.Errno);
        Assert.Contains(_folder.Paths.Log, refused.Hint);
        Assert.Equal(3, _launcher.Starts);
    }

    [Fact]
    public void Why_a_daemon_cannot_be_started_is_passed_on()
    {
        _launcher.Fault = new ApiException(Errno.EPERM, "CAP_NET_RAW is missing");
        var refused = Assert.Throws<ApiException>(() => _client.Add(Spec));
        Assert.Equal((Errno.EPERM, "CAP_NET_RAW is missing"), (refused.Errno, refused.Hint));
    }

    [Theory]
    [InlineData(17, null)] // the kernel's own refusal: iproute2's text is all
    [InlineData(28, "no space left for the state")]
    public void A_refusal_has_its_hint_when_it_is_not_the_kernels(int errno, string? hint)
    {
        using var daemon = new ScriptedDaemon(
            _folder.Paths, ScriptedDaemon.Json(409, $$"""{"errno":{{errno}},"error":"words","hint":"no space left for the state"}"""));
        var refused = Assert.Throws<ApiException>(() => _client.Add(Spec));
        Assert.Equal((errno, "words", hint), (refused.Errno, refused.Message, refused.Hint));
    }

    [Theory]
    [InlineData("nonsense\r\n\r\n")]
    [InlineData("HTTP/1.1 200 X\r\nContent-Length: 3\r\n\r\n[{]")]
    [InlineData("HTTP/1.1 200 X\r\nContent-Length: 4\r\n\r\nnull")]
    [InlineData("HTTP/1.1 200 X\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n")]
    public void An_answer_that_makes_no_sense_is_an_error(string answer)
    {
        using var daemon = new ScriptedDaemon(_folder.Paths, answer);
        Assert.Equal(Errno.EIO, ErrorOf(() => _client.List()));
    }

    [Fact]
    public void A_path_too_long_for_a_socket_is_an_error()
    {
        var client = new QanatClient(new(new string('x', 200), 1), _launcher, _ => false);
        Assert.Equal(Errno.EIO, ErrorOf(() => client.List()));
    }

    public void Dispose() => _folder.Dispose();

    private static int ErrorOf(Action act) => Assert.Throws<ApiException>(act).Errno;

    private LaunchedDaemon Launched(params string[] answers)
    {
        var daemon = new LaunchedDaemon();
        _launcher.Launch = () => daemon.Running ??= new(_folder.Paths, answers);
        return daemon;
    }

    private sealed class LaunchedDaemon : IDisposable
    {
        public ScriptedDaemon? Running { get; set; }

        public void Dispose() => Running?.Dispose();
    }

    private sealed class FakeLauncher : IDaemonLauncher
    {
        public int Starts { get; private set; }

        public ApiException? Fault { get; set; }

        public Action? Launch { get; set; }

        public void Start()
        {
            Starts++;
            if (Fault is not null)
                throw Fault;
            Launch?.Invoke();
        }
    }
}
