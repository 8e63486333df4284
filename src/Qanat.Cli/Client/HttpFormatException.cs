namespace Qanat.Cli.Client;

/// <summary>What came back is not HTTP, or more of it than is taken, or it ended too early.</summary>
/// <param name="message">What is wrong with it.</param>
/// <param name="silent">Whether not a single byte came.</param>
internal sealed class HttpFormatException(string message, bool silent = false) : IOException(message)
{
    /// <summary>Whether the connection ended before a single byte came: the request had no effect (see the daemon's gate).</summary>
    public bool Silent { get; } = silent;
}
