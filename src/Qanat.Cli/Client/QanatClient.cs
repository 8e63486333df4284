using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Qanat.Daemon;
using Qanat.Daemon.Api;
using Qanat.Linux;

namespace Qanat.Cli.Client;

/// <summary>The daemon of this network namespace, over its socket.</summary>
/// <param name="paths">Where the daemon keeps its things.</param>
/// <param name="launcher">What starts it.</param>
/// <param name="deviceExists">Whether the namespace has a device of that name.</param>
internal sealed partial class QanatClient(DaemonPaths paths, IDaemonLauncher launcher, Func<string, bool> deviceExists)
    : IQanatClient, IXfrmClient
{
    private const int Attempts = 4;

    // So many tunnels the daemon makes well within the time that we wait for an answer.
    private const int BatchLength = 1000;

    // The answers of a daemon that is about to end: 503 means that the request had no effect.
    private const int ServiceUnavailable = 503;

    /// <inheritdoc/>
    public IReadOnlyList<TunnelReport> List() =>
        TrySend("GET", "/v1/tunnels", [], start: KeepsTunnels) is { } response ? Read(response, ReportReader.ReadList) : [];

    /// <inheritdoc/>
    public TunnelReport Get(string name) => Read(SendAbout(name, "GET"), ReportReader.Read);

    /// <inheritdoc/>
    public void Add(TunnelSpec spec) =>
        Check(TrySend("POST", "/v1/tunnels", Serialize(spec, ApiJson.Default.TunnelSpec), start: true)!.Value);

    /// <inheritdoc/>
    public void Change(string name, TunnelSpec spec) => Check(SendAbout(name, "PUT", body: Serialize(spec, ApiJson.Default.TunnelSpec)));

    /// <inheritdoc/>
    public void Delete(string name) => Check(SendAbout(name, "DELETE"));

    /// <inheritdoc/>
    public IReadOnlyList<ApiException?> Send(BatchSpec batch) =>
    [
        .. batch.Remove.Chunk(BatchLength).SelectMany(part => SendPart(new() { Remove = part })),
        .. batch.Change.Chunk(BatchLength).SelectMany(part => SendPart(new() { Change = part })),
        .. batch.Add.Chunk(BatchLength).SelectMany(part => SendPart(new() { Add = part })),
    ];

    /// <inheritdoc/>
    public void AddRouter(string name, RouterSpec router) =>
        Check(SendAbout(name, "POST", "/prl", Serialize(router, ApiJson.Default.RouterSpec)));

    /// <inheritdoc/>
    public void DeleteRouter(string name, RouterSpec router) =>
        Check(SendAbout(name, "DELETE", "/prl", Serialize(router, ApiJson.Default.RouterSpec)));

    /// <inheritdoc/>
    public void Set6rd(string name, SixRdSpec prefixes) =>
        Check(SendAbout(name, "PUT", "/6rd", Serialize(prefixes, ApiJson.Default.SixRdSpec)));

    /// <inheritdoc/>
    public void Reset6rd(string name) => Check(SendAbout(name, "DELETE", "/6rd"));

    /// <inheritdoc/>
    public DaemonStatus? Status() => TrySend("GET", "/v1/status", [], start: false) is { } response
        ? Read(response, body => Deserialize(body, ApiJson.Default.DaemonStatus))
        : null;

    /// <inheritdoc/>
    public string? Metrics() => TrySend("GET", "/metrics", [], start: false) is { } response
        ? Read(response, Encoding.UTF8.GetString)
        : null;

    /// <inheritdoc/>
    public Stream? Capture(string name, int snapLength) => CaptureStream.Open(paths.Socket, name, snapLength);

    // A daemon that was killed left its state: the next command brings its tunnels back.
    private bool KeepsTunnels => paths.AnyState;

    private IEnumerable<ApiException?> SendPart(BatchSpec batch)
    {
        var response = TrySend("POST", "/v1/tunnels:batch", Serialize(batch, ApiJson.Default.BatchSpec), start: true)!.Value;
        var report = Read(response, body => Deserialize(body, ApiJson.Default.BatchReport));
        return report.Removed.Concat(report.Changed).Concat(report.Added)
            .Select(result => result.Error is { } refusal ? new ApiException(refusal) : null);
    }

    private HttpResponse SendAbout(string name, string method, string part = "", byte[]? body = null)
    {
        // The empty name, and those that a path cannot hold, are nobody's.
        var response = name is "" or "." or ".."
            ? null
            : TrySend(method, $"/v1/tunnels/{Uri.EscapeDataString(name)}{part}", body ?? [], start: KeepsTunnels);
        return response ?? throw new ApiException(deviceExists(name) ? Errno.EOPNOTSUPP : Errno.ENODEV);
    }

    // Null when there is no daemon, and none was to be started.
    private HttpResponse? TrySend(string method, string path, byte[]? body, bool start)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (TryExchange(method, path, body ?? []) is { Status: not ServiceUnavailable } response)
                return response;
            if (!start)
                return null;
            if (attempt == Attempts)
                throw new ApiException(Errno.EAGAIN, $"The daemon ends as soon as it has begun; {paths.Log} may say why.");
            launcher.Start();
        }
    }

    // Null when nobody took the request: no socket, nobody behind it, or one who left without a word.
    private HttpResponse? TryExchange(string method, string path, byte[]? body)
    {
        try
        {
            return HttpConnection.Exchange(paths.Socket, method, path, body ?? []);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new ApiException(Errno.EIO, $"{paths.Socket} is too long a path for a socket.");
        }
        catch (SocketException fault) when (fault.SocketErrorCode is SocketError.AccessDenied)
        {
            throw new ApiException(Errno.EPERM, $"{paths.Socket} is root's alone: run as root.");
        }
        catch (SocketException fault) when (IsNobody(fault.SocketErrorCode))
        {
            return null;
        }
        catch (HttpFormatException fault) when (fault.Silent)
        {
            return null;
        }
        catch (IOException fault) when (fault.InnerException is SocketException inner && IsNobody(inner.SocketErrorCode))
        {
            return null;
        }
        catch (HttpFormatException fault)
        {
            throw new ApiException(Errno.EIO, $"The daemon's answer cannot be read: {fault.Message}.");
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            throw new ApiException(Errno.EIO, $"The daemon does not answer: {fault.Message}.");
        }
    }

    private static bool IsNobody(SocketError error) => error is
        SocketError.AddressNotAvailable or SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.Shutdown;

    private static void Check(HttpResponse response)
    {
        if (response.Status >= 300)
            throw new ApiException(Parse(response.Body, body => Deserialize(body, ApiJson.Default.ApiError)));
    }

    private static T Read<T>(HttpResponse response, Func<byte[], T> read)
    {
        Check(response);
        return Parse(response.Body, read);
    }

    private static T Parse<T>(byte[] body, Func<byte[], T> read)
    {
        try
        {
            return read(body);
        }
        catch (JsonException fault)
        {
            throw new ApiException(Errno.EIO, $"The daemon's answer cannot be read: {fault.Message}");
        }
    }

    private static byte[] Serialize<T>(T body, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(body, type);

    private static T Deserialize<T>(byte[] body, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(body, type) ?? throw new JsonException("null");
}
