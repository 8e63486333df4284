namespace Qanat.Cli.Client;

/// <summary>An answer over HTTP.</summary>
/// <param name="Status">Its status code.</param>
/// <param name="Body">Its body, without the framing.</param>
internal readonly record struct HttpResponse(int Status, byte[] Body);
