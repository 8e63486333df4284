using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using static Qanat.Linux.Interop.Rtnetlink;

namespace Qanat.Linux.Netlink;

/// <summary>Something has changed in a network namespace, as <see cref="NetworkMonitor"/> tells it.</summary>
public abstract record NetworkEvent : INetlinkParsable<NetworkEvent>
{
    /// <inheritdoc/>
    public static bool TryParse(NetlinkMessage message, [NotNullWhen(true)] out NetworkEvent? value)
    {
        value = message.Type switch
        {
            RTM_NEWLINK when Link.TryParse(message, out var link) => new LinkChanged(link),
            RTM_DELLINK when Link.TryParse(message, out var link, out var moved) => new LinkRemoved(link, moved),
            RTM_NEWADDR when InterfaceAddress.TryParse(message, out var address) => new AddressChanged(address),
            RTM_DELADDR when InterfaceAddress.TryParse(message, out var address) => new AddressRemoved(address),
            RTM_NEWROUTE when Route.TryParse(message, out var route) => new RouteChanged(route),
            RTM_DELROUTE when Route.TryParse(message, out var route) => new RouteRemoved(route),
            RTM_NEWNEIGH when Neighbour.TryParse(message, out var neighbour) => new NeighbourChanged(neighbour),
            RTM_DELNEIGH when Neighbour.TryParse(message, out var neighbour) => new NeighbourRemoved(neighbour),
            RTM_NEWRULE or RTM_DELRULE when message.Payload.Length > 0 => new RulesChanged(KernelFamily.From(message.Payload[0])),
            _ => null,
        };
        return value is not null;
    }
}

/// <summary>A device is new, or something about it has changed: its name, MTU, flags, carrier.</summary>
/// <param name="Link">The device as it is now.</param>
public sealed record LinkChanged(Link Link) : NetworkEvent;

/// <summary>A device has gone.</summary>
/// <param name="Link">The device as it was last.</param>
/// <param name="Moved">True when it lives on in another namespace, false when it was deleted.</param>
public sealed record LinkRemoved(Link Link, bool Moved) : NetworkEvent;

/// <summary>A device has an address, or that address has changed.</summary>
/// <param name="Address">The address as it is now.</param>
public sealed record AddressChanged(InterfaceAddress Address) : NetworkEvent;

/// <summary>An address has gone.</summary>
/// <param name="Address">The address as it was last.</param>
public sealed record AddressRemoved(InterfaceAddress Address) : NetworkEvent;

/// <summary>A route is new, or has changed. A device that goes down takes IPv4 routes with it without a word about each.</summary>
/// <param name="Route">The route as it is now.</param>
public sealed record RouteChanged(Route Route) : NetworkEvent;

/// <summary>A route has gone.</summary>
/// <param name="Route">The route as it was last.</param>
public sealed record RouteRemoved(Route Route) : NetworkEvent;

/// <summary>A neighbour is new, or its state or link-layer address has changed.</summary>
/// <param name="Neighbour">The entry as it is now.</param>
public sealed record NeighbourChanged(Neighbour Neighbour) : NetworkEvent;

/// <summary>A neighbour's entry has gone.</summary>
/// <param name="Neighbour">The entry as it was last.</param>
public sealed record NeighbourRemoved(Neighbour Neighbour) : NetworkEvent;

/// <summary>The rules that choose a routing table have changed: any destination may have another way now.</summary>
/// <param name="Family">IPv4 or IPv6.</param>
public sealed record RulesChanged(AddressFamily Family) : NetworkEvent;

/// <summary>The kernel dropped events because too many waited. Whatever is kept of its tables must be read again.</summary>
public sealed record EventsLost : NetworkEvent
{
    /// <summary>The one there is.</summary>
    public static EventsLost Instance { get; } = new();
}
