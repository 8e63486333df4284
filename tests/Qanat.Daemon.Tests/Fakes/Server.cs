using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Qanat.Daemon.Api;
using Qanat.Daemon.Lifecycle;

namespace Qanat.Daemon.Tests.Fakes;

/// <summary>The API on a real socket, over a fake kernel, and a client of it.</summary>
internal sealed class Server : IAsyncDisposable
{
    public Server()
    {
        Gate = new(Time);
        Settings = new(Bench);
        var routes = new ApiRoutes(
            Bench.Tunnels, Status, new MetricsText(Bench.Tunnels, "1.2.3"), new FouRoutes(Settings.Fou), new L2tpRoutes(Settings.L2tp),
            new FdbRoutes(Settings.Fdb), new XfrmRoutes(Xfrm.Xfrm));
        Api = new(Bench.Paths.Socket, routes, Gate, Log.Log);
        Client = Connect(Bench.Paths.Socket);
    }

    public Bench Bench { get; } = new();

    public SettingsBench Settings { get; }

    public XfrmBench Xfrm { get; } = new();

    public FakeTime Time { get; } = new();

    public FakeLog Log { get; } = new();

    public RequestGate Gate { get; }

    public ApiServer Api { get; }

    public HttpClient Client { get; }

    public static async Task<Server> StartAsync()
    {
        var server = new Server();
        await server.Api.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>A client that makes a connection for each request, as commands do.</summary>
    public static HttpClient Connect(string path) => new(new SocketsHttpHandler
    {
        PooledConnectionLifetime = TimeSpan.Zero,
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    }) { BaseAddress = new("http://qanat") };

    public Task<HttpResponseMessage> PostAsync(string path, string body) =>
        Client.PostAsync(path, Json(body), TestContext.Current.CancellationToken);

    public Task<HttpResponseMessage> PutAsync(string path, string body) =>
        Client.PutAsync(path, Json(body), TestContext.Current.CancellationToken);

    public Task<HttpResponseMessage> DeleteAsync(string path) => Client.DeleteAsync(path, TestContext.Current.CancellationToken);

    public Task<HttpResponseMessage> DeleteAsync(string path, string body) =>
        Client.SendAsync(new(HttpMethod.Delete, path) { Content = Json(body) }, TestContext.Current.CancellationToken);

    public Task<HttpResponseMessage> GetAsync(string path) => Client.GetAsync(path, TestContext.Current.CancellationToken);

    public static async Task<ApiError> ErrorOf(HttpResponseMessage response)
    {
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        return (await response.Content.ReadFromJsonAsync(ApiJson.Default.ApiError, TestContext.Current.CancellationToken))!;
    }

    public static async Task<TunnelReport> ReportOf(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync(ApiJson.Default.TunnelReport, TestContext.Current.CancellationToken))!;

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Api.DisposeAsync();
        Settings.Dispose();
        Xfrm.Dispose();
    }

    private DaemonStatus Status() =>
        new("1.2.3", Environment.ProcessId, "red", Time.GetUtcNow(), Bench.Tunnels.Count, "user", Bench.Plane.Features);

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
