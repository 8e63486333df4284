using Qanat.Linux.Netlink;

namespace Qanat.Cli.Doctor.Facts;

/// <summary>The kernel's answer to where a packet would go.</summary>
/// <param name="Route">The way; null when there is none.</param>
/// <param name="Error">Why there is none; 0 otherwise.</param>
internal readonly record struct Way(Route? Route, int Error);

/// <summary>Whom to ask for ways.</summary>
internal interface IRouting
{
    /// <summary>Where a packet would go.</summary>
    Way Find(in RouteQuery query);
}

/// <summary>The kernel of the network namespace.</summary>
/// <param name="netlink">A socket to it.</param>
internal sealed class KernelRouting(RouteNetlink netlink) : IRouting
{
    /// <inheritdoc/>
    public Way Find(in RouteQuery query) => netlink.Routes.TryGet(query, out var route, out var error) ? new(route, 0) : new(null, error);
}
