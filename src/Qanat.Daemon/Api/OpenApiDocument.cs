namespace Qanat.Daemon.Api;

/// <summary>
/// The API's description, OpenAPI 3.1. It is written by hand and embedded, so that it costs the daemon nothing; a test
/// holds it against the routes and the contracts.
/// </summary>
internal static class OpenApiDocument
{
    /// <summary>Opens the document, JSON in UTF-8.</summary>
    public static Stream Open() => typeof(OpenApiDocument).Assembly.GetManifestResourceStream("openapi.json")!;
}
