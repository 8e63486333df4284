using System.Net;

namespace Qanat.Linux.Netlink;

/// <summary>A packet that is to be routed, as far as routing looks at it.</summary>
/// <param name="Destination">Where it goes.</param>
public readonly record struct RouteQuery(IPAddress Destination)
{
    /// <summary>
    /// Its source, an address of this host or, with an input interface, of another; null when the route is to choose one.
    /// </summary>
    public IPAddress? Source { get; init; }

    /// <summary>Its type of service or traffic class; the two ECN bits are not looked at.</summary>
    public byte Tos { get; init; }

    /// <summary>Index of the device that it came in by; 0 when this host sends it.</summary>
    public int InputInterface { get; init; }

    /// <summary>Index of the device that it must leave by; 0 for any.</summary>
    public int OutputInterface { get; init; }

    /// <summary>Its firewall mark, which rules look at.</summary>
    public uint Mark { get; init; }
}
