using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Qanat.Linux;

namespace Qanat.Daemon.Api;

/// <summary>Addresses of the API that belong together.</summary>
internal interface IRouteGroup
{
    /// <summary>Maps them. <c>openapi.json</c> describes each.</summary>
    void Map(IEndpointRouteBuilder routes);
}

/// <summary>What the groups' handlers share: bodies, queries and answers.</summary>
internal static class RouteBodies
{
    /// <summary>Answers with JSON.</summary>
    public static Task Write<T>(HttpContext context, T answer, JsonTypeInfo<T> type) =>
        context.Response.WriteAsJsonAsync(answer, type, cancellationToken: context.RequestAborted);

    /// <summary>Reads the body strictly.</summary>
    /// <exception cref="JsonException">It is not what is expected.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type) =>
        await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted).ConfigureAwait(false)
        ?? throw new JsonException("A JSON object is expected rather than null.");

    /// <summary>A member of the query; null when it is not there.</summary>
    public static string? Text(HttpContext context, string name) =>
        context.Request.Query[name] is [{ Length: > 0 } text, ..] ? text : null;

    /// <summary>A number of the query; null when it is not there.</summary>
    /// <exception cref="LinuxException">EINVAL: it is none.</exception>
    public static uint? Number(HttpContext context, string name) =>
        Text(context, name) is not { } text ? null
        : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new LinuxException(context.Request.Method, Errno.EINVAL, $"{name}: a number is expected rather than \"{text}\"");
}
