using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Qanat.Daemon.Control;
using Qanat.Linux;

namespace Qanat.Daemon.Api;

/// <summary>The forwarding tables of VXLAN.</summary>
internal sealed class FdbRoutes(FdbManager tables) : IRouteGroup
{
    private const string Path = "/v1/tunnels/{name}/fdb";

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, async (HttpContext context) =>
            await RouteBodies.Write(context, await tables.ListAsync(Name(context)).ConfigureAwait(false), ApiJson.Default.FdbEntryArray)
                .ConfigureAwait(false));
        routes.MapPost(Path, async (HttpContext context) =>
        {
            var entry = await RouteBodies.ReadAsync(context, RequestJson.Default.FdbEntry).ConfigureAwait(false);
            await tables.AddAsync(Name(context), entry, Verb(context)).ConfigureAwait(false);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
        routes.MapDelete(Path, async (HttpContext context) =>
        {
            await tables.RemoveAsync(Name(context), RouteBodies.Text(context, "mac") ?? "", devices => FdbRecords.Destination(
                "delete fdb entry", RouteBodies.Text(context, "dst"), (int?)RouteBodies.Number(context, "port"),
                RouteBodies.Number(context, "vni"), RouteBodies.Text(context, "via"), devices)).ConfigureAwait(false);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
        routes.MapPost(Path + ":flush", async (HttpContext context) =>
        {
            var filter = await RouteBodies.ReadAsync(context, RequestJson.Default.FdbFilter).ConfigureAwait(false);
            await tables.FlushAsync(Name(context), filter).ConfigureAwait(false);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
    }

    private static string Name(HttpContext context) => (string)context.Request.RouteValues["name"]!;

    private static FdbVerb Verb(HttpContext context) => RouteBodies.Text(context, "verb") switch
    {
        null or "add" => FdbVerb.Add,
        "append" => FdbVerb.Append,
        "replace" => FdbVerb.Replace,
        var other => throw new LinuxException(
            "add fdb entry", Errno.EINVAL, $"verb: add, append or replace is expected rather than \"{other}\""),
    };
}
