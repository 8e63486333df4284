using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Qanat.Daemon.Control;

namespace Qanat.Daemon.Api;

/// <summary>The UDP ports that receive for tunnels.</summary>
internal sealed class FouRoutes(FouManager ports) : IRouteGroup
{
    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/fou", (HttpContext context) => RouteBodies.Write(context, ports.List(), ApiJson.Default.FouPortArray));
        routes.MapPost("/v1/fou", async (HttpContext context) =>
        {
            await ports.AddAsync(await RouteBodies.ReadAsync(context, RequestJson.Default.FouPort).ConfigureAwait(false))
                .ConfigureAwait(false);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
        routes.MapDelete("/v1/fou", async (HttpContext context) =>
        {
            await ports.RemoveAsync(Named(context)).ConfigureAwait(false);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
    }

    private static FouPort Named(HttpContext context) => new()
    {
        Port = (int)Math.Min(RouteBodies.Number(context, "port") ?? 0, int.MaxValue),
        Family = RouteBodies.Text(context, "family") ?? "inet",
        Local = RouteBodies.Text(context, "local") ?? "any",
        Peer = RouteBodies.Text(context, "peer") ?? "any",
        PeerPort = (int)Math.Min(RouteBodies.Number(context, "peerPort") ?? 0, int.MaxValue),
        Dev = RouteBodies.Text(context, "dev"),
    };
}
