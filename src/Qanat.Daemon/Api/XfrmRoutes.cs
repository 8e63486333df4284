using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Qanat.Daemon.Control.Xfrm;

namespace Qanat.Daemon.Api;

/// <summary>The API's addresses of IPsec states and policies. <c>openapi.json</c> describes each.</summary>
internal sealed class XfrmRoutes(XfrmManager xfrm) : IRouteGroup
{
    private const string States = "/v1/xfrm/states", Policies = "/v1/xfrm/policies";

    /// <summary>Maps them all.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(States, (HttpContext context) =>
        {
            var keys = Query(context, "keys") != "false";
            XfrmStateReport[] reports = Query(context, "dst") is { } destination
                ? [xfrm.GetState(XfrmWords.Address(destination), Number(context, "spi"), Number(context, "mark"), keys)]
                : xfrm.ListStates(keys);
            return Write(context, reports, XfrmJson.Default.XfrmStateReportArray);
        });
        routes.MapPost(States, async (HttpContext context) =>
        {
            var added = xfrm.Add(await ReadAsync(context, RequestJson.Default.XfrmStateSpec).ConfigureAwait(false));
            context.Response.StatusCode = StatusCodes.Status201Created;
            await Write(context, added, XfrmJson.Default.XfrmStateReport).ConfigureAwait(false);
        });
        routes.MapPut(States, async (HttpContext context) =>
        {
            var updated = xfrm.Update(await ReadAsync(context, RequestJson.Default.XfrmStateSpec).ConfigureAwait(false));
            await Write(context, updated, XfrmJson.Default.XfrmStateReport).ConfigureAwait(false);
        });
        routes.MapDelete(States, (HttpContext context) =>
        {
            if (Query(context, "dst") is { } destination)
                xfrm.RemoveState(XfrmWords.Address(destination), Number(context, "spi"), Number(context, "mark"));
            else
                xfrm.FlushStates();
            return Done(context);
        });
        routes.MapGet(Policies, (HttpContext context) => Write(context, xfrm.ListPolicies(), XfrmJson.Default.XfrmPolicyReportArray));
        routes.MapPost(Policies, async (HttpContext context) =>
        {
            var added = xfrm.Add(await ReadAsync(context, RequestJson.Default.XfrmPolicySpec).ConfigureAwait(false));
            context.Response.StatusCode = StatusCodes.Status201Created;
            await Write(context, added, XfrmJson.Default.XfrmPolicyReport).ConfigureAwait(false);
        });
        routes.MapPut(Policies, async (HttpContext context) =>
        {
            var updated = xfrm.Update(await ReadAsync(context, RequestJson.Default.XfrmPolicySpec).ConfigureAwait(false));
            await Write(context, updated, XfrmJson.Default.XfrmPolicyReport).ConfigureAwait(false);
        });
        routes.MapDelete(Policies, (HttpContext context) =>
        {
            if (Query(context, "index") is not null)
                xfrm.RemovePolicy(Number(context, "index"));
            else
                xfrm.FlushPolicies();
            return Done(context);
        });
    }

    private static string? Query(HttpContext context, string name) => context.Request.Query[name] is [var value, ..] ? value : null;

    private static uint Number(HttpContext context, string name)
    {
        if (Query(context, name) is not { } text)
            return 0;
        return uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw XfrmException.Invalid($"{name}: a number from 0 to {uint.MaxValue} is expected rather than \"{text}\"");
    }

    private static Task Done(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static Task Write<T>(HttpContext context, T answer, JsonTypeInfo<T> type) =>
        context.Response.WriteAsJsonAsync(answer, type, cancellationToken: context.RequestAborted);

    private static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type) =>
        await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted).ConfigureAwait(false)
        ?? throw new JsonException("A description is expected rather than null.");
}
