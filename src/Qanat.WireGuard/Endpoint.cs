using Qanat.Packets;

namespace Qanat.WireGuard;

/// <summary>Where a peer is.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Port">Its UDP port, in host byte order.</param>
/// <param name="Link">The interface that a link-local address is reached by; 0 leaves that to the routes.</param>
public readonly record struct Endpoint(IpAddress Address, ushort Port, int Link = 0)
{
    /// <summary>
    /// The address of ours that it sent to, from which it is answered, so that a machine with several addresses keeps to one; any
    /// leaves that to the routes.
    /// </summary>
    public IpAddress Local { get; init; }

    /// <summary>True for a place that packets can be sent to.</summary>
    public bool IsKnown => Port != 0;

    /// <summary>Whether the other is the same place, whatever address of ours it is reached from.</summary>
    public bool IsAt(in Endpoint other) => Address == other.Address && Port == other.Port && Link == other.Link;

    /// <summary><c>192.0.2.1:51820</c>, <c>[2001:db8::1]:51820</c>.</summary>
    public override string ToString() => Address.IsIPv6 ? $"[{Address}]:{Port}" : $"{Address}:{Port}";
}
