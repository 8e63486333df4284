namespace Qanat.Daemon.Api;

/// <summary>
/// Many tunnels at once: the body of <c>POST /v1/tunnels:batch</c>. First those to be removed go, then the changes are made, then
/// the additions; what is in the way of one does not keep the others.
/// </summary>
public sealed record BatchSpec
{
    /// <summary>Tunnels to be made.</summary>
    public IReadOnlyList<TunnelSpec> Add { get; set; } = [];

    /// <summary>New parameters, all of them, for the tunnels with these names.</summary>
    public IReadOnlyList<TunnelSpec> Change { get; set; } = [];

    /// <summary>Names of tunnels to be removed.</summary>
    public IReadOnlyList<string> Remove { get; set; } = [];
}

/// <summary>What became of a batch: a result for each of its items, in their order.</summary>
/// <param name="Added">Those to be made.</param>
/// <param name="Changed">Those to be changed.</param>
/// <param name="Removed">Those to be removed.</param>
public sealed record BatchReport(
    IReadOnlyList<BatchResult> Added, IReadOnlyList<BatchResult> Changed, IReadOnlyList<BatchResult> Removed);

/// <summary>What became of an item.</summary>
/// <param name="Name">The device's name; of one that was not made, as it was asked for.</param>
/// <param name="Index">The device's interface index; 0 of one that failed.</param>
/// <param name="Error">Why it was not done; null when it was.</param>
public sealed record BatchResult(string Name, int Index, ApiError? Error = null);

/// <summary>The body of <c>PUT /v1/tunnels/{name}/6rd</c>.</summary>
public sealed record SixRdSpec
{
    /// <summary>The 6rd prefix, with its length.</summary>
    public required string Prefix { get; set; }

    /// <summary>What the IPv4 addresses of the domain begin with.</summary>
    public string RelayPrefix { get; set; } = "0.0.0.0/0";
}
