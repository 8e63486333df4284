using System.Globalization;
using Qanat.Linux;
using Qanat.Linux.Netlink;
using Qanat.WireGuard;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.WireGuard;

/// <summary>Turns endpoints as users write them into those that packets are sent to, and back: interfaces have names there.</summary>
internal sealed class PeerPlaces(RouteNetlink netlink)
{
    /// <summary>Finds the place that an endpoint's text names.</summary>
    /// <exception cref="LinuxException">
    /// EINVAL: it is no address and port; ENODEV: there is no interface of the name behind the <c>%</c>.
    /// </exception>
    public Endpoint Resolve(PeerEndpoint endpoint)
    {
        if (!endpoint.TryGetAddress(out var address, out var zone) || !endpoint.TryGetPort(out var port))
            throw new LinuxException($"use the endpoint {endpoint}", Errno.EINVAL, "it is no address and port");
        return new(address, port, zone.Length == 0 ? 0 : LinkOf(zone));
    }

    /// <summary>The text of an endpoint.</summary>
    public PeerEndpoint Describe(Endpoint endpoint)
    {
        var text = PeerEndpoint.From(endpoint.Address, endpoint.Port);
        return endpoint.Link == 0 ? text : text with { Host = $"{text.Host}%{NameOf(endpoint.Link)}" };
    }

    // A name that is a number may be the interface's own.
    private int LinkOf(string zone) =>
        netlink.Links.Find(zone) is { } link ? link.Index
        : int.TryParse(zone, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index
        : throw new LinuxException($"find the interface {zone}", Errno.ENODEV);

    private string NameOf(int link) => netlink.Links.Find(link)?.Name ?? link.ToString(CultureInfo.InvariantCulture);
}
