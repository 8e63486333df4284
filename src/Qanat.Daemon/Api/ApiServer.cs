using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Qanat.Daemon.Lifecycle;
using Qanat.Linux;
using Qanat.Linux.Storage;

namespace Qanat.Daemon.Api;

/// <summary>The local API: HTTP over a Unix socket, by Kestrel without the host's usual files, environment and log providers.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private const int MaxBodyBytes = 64 * 1024, MaxConnections = 256;
    private readonly WebApplication _application;
    private readonly UnixListener _listener;
    private readonly string _socket;

    /// <summary>
    /// Prepares to serve <paramref name="routes"/> on the socket <paramref name="path"/>; each request passes
    /// <paramref name="gate"/>.
    /// </summary>
    public ApiServer(string path, ApiRoutes routes, RequestGate gate, DaemonLog log)
    {
        (_socket, _listener) = (path, new UnixListener(path));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.ListenUnixSocket(path);
        });
        builder.Services.RemoveAll<IConnectionListenerFactory>().AddSingleton<IConnectionListenerFactory>(_listener);
        builder.Services.AddRoutingCore();
        _application = builder.Build();
        _application.Use(next => context => Guard(context, next, gate, log));
        routes.Map(_application);
    }

    /// <summary>The routes that are served.</summary>
    public IEnumerable<RouteEndpoint> Endpoints =>
        ((IEndpointRouteBuilder)_application).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    /// <summary>True while the socket's file is there.</summary>
    public bool IsInPlace => File.Exists(_socket);

    /// <summary>Begins to serve.</summary>
    public Task StartAsync(CancellationToken cancellation) => _application.StartAsync(cancellation);

    /// <summary>Listens anew, for the socket's file is gone.</summary>
    public Task RebindAsync() => _listener.RebindAsync();

    /// <summary>Takes the socket's file away, answers the requests under way and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        Files.Delete(_socket);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _application.StopAsync(patience.Token).ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
    }

    // Around every request: nothing after the gate has closed, and every failure told in one form.
    private static async Task Guard(HttpContext context, RequestDelegate next, RequestGate gate, DaemonLog log)
    {
        if (!gate.TryEnter())
        {
            context.Response.Headers.Connection = "close";
            await ApiErrors.WriteAsync(context, StatusCodes.Status503ServiceUnavailable,
                ApiErrors.Create(Errno.EAGAIN, "this daemon is ending, and did nothing; connect anew")).ConfigureAwait(false);
            return;
        }
        try
        {
            await next(context).ConfigureAwait(false);
            if (context.Response is { HasStarted: false, StatusCode: StatusCodes.Status404NotFound })
                await ApiErrors.WriteAsync(context, StatusCodes.Status404NotFound,
                    ApiErrors.Create(Errno.ENOENT, "no such address; /openapi.json has them all")).ConfigureAwait(false);
            else if (context.Response is { HasStarted: false, StatusCode: StatusCodes.Status405MethodNotAllowed })
                await ApiErrors.WriteAsync(context, StatusCodes.Status405MethodNotAllowed,
                    ApiErrors.Create(Errno.EOPNOTSUPP, $"{context.Request.Method} is not for this address; see /openapi.json"))
                    .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Whoever asked has left.
        }
        catch (Exception fault) when (!context.Response.HasStarted)
        {
            var (status, error) = ApiErrors.From(fault);
            if (status >= StatusCodes.Status500InternalServerError)
                log.Write($"{context.Request.Method} {context.Request.Path}: {fault.Message}");
            await ApiErrors.WriteAsync(context, status, error).ConfigureAwait(false);
        }
        finally
        {
            gate.Leave();
        }
    }
}
