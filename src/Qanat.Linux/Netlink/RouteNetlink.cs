using Qanat.Linux.Namespaces;

namespace Qanat.Linux.Netlink;

/// <summary>
/// The kernel's network configuration over rtnetlink, divided as the <c>ip</c> command is: links, addresses, routes,
/// rules and neighbours of one network namespace. It belongs to one thread at a time.
/// </summary>
/// <remarks>Every refusal is a <see cref="LinuxException"/> with the kernel's own words, where it has any.</remarks>
public sealed class RouteNetlink : IDisposable
{
    private readonly NetlinkSocket _socket;

    /// <summary>Opens a socket to the namespace that the calling thread is in.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public RouteNetlink()
    {
        _socket = new NetlinkSocket();
        Links = new(_socket);
        Addresses = new(_socket);
        Routes = new(_socket);
        Rules = new(_socket);
        Neighbours = new(_socket);
    }

    /// <summary>Opens a socket to another namespace, usable from any thread.</summary>
    /// <exception cref="LinuxException">The namespace cannot be entered.</exception>
    public static RouteNetlink In(NetworkNamespace networkNamespace) => networkNamespace.Run(() => new RouteNetlink());

    /// <summary>Network devices: <c>ip link</c>.</summary>
    public Links Links { get; }

    /// <summary>Addresses of devices: <c>ip address</c>.</summary>
    public Addresses Addresses { get; }

    /// <summary>Routes, and the way to a destination: <c>ip route</c>.</summary>
    public Routes Routes { get; }

    /// <summary>The rules that choose a routing table: <c>ip rule</c>.</summary>
    public Rules Rules { get; }

    /// <summary>Link-layer addresses of neighbours: <c>ip neighbour</c>.</summary>
    public Neighbours Neighbours { get; }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
