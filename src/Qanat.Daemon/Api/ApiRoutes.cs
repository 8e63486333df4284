using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Qanat.Daemon.Capture;
using Qanat.Daemon.Control;
using Qanat.Linux;
using Qanat.Packets;

namespace Qanat.Daemon.Api;

/// <summary>
/// The API's addresses. Handlers are plain request delegates, which need no reflection: neither trimming nor the start
/// suffers from them.
/// </summary>
internal sealed class ApiRoutes(
    TunnelManager tunnels, Func<DaemonStatus> status, MetricsText metrics, params IReadOnlyList<IRouteGroup> groups)
{
    private const long MaxBatchBytes = 64 << 20;

    /// <summary>Maps them all. <c>openapi.json</c> describes each.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/status", (HttpContext context) => Write(context, status(), ApiJson.Default.DaemonStatus));
        routes.MapGet("/v1/tunnels", (HttpContext context) => Write(context, tunnels.List(), ApiJson.Default.TunnelReportArray));
        routes.MapPost("/v1/tunnels", async (HttpContext context) =>
        {
            var spec = await ReadAsync(context, RequestJson.Default.TunnelSpec).ConfigureAwait(false);
            var added = await tunnels.AddAsync(spec).ConfigureAwait(false);
            context.Response.StatusCode = StatusCodes.Status201Created;
            context.Response.Headers.Location = $"/v1/tunnels/{Uri.EscapeDataString(added.Spec.Name)}";
            await Write(context, added, ApiJson.Default.TunnelReport).ConfigureAwait(false);
        });
        routes.MapGet("/v1/tunnels/{name}", (HttpContext context) =>
            Write(context, tunnels.Get(Name(context)), ApiJson.Default.TunnelReport));
        routes.MapPut("/v1/tunnels/{name}", async (HttpContext context) =>
        {
            var spec = await ReadAsync(context, RequestJson.Default.TunnelSpec).ConfigureAwait(false);
            var changed = await tunnels.ChangeAsync(Name(context), spec).ConfigureAwait(false);
            await Write(context, changed, ApiJson.Default.TunnelReport).ConfigureAwait(false);
        });
        routes.MapDelete("/v1/tunnels/{name}", async (HttpContext context) =>
        {
            await tunnels.RemoveAsync(Name(context)).ConfigureAwait(false);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
        routes.MapPost("/v1/tunnels/{name}/prl", async (HttpContext context) =>
        {
            var router = await ReadAsync(context, RequestJson.Default.RouterSpec).ConfigureAwait(false);
            await WriteAsync(context, tunnels.AddRouterAsync(Name(context), router)).ConfigureAwait(false);
        });
        routes.MapDelete("/v1/tunnels/{name}/prl", async (HttpContext context) =>
        {
            var router = await ReadAsync(context, RequestJson.Default.RouterSpec).ConfigureAwait(false);
            await WriteAsync(context, tunnels.RemoveRouterAsync(Name(context), router)).ConfigureAwait(false);
        });
        routes.MapPut("/v1/tunnels/{name}/6rd", async (HttpContext context) =>
        {
            var prefixes = await ReadAsync(context, RequestJson.Default.SixRdSpec).ConfigureAwait(false);
            await WriteAsync(context, tunnels.Set6rdAsync(Name(context), prefixes)).ConfigureAwait(false);
        });
        routes.MapDelete("/v1/tunnels/{name}/6rd", (HttpContext context) =>
            WriteAsync(context, tunnels.Reset6rdAsync(Name(context))));
        routes.MapPost("/v1/tunnels:batch", async (HttpContext context) =>
        {
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = MaxBatchBytes;
            var batch = await ReadAsync(context, RequestJson.Default.BatchSpec).ConfigureAwait(false);
            if (batch.Add.Contains(null!) || batch.Change.Contains(null!) || batch.Remove.Contains(null!))
                throw new JsonException("A tunnel is expected rather than null.");
            await Write(context, await tunnels.RunAsync(batch).ConfigureAwait(false), ApiJson.Default.BatchReport).ConfigureAwait(false);
        });
        routes.MapGet("/v1/tunnels/{name}/capture", (HttpContext context) => CaptureAsync(context));
        foreach (var group in groups)
            group.Map(routes);
        routes.MapGet("/metrics", async (HttpContext context) =>
        {
            var text = await metrics.WriteAsync(context.RequestAborted).ConfigureAwait(false);
            context.Response.ContentType = MetricsText.ContentType;
            await context.Response.WriteAsync(text, context.RequestAborted).ConfigureAwait(false);
        });
        routes.MapGet("/openapi.json", (HttpContext context) =>
        {
            context.Response.ContentType = "application/json";
            return OpenApiDocument.Open().CopyToAsync(context.Response.Body, context.RequestAborted);
        });
    }

    // Lasts until the client leaves, the tunnel is removed, or the daemon ends.
    private async Task CaptureAsync(HttpContext context)
    {
        var snapLength = 0;
        if (context.Request.Query["snaplen"] is [var text, ..] &&
            !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out snapLength) &&
              snapLength <= PacketBatch.MaxPacketLength))
            throw new LinuxException("capture", Errno.EINVAL, "snaplen: a number from 0 to 65535 is expected");
        var tunnel = tunnels.GetRunning(Name(context));
        var inner = ModeFacts.Of(tunnel.Parameters.Mode).IsTap ? CaptureLinkType.Ethernet : CaptureLinkType.Raw;
        using var tap = new TunnelTap(tunnel.Name, inner, snapLength, TimeProvider.System);
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        context.Response.ContentType = "application/x-pcapng";
        tunnel.AddObserver(tap);
        try
        {
            await tap.CopyToAsync(context.Response.Body, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // What has been sent is a whole capture.
        }
        finally
        {
            tunnel.RemoveObserver(tap);
        }
    }

    private static string Name(HttpContext context) => (string)context.Request.RouteValues["name"]!;

    private static Task Write<T>(HttpContext context, T answer, JsonTypeInfo<T> type) =>
        context.Response.WriteAsJsonAsync(answer, type, cancellationToken: context.RequestAborted);

    private static async Task WriteAsync(HttpContext context, Task<TunnelReport> report) =>
        await Write(context, await report.ConfigureAwait(false), ApiJson.Default.TunnelReport).ConfigureAwait(false);

    private static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type) =>
        await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted).ConfigureAwait(false)
        ?? throw new JsonException("An object is expected rather than null.");
}
