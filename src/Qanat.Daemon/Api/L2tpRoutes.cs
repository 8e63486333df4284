using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Qanat.Daemon.Control;
using Qanat.Linux;

namespace Qanat.Daemon.Api;

/// <summary>The static tunnels of L2TPv3.</summary>
internal sealed class L2tpRoutes(L2tpManager tunnels) : IRouteGroup
{
    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/l2tp/tunnels", (HttpContext context) =>
            RouteBodies.Write(context, tunnels.List(), ApiJson.Default.L2tpTunnelArray));
        routes.MapPost("/v1/l2tp/tunnels", async (HttpContext context) =>
        {
            await tunnels.AddAsync(await RouteBodies.ReadAsync(context, RequestJson.Default.L2tpTunnel).ConfigureAwait(false))
                .ConfigureAwait(false);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
        routes.MapDelete("/v1/l2tp/tunnels/{id}", async (HttpContext context) =>
        {
            await tunnels.RemoveAsync(Id(context)).ConfigureAwait(false);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
    }

    private static uint Id(HttpContext context)
    {
        var text = (string)context.Request.RouteValues["id"]!;
        return uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new LinuxException("delete l2tp tunnel", Errno.EINVAL, $"a tunnel's identifier is expected rather than \"{text}\"");
    }
}
